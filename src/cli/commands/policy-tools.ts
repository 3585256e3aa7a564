/** What an agency tries a policy with before anybody signs it: presets, tests, and a dry run over earlier jobs. */
import { writeFile } from 'node:fs/promises';
import { DryRunView, PolicyTestsView, PolicyView, type DryRunEntry, type DryRunSide } from '#contract/api/policies.ts';
import { DatasetId } from '#contract/manifest.ts';
import { judgeTest, PolicyTestFile, type PolicyTestResult } from '#contract/policy-tests.ts';
import { Policy } from '#contract/policy.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { triedOf } from '#src/catalog/policy-tests.ts';
import { draftPolicy, presets, presetSummary } from '#src/catalog/presets.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readDocument } from '../files.ts';
import type { Session } from '../io.ts';
import { STATUS, stop, usage, type CliFailure, type Outcome } from '../outcome.ts';
import { grid } from '../output/grid.ts';
import { showRefusals } from '../output/refusal.ts';
import { inLanguage } from '../output/result.ts';
import { TABLE_FILES } from '../perturbation-file.ts';
import { TrialDomain } from '../trial/domain.ts';
import { readDatasets, readManifest, type TrialDataset } from '../trial/plan.ts';
import { hierarchyLevels, policyProblems } from '../trial/policy-problems.ts';

const isProposal = (given: string): boolean => given.startsWith('prop_');

const list = command({
  name: 'policy presets',
  summary: text('release rules that other bodies publish, with their sources', '其他机构公布的发布规则及其来源'),
  options: {},
  examples: ['policy presets'],
  run: async (session): Promise<Outcome> => {
    const { language } = session;
    const all = presets().map(presetSummary);
    if (session.json) session.out(`${JSON.stringify({ items: inLanguage(all, language) })}\n`);
    else for (const { preset, title, notes, sources } of all) session.out(`${preset}: ${title[language]}\n  ${notes[language]}\n${sources.map((source) => `  [${source}]\n`).join('')}`);
    return ok(STATUS.done);
  },
});

const begin = command({
  name: 'policy new',
  summary: text('a starting policy for a dataset from a preset: quasi-identifiers become dimensions, sensitive numbers measures', '由预设生成数据集的起始策略：准标识符作为维度，敏感数值作为度量'),
  options: {
    preset: { type: 'value', value: 'PRESET', required: true, help: text('one of `sluice policy presets`', '`sluice policy presets` 所列之一') },
    dataset: { type: 'value', value: 'DIR', required: true, help: text('directory with dataset.json; its data are not read', '含 dataset.json 的目录；不读取数据') },
    out: { type: 'value', value: 'FILE', help: text('write it here (default: standard output); a file that exists is left alone', '写入此文件（默认：标准输出）；不覆盖已有文件') },
  },
  notes: text('The draft names only what the manifest declares, coarse where there is a choice. Read it, change it, give it tests, then propose it.', '草案仅依据清单所声明的内容，可选时取较粗粒度。请审阅、修改并编写测试后再提出。'),
  examples: ['policy new --preset acro --dataset datasets/city --out city-statistics.json'],
  run: async (session, { preset, dataset, out }): Promise<Outcome> => {
    const read = await readManifest(session, dataset);
    if (!read.ok) return read;
    const levels = await hierarchyLevels(read.value.directory, read.value.manifest);
    if (!levels.ok) return levels;
    const draft = draftPolicy(DatasetId.safeParse(preset).data ?? ('' as DatasetId), read.value.manifest, levels.value);
    if (!draft.ok) {
      const { detail, errors = [] } = draft.error;
      return stop(STATUS.refused, detail, { lines: errors.map(({ at, message }) => `  ${at}: ${message[session.language]}`) });
    }
    const { document, leftOut, warnings } = draft.value;
    const written = `${JSON.stringify(document, null, 2)}\n`;
    if (out === undefined) session.out(written);
    else {
      const saved = await writeFile(out, written, { flag: 'wx' }).then(() => true, () => false);
      if (!saved) return usage(`Cannot write ${out}: it exists, or its directory cannot be written.`, `无法写入 ${out}：文件已存在，或目录不可写。`);
    }
    for (const { column, reason } of leftOut) session.err(`${text(`left out: ${column}: ${reason.en}`, `未纳入：${column}：${reason.zh}`)[session.language]}\n`);
    for (const warning of warnings) session.err(`${text(`warning: ${warning.en}`, `警告：${warning.zh}`)[session.language]}\n`);
    return ok(STATUS.done);
  },
});

const test = command({
  name: 'policy test',
  summary: text("run a policy's tests: offline against files, or those of a proposal on the server", '运行策略测试：离线针对文件，或由服务器运行提案的测试'),
  positionals: [{ name: 'FILE|PROPOSAL' }],
  options: {
    dataset: { type: 'value', value: 'DIR', help: text('offline: directory with dataset.json and its files', '离线：含 dataset.json 及其数据文件的目录') },
    policy: { type: 'value', value: 'FILE|open', help: text('offline: the policy (default: NAME.json beside tests named NAME.tests.json)', '离线：发布策略（默认：测试文件 NAME.tests.json 旁的 NAME.json）') },
    'perturbation-table': TABLE_FILES,
  },
  examples: ['policy test policies/tests/adult-statistics.tests.json --dataset datasets/adult --policy policies/adult-statistics.json', 'policy test prop_…'],
  run: async (session, { dataset, policy, 'perturbation-table': tables }, [target = '']): Promise<Outcome> => {
    if (isProposal(target)) {
      const tested = await call(session, 'POST', `/policies/${encodeURIComponent(target)}/test`, PolicyTestsView);
      if (!tested.ok) return tested;
      return showResults(session, tested.value.run?.results ?? []);
    }
    if (dataset === undefined) return usage('"policy test" with a file needs --dataset DIR.', '“policy test”使用文件时须给出 --dataset DIR。');
    const file = await readDocument(session, target, PolicyTestFile);
    if (!file.ok) return file;
    const named = policy ?? (target.endsWith('.tests.json') ? target.replace(/\.tests\.json$/, '.json') : undefined);
    if (named === undefined) return usage('"policy test" needs --policy FILE: the tests are not in a file named NAME.tests.json.', '“policy test”须给出 --policy FILE：测试文件名不是 NAME.tests.json 形式。');
    const read = await readDatasets(session, [dataset], [named], tables);
    if (!read.ok) return read;
    const [trial] = read.value;
    if (trial === undefined || trial.manifest.id !== file.value.dataset) return usage(`The tests are for the dataset "${file.value.dataset}", not for the one in ${dataset}.`, `测试针对数据集“${file.value.dataset}”，而非 ${dataset} 中的数据集。`);
    const results = await runOffline(session, trial, file.value);
    return results.ok ? showResults(session, results.value) : results;
  },
});

/** The way of `sluice try`: a temporary domain, and for each test a worker that knows of no release before. */
async function runOffline(session: Session, trial: TrialDataset, { tests }: PolicyTestFile): Promise<Result<readonly PolicyTestResult[], CliFailure>> {
  const { language } = session;
  const found = await policyProblems([trial]);
  if (!found.ok) return found;
  const fatal = found.value.filter((one) => one.fatal);
  if (fatal.length > 0) {
    return stop(STATUS.refused, text('The policy cannot be used; nothing was run:', '策略不能使用，未执行任何测试：'), { lines: fatal.map(({ problem, clause }) => `  ${clause}: ${problem.message[language]}`) });
  }
  const domain = await TrialDomain.open(session);
  if (!domain.ok) return domain;
  try {
    const taken = await domain.value.ingest(trial, language);
    if (!taken.ok) return taken;
    if (taken.value.length > 0) return stop(STATUS.refused, text('The files contradict the manifest; nothing was run:', '文件与清单不符，未执行任何测试：'), { lines: showRefusals(taken.value, null, language) });
    const results: PolicyTestResult[] = [];
    const looksBack = trial.policy.statistics.differencing !== 'none';
    for (const one of tests) {
      if (looksBack) domain.value.renewOperator();
      results.push(judgeTest(one, triedOf(await domain.value.ask(one.sql, false))));
      if (session.interrupted.aborted) return stop(STATUS.interrupted, text('Interrupted.', '已中断。'));
    }
    return ok(results);
  } finally {
    await domain.value.close();
  }
}

function showResults(session: Session, results: readonly PolicyTestResult[]): Outcome {
  const { language } = session;
  const failed = results.filter(({ passed }) => !passed);
  if (session.json) session.out(`${JSON.stringify({ passed: results.length - failed.length, failed: failed.length, results: inLanguage(results, language) })}\n`);
  else {
    for (const { name, message } of results) session.out(message === null ? `✓ ${name}\n` : `✗ ${name}: ${message[language]}\n`);
    session.out(`${text(`${results.length - failed.length} of ${results.length} tests passed.`, `${results.length} 项测试中 ${results.length - failed.length} 项通过。`)[language]}\n`);
  }
  return ok(failed.length === 0 ? STATUS.done : STATUS.refused);
}

const dryRun = command({
  name: 'policy dry-run',
  summary: text("try a draft on the dataset's latest jobs: which would come out otherwise, and how; nothing is released", '以数据集最近的作业试用草案：哪些结果会改变及如何改变；不发布任何内容'),
  positionals: [{ name: 'FILE|PROPOSAL' }],
  options: { last: { type: 'value', value: 'N', help: text('how many jobs (default 20, at most 100)', '作业数（默认 20，最多 100）') } },
  examples: ['policy dry-run draft.json --last 50', 'policy dry-run prop_…'],
  run: async (session, { last }, [target = '']): Promise<Outcome> => {
    const document = await draftOf(session, target);
    if (!document.ok) return document;
    if (last !== undefined && !/^[1-9]\d{0,3}$/.test(last)) return usage('--last takes a number of jobs.', '--last 须为作业数。');
    const report = await call(session, 'POST', '/policies:dry-run', DryRunView, { body: { document: document.value, ...(last !== undefined && { last: Number(last) }) } });
    if (!report.ok) return report;
    if (session.json) session.out(`${JSON.stringify(report.value)}\n`);
    else showDryRun(session, report.value);
    return ok(STATUS.done);
  },
});

async function draftOf(session: Session, target: string): Promise<Result<unknown, CliFailure>> {
  if (!isProposal(target)) return readDocument(session, target, Policy);
  const proposed = await call(session, 'GET', `/policies/${encodeURIComponent(target)}`, PolicyView);
  return proposed.ok ? ok(proposed.value.document) : proposed;
}

const OUTCOMES = {
  released: text('released', '发布'), held: text('held', '待审'), refused: text('refused', '拒绝'), failed: text('no answer', '无应答'),
  unfit: text('not comparable: the draft does not fit the manifest of that time', '不可比：草案与当时的清单不符'),
} as const satisfies Record<DryRunSide['outcome'], Text>;

function showDryRun({ language, out, err }: Session, { jobs, changed }: DryRunView): void {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const side = ({ outcome, codes, marked, rows }: DryRunSide) => [
    OUTCOMES[outcome][language], ...codes, ...(rows === null ? [] : [say(`${rows} rows`, `${rows} 行`)]), ...(marked === null ? [] : [say(`${marked} withheld`, `隐去 ${marked}`)]),
  ].join(', ');
  const rules = ({ rules: of }: DryRunEntry) => of.map(({ clause, cells }) => `${clause}: ${cells}`).join('; ');
  if (jobs.length === 0) err(`${say('No job of the dataset has been answered yet.', '该数据集尚无已应答的作业。')}\n`);
  else {
    out(grid(
      [{ title: say('job', '作业标识') }, { title: say('changed', '改变') }, { title: say('before', '原结果') }, { title: say('under the draft', '草案下') }, { title: say('cells withheld by', '各条款隐去的单元数') }],
      jobs.map((job) => [job.job, job.changed ? say('yes', '是') : '', side(job.before), side(job.after), rules(job)]),
    ));
    out(`${say(`${changed} of ${jobs.length} jobs would come out otherwise.`, `${jobs.length} 个作业中有 ${changed} 个结果会改变。`)}\n`);
  }
}

export const POLICY_TOOL_COMMANDS: readonly Command[] = [list, begin, test, dryRun];
