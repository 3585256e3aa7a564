/** Perturbation tables of an agency's own: checked without a server, loaded, listed, shown. */
import { z } from 'zod';
import { TableLoaded, TablePage, TableSummary, TableView, type TableLoaded as Loaded } from '#contract/api/perturbation-tables.ts';
import { Digest } from '#contract/canonical.ts';
import { statedNoise, type StatedNoise } from '#contract/noise-size.ts';
import { fixedLines, ONS_COUNTS, onsLines, onsSize, type OnsLine } from '#contract/ons-table.ts';
import { tableReference } from '#contract/perturbation-table.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Language, type Text } from '#contract/text.ts';
import { call, send } from '../client.ts';
import { command, type Command } from '../command.ts';
import { writeBytes } from '../files.ts';
import type { Session } from '../io.ts';
import { fields, listCommand, showDocument } from '../listing.ts';
import { STATUS, stop, type CliFailure, type Outcome } from '../outcome.ts';
import { grid } from '../output/grid.ts';
import { nameOf, readCsv, readTableFile } from '../perturbation-file.ts';

const PATH = '/perturbation-tables';

/** What a person wants to know at once: how large the noise is from which count on, and below. */
function said({ from, below, ...above }: StatedNoise): Text {
  const one = (language: Language, { variance, maxDeviation, bias }: Omit<StatedNoise, 'from' | 'below'>) => text(
    `V ${variance}, D ${maxDeviation}${bias === undefined ? '' : `, off by up to ${bias} in the mean`}`,
    `V ${variance}，D ${maxDeviation}${bias === undefined ? '' : `，平均偏差可达 ${bias}`}`,
  )[language];
  return text(
    `${one('en', above)} from ${from}${below === null ? '' : `; below ${one('en', below)}`}`,
    `${from} 起：${one('zh', above)}${below === null ? '' : `；以下：${one('zh', below)}`}`,
  );
}

/** A table that is the same for every key is a rounding rule that everybody can read. */
function warnings({ noise, fixed }: Pick<Loaded, 'noise' | 'fixed'>): readonly Text[] {
  return [
    ...(fixed === 0 ? [] : [text(
      `${fixed} of ${ONS_COUNTS} counts have the same noise whatever the key: of these it protects as rounding does, and no better.`,
      `${ONS_COUNTS} 个计数中有 ${fixed} 个的噪声与单元键无关：对这些计数，其保护作用等同于舍入。`,
    )]),
    ...(noise.bias === undefined && noise.below?.bias === undefined ? [] : [text(
      'The noise of some counts is not 0 on average. Every result under the table says by how much.',
      '部分计数的噪声均值不为 0；使用该表的每项结果都会注明偏差大小。',
    )]),
  ];
}

function showTable(session: Session, table: Loaded): void {
  const { noise, ...facts } = table;
  if (session.json) session.out(`${JSON.stringify(table)}\n`);
  else session.out(fields({ ...facts, noise: said(noise) }, session.language));
  for (const warning of warnings(table)) session.err(`${warning[session.language]}\n`);
}

function showLines(session: Session, lines: readonly OnsLine[]): void {
  const { language } = session;
  const right = (en: string, zh: string) => ({ title: text(en, zh)[language], align: 'right' as const });
  const number = (value: number) => String(Number(value.toPrecision(4)));
  session.out(grid(
    [right('count', '计数'), right('mean', '均值'), right('variance', '方差'), right('largest', '最大偏差')],
    lines.map(({ pcv, mean, variance, maxDeviation }) => [String(pcv), number(mean), number(variance), String(maxDeviation)]),
  ));
}

/** Fails where the caller's organisation has no table of that name. */
async function digestFor(session: Session, named: string): Promise<Result<Digest, CliFailure>> {
  const digest = Digest.safeParse(named.replace(/^sha256:/, ''));
  if (digest.success) return ok(digest.data);
  const page = await call(session, 'GET', PATH, TablePage, { query: { name: named } });
  if (!page.ok) return page;
  const [found] = page.value.items;
  return found === undefined ? stop(STATUS.refused, text(`There is no perturbation table “${named}”.`, `没有扰动表“${named}”。`)) : ok(found.table);
}

export const PERTURBATION_TABLE_COMMANDS: readonly Command[] = [
  command({
    name: 'perturbation-table check',
    summary: text('whether a file is a perturbation table that can be loaded, and how large its noise is; without a server', '离线检查文件是否为可载入的扰动表，并给出噪声大小'),
    positionals: [{ name: 'FILE' }],
    options: { lines: { type: 'flag', help: text('mean, variance and largest deviation of each count', '列出每个计数的均值、方差与最大偏差') } },
    notes: text(
      'FILE has lines pcv,ckey,pvalue as the tables of the ONS: every pcv of 1 to 750 with every ckey of 0 to 255, once (- is standard input; .gz is unpacked). Its reference is what a policy names, and what the log has of it.',
      'FILE 每行为 pcv,ckey,pvalue，与 ONS 扰动表形式一致：pcv 1 至 750 与 ckey 0 至 255 的每种组合各一行（- 为标准输入；.gz 会自动解压）。reference 即策略所引用、日志所记录的标识。',
    ),
    examples: ['perturbation-table check policies/perturbation/ons-10-5.csv.gz'],
    run: async (session, { lines }, [file = '']): Promise<Outcome> => {
      const table = await readTableFile(session, file);
      if (!table.ok) return table;
      const facts = { noise: statedNoise(onsSize(table.value.noise)), fixed: fixedLines(table.value.noise) };
      const named = { reference: tableReference(table.value.digest), ...facts };
      if (session.json) session.out(`${JSON.stringify({ ...named, ...(lines && { lines: onsLines(table.value.noise) }) })}\n`);
      else {
        session.out(fields({ ...named, noise: said(facts.noise) }, session.language));
        if (lines) showLines(session, onsLines(table.value.noise));
      }
      for (const warning of warnings(facts)) session.err(`${warning[session.language]}\n`);
      return ok(STATUS.done);
    },
  }),
  command({
    name: 'perturbation-table add',
    summary: text('load a perturbation table of your own, for policies to name', '载入本单位自有的扰动表，供策略引用'),
    positionals: [{ name: 'FILE' }],
    options: { name: { type: 'value', value: 'NAME', help: text('name in policies (default: that of the file); a name is given once', '策略中所用的名称（默认取文件名）；名称只能使用一次') } },
    notes: text(
      'A policy names it as statistics.mechanism.table; when the policy is proposed the name is replaced by the digest. What a table may not have: perturbation-table check.',
      '策略在 statistics.mechanism.table 中引用该名称；提出策略时名称会替换为摘要。对表的要求见 perturbation-table check。',
    ),
    examples: ['perturbation-table add census-2030.csv', 'perturbation-table add table.csv.gz --name census-2030'],
    run: async (session, { name }, [file = '']): Promise<Outcome> => {
      const csv = await readCsv(session, file);
      if (!csv.ok) return csv;
      const loaded = await call(session, 'POST', PATH, TableLoaded, { body: { name: name ?? nameOf(file), csv: csv.value } });
      if (!loaded.ok) return loaded;
      showTable(session, loaded.value);
      return ok(STATUS.done);
    },
  }),
  listCommand({
    name: 'perturbation-table list',
    summary: text('perturbation tables of your organisation; auditors: of all', '本单位的扰动表；审计人员可见全部'),
    path: PATH,
    item: TableSummary,
    filters: { name: { type: 'value', value: 'NAME', help: text('only of this name', '仅此名称') } },
    columns: [
      { title: text('name', '名称'), show: (one) => one.name },
      { title: text('reference', '引用标识'), show: (one) => one.reference },
      { title: text('loaded', '载入时间'), show: (one) => one.loadedAt },
      { title: text('noise', '噪声'), show: (one, language) => said(one.noise)[language] },
    ],
  }),
  command({
    name: 'perturbation-table show',
    summary: text('one table: how large the noise of each count is', '查看扰动表：每个计数的噪声大小'),
    positionals: [{ name: 'NAME|DIGEST' }],
    options: { out: { type: 'value', value: 'FILE', help: text('write its lines here', '将其各行写入此文件') } },
    examples: ['perturbation-table show census-2030', 'perturbation-table show census-2030 --out census-2030.csv'],
    run: async (session, { out }, [named = '']): Promise<Outcome> => {
      const digest = await digestFor(session, named);
      if (!digest.ok) return digest;
      const table = await call(session, 'GET', `${PATH}/${digest.value}`, TableView);
      if (!table.ok) return table;
      if (out !== undefined) {
        const csv = await send(session, 'GET', `${PATH}/${digest.value}/csv`, { headers: { accept: '*/*' } });
        if (!csv.ok) return csv;
        const written = await writeBytes(out, new Uint8Array(await csv.value.arrayBuffer()));
        if (!written.ok) return written;
      }
      if (session.json) {
        showDocument(session, table.value);
        return ok(STATUS.done);
      }
      const { lines, ...facts } = table.value;
      showTable(session, facts);
      if (out === undefined) showLines(session, lines);
      return ok(STATUS.done);
    },
  }),
];
