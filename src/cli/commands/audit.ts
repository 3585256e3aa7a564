/** The audit trail: take a copy, verify it offline, replay a job. */
import { mkdir } from 'node:fs/promises';
import { ReplayView } from '#contract/api/releases.ts';
import type { VerificationReport } from '#contract/audit.ts';
import { ok } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';
import { exportLog } from '#src/audit/export.ts';
import { LogFiles, type LogSource } from '#src/audit/log-files.ts';
import { verifyLog } from '#src/audit/verify.ts';
import { call, send } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readBytes, readText, writeBytes } from '../files.ts';
import type { Session } from '../io.ts';
import { listCommand, showDocument } from '../listing.ts';
import { STATUS, stop, type CliFailure, type Outcome } from '../outcome.ts';
import { grid } from '../output/grid.ts';
import { inLanguage } from '../output/result.ts';

/** What could not be fetched, kept beside the source: a verifier only knows "not there". */
interface ServerSource extends LogSource {
  readonly failure: () => CliFailure | null;
}

function serverSource(session: Session): ServerSource {
  let failure: CliFailure | null = null;
  return {
    failure: () => failure,
    read: async (path) => {
      const fetched = await send(session, 'GET', `/${path}`, { below: '/audit', headers: { accept: '*/*' } });
      if (fetched.ok) return new Uint8Array(await fetched.value.arrayBuffer());
      failure ??= fetched.error;
      return null;
    },
  };
}

/** A directory, or a server named by its URL. */
function sourceOf(session: Session, from: string): ServerSource {
  if (/^https?:\/\//.test(from)) return serverSource({ ...session, server: from.replace(/\/+$/, '').replace(/\/audit$/, '') });
  const files = new LogFiles(from);
  return { read: (path) => files.read(path), failure: () => null };
}

const verify = command({
  name: 'audit verify',
  summary: text('verify a copy of the log, offline: tree, signatures, and the rules of the story', '离线验证日志副本：哈希树、签名，以及事件应遵守的规则'),
  positionals: [{ name: 'DIR|URL' }],
  options: {
    vkey: { type: 'value', value: 'FILE', help: text("the log's verifier key as you know it (default: the one beside the log)", '您所知的日志验证公钥（默认：日志旁的公钥）') },
    since: { type: 'value', value: 'FILE', help: text('a checkpoint kept from an earlier visit: the log must extend it', '此前保存的检查点：日志须为其延续') },
  },
  notes: text('Exit status 0: everything holds; 1: a violation; 2: nothing that can be read.', '退出状态 0：全部成立；1：发现违规；2：无法读取。'),
  examples: ['audit verify copy', 'audit verify copy --since checkpoint.kept --vkey log.vkey'],
  run: async (session, { vkey, since }, [from = '']): Promise<Outcome> => {
    const key = vkey === undefined ? ok(undefined) : await readText(session, vkey);
    if (!key.ok) return key;
    const earlier = since === undefined ? ok(undefined) : await readBytes(session, since);
    if (!earlier.ok) return earlier;
    const source = sourceOf(session, from);
    const report = await verifyLog({
      source,
      ...(key.value !== undefined && { vkey: key.value.trim() }),
      ...(earlier.value !== undefined && { since: earlier.value }),
      onProgress: (entries, size) => {
        if (!session.json && entries % 65_536 < 256 && size > 65_536) session.err(text(`${entries} of ${size} entries\n`, `已验证 ${entries}/${size} 条\n`)[session.language]);
      },
    });
    const unfetched = source.failure();
    if (report.outcome === 'unreadable' && unfetched !== null) return { ok: false, error: unfetched };
    if (session.json) session.out(`${JSON.stringify(inLanguage(report, session.language))}\n`);
    else session.out(showReport(report, from, session.language));
    return ok(({ verified: STATUS.done, violated: STATUS.refused, unreadable: STATUS.usage } as const)[report.outcome]);
  },
});

function showReport({ outcome, log, checks, failure }: VerificationReport, from: string, language: Language): string {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const lines: string[] = [];
  if (log !== null) {
    lines.push(
      `${say('log', '日志')} ${log.origin}: ${say(`${log.size} entries`, `${log.size} 条`)}, ${say('root', '根')} ${log.root}`,
      `${say('key', '公钥')} ${log.vkey}${log.keyFrom === 'log' ? say(' (as it lies beside the log; compare it with the one you know)', '（取自日志旁，请与您所知的公钥核对）') : ''}`,
      '',
      grid(
        [{ title: say('check', '检查') }, { title: say('looked at', '数量'), align: 'right' }, { title: '' }],
        checks.map((check) => [check.claim[language], String(check.checked), check.failure === null ? say('holds', '成立') : say('FAILS', '不成立')]),
      ),
    );
  }
  const place = failure?.seq == null ? '' : say(`entry ${failure.seq}: `, `第 ${failure.seq} 条：`);
  switch (outcome) {
    case 'verified': lines.push(say('Everything that was checked holds.', '所有检查均成立。')); break;
    case 'violated': lines.push(say(`Violation: ${place}${failure?.message.en}.`, `违规：${place}${failure?.message.zh}。`)); break;
    case 'unreadable': lines.push(say(`Cannot verify ${from}: ${failure?.message.en}.`, `无法验证 ${from}：${failure?.message.zh}。`)); break;
  }
  return `${lines.join('\n')}\n`;
}

const exportCommand = command({
  name: 'audit export',
  summary: text('take a self-contained copy of the log from the server', '从服务器获取完整的日志副本'),
  positionals: [{ name: 'DIR' }],
  options: {},
  examples: ['audit export copy'],
  run: async (session, _options, [directory = '']): Promise<Outcome> => {
    const source = serverSource(session);
    await mkdir(directory, { recursive: true });
    const exported = await exportLog(source, directory);
    if (!exported.ok) {
      const unfetched = source.failure();
      if (unfetched !== null) return { ok: false, error: unfetched };
      return exported.error.code === 'export/no-checkpoint'
        ? stop(STATUS.unavailable, text('The server has no checkpoint that its own key opens.', '服务器没有可由其公钥验证的检查点。'))
        : stop(STATUS.unavailable, text(`The server's log lacks ${exported.error.path}.`, `服务器日志缺少 ${exported.error.path}。`));
    }
    const { origin, size, root } = exported.value;
    const copy = { directory, origin, size, root: Buffer.from(root).toString('base64') };
    if (session.json) session.out(`${JSON.stringify(copy)}\n`);
    else session.out(`${text(`${size} entries of ${origin} copied to ${directory}; \`sluice audit verify ${directory}\` verifies them.`, `已将 ${origin} 的 ${size} 条记录复制到 ${directory}；可用 \`sluice audit verify ${directory}\` 验证。`)[session.language]}\n`);
    return ok(STATUS.done);
  },
});

const checkpoint = command({
  name: 'audit checkpoint',
  summary: text("the server's last signed checkpoint, to keep for `audit verify --since`", '服务器最新的签名检查点，可保存供 `audit verify --since` 使用'),
  options: { out: { type: 'value', value: 'FILE', help: text('write it here (default: standard output)', '写入此文件（默认：标准输出）') } },
  examples: ['audit checkpoint', 'audit checkpoint --out checkpoint.kept'],
  run: async (session, { out }): Promise<Outcome> => {
    const fetched = await send(session, 'GET', '/checkpoint', { below: '/audit', headers: { accept: '*/*' } });
    if (!fetched.ok) return fetched;
    const note = await fetched.value.text();
    if (out !== undefined) {
      const written = await writeBytes(out, Buffer.from(note));
      return written.ok ? ok(STATUS.done) : written;
    }
    session.out(session.json ? `${JSON.stringify({ checkpoint: note })}\n` : note);
    return ok(STATUS.done);
  },
});

const replay = command({
  name: 'audit replay',
  summary: text('compute a released job again and compare the digests', '重新计算已发布的作业并比对摘要'),
  positionals: [{ name: 'JOB' }],
  options: {},
  examples: ['audit replay job_…'],
  run: async (session, _options, [job = '']): Promise<Outcome> => {
    const replayed = await call(session, 'POST', '/audit/replays', ReplayView, { body: { job } });
    if (!replayed.ok) return replayed;
    showDocument(session, replayed.value);
    return ok(({ matched: STATUS.done, differed: STATUS.refused, failed: STATUS.unavailable } as const)[replayed.value.outcome]);
  },
});

export const AUDIT_COMMANDS: readonly Command[] = [
  verify,
  exportCommand,
  checkpoint,
  replay,
  listCommand({
    name: 'audit replays',
    summary: text('replays so far', '重放记录'),
    path: '/audit/replays',
    item: ReplayView,
    filters: { job: { type: 'value', value: 'JOB', help: text('only of this job', '仅此作业') } },
    columns: [
      { title: text('replay', '重放标识'), show: (one) => one.id },
      { title: text('job', '作业标识'), show: (one) => one.job },
      { title: text('outcome', '结果'), show: (one) => one.outcome },
      { title: text('difference', '差异'), show: (one) => one.difference },
      { title: text('time', '时间'), show: (one) => one.at },
    ],
  }),
];
