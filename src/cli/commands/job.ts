/** Jobs: submit a query, follow it, fetch what was released. */
import { CheckView, JobStateView, JobView, RESULT_MEDIA, ResultView } from '#contract/api/jobs.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actionCommand } from '../action.ts';
import { call, send } from '../client.ts';
import { command, type Command, type OptionTable } from '../command.ts';
import { readText, writeBytes } from '../files.ts';
import type { Session } from '../io.ts';
import { fields, listCommand } from '../listing.ts';
import { stop, STATUS, usage, type CliFailure, type Outcome, type Status } from '../outcome.ts';
import { showExplanation } from '../output/explanation.ts';
import { showRefusals } from '../output/refusal.ts';
import { inLanguage, showStatement, showTable } from '../output/result.ts';
import { TABLE_FILES } from '../perturbation-file.ts';
import { shown } from '../trial/line.ts';
import { checkOffline } from '../trial/check.ts';

const path = (id: string) => `/jobs/${id}`;

const SQL = { type: 'value', value: 'SQL', short: 'e', help: text('the query itself, instead of a FILE', '直接给出查询语句，代替 FILE') } as const satisfies OptionTable[string];

async function sqlOf(session: Session, given: string | undefined, file: string | undefined): Promise<Result<string, CliFailure>> {
  if ((given === undefined) === (file === undefined)) return usage('Give either a FILE with the query (- is standard input) or -e SQL.', '请给出含查询语句的 FILE（- 为标准输入）或 -e SQL，二者择一。');
  return given === undefined ? readText(session, file ?? '-') : ok(given);
}

const ENDED: ReadonlySet<JobView['state']> = new Set(['released', 'refused', 'failed', 'cancelled', 'rejected', 'withdrawn']);

const PAUSE_MS = 100;

/** Seconds that the server is asked to wait; proxies in between end what takes a minute. */
const WAIT = 25;

/** A held job is waited for no longer: a person decides it. */
async function waitFor(session: Session, id: string): Promise<Result<JobView, CliFailure>> {
  for (;;) {
    const job = await call(session, 'GET', path(id), JobView, { query: { wait: WAIT } });
    if (session.interrupted.aborted) return stop(STATUS.interrupted, text(`Interrupted; the job ${id} goes on.`, `已中断；作业 ${id} 仍在继续。`));
    if (!job.ok || ENDED.has(job.value.state) || job.value.state === 'held') return job;
    // A server that is stopping answers at once.
    await session.sleep(PAUSE_MS);
  }
}

const STATUS_OF: Readonly<Record<JobView['state'], Status>> = {
  queued: STATUS.done, running: STATUS.done, held: STATUS.done, released: STATUS.done,
  refused: STATUS.refused, rejected: STATUS.refused, withdrawn: STATUS.refused, cancelled: STATUS.refused,
  failed: STATUS.unavailable,
};

function showJob(session: Session, job: JobView): void {
  if (session.json) {
    session.out(`${JSON.stringify(job)}\n`);
    return;
  }
  const { sql, refusals, note, ...facts } = job;
  session.out(fields({ ...facts, datasets: job.datasets.map(({ dataset, version, policyVersion }) => `${dataset}@${version} (policy ${policyVersion})`) }, session.language));
  if (sql !== null) session.out(`\n${sql.trim()}\n`);
  if (note !== null) session.out(`\n${note[session.language]}\n`);
  for (const line of showRefusals(refusals.map((refusal) => shown(refusal, session.language)), sql, session.language)) session.out(`${line}\n`);
}

async function showResult(session: Session, id: string): Promise<Outcome> {
  const result = await call(session, 'GET', `${path(id)}/result`, ResultView);
  if (!result.ok) return result;
  if (session.json) session.out(`${JSON.stringify(inLanguage(result.value, session.language))}\n`);
  else {
    session.out(showTable(result.value.table, session.language));
    session.out(`\n${showStatement(result.value.statement, session.language)}`);
    session.out(`${text(`Digest ${result.value.digest}`, `结果摘要 ${result.value.digest}`)[session.language]}\n`);
  }
  return ok(STATUS.done);
}

const submit = command({
  name: 'job submit',
  summary: text('submit a query under a grant', '在授权下提交查询'),
  positionals: [{ name: 'FILE', optional: true }],
  options: {
    grant: { type: 'value', value: 'GRANT', required: true, help: text('the grant it runs under', '所依据的授权') },
    sql: SQL,
    wait: { type: 'flag', help: text('wait until it has ended, then show the result or the refusals', '等待结束后显示结果或拒绝原因') },
  },
  examples: ['job submit query.sql --grant grant_… --wait', 'job submit --grant grant_… -e "select district, count(*) from residents group by district"'],
  run: async (session, options, [file]): Promise<Outcome> => {
    const sql = await sqlOf(session, options.sql, file);
    if (!sql.ok) return sql;
    const accepted = await call(session, 'POST', '/jobs', JobView, { body: { grant: options.grant, sql: sql.value }, sql: sql.value });
    if (!accepted.ok) return accepted;
    if (!options.wait) {
      showJob(session, accepted.value);
      return ok(STATUS.done);
    }
    if (!session.json) session.err(`${text(`Job ${accepted.value.id} is queued …`, `作业 ${accepted.value.id} 已排队……`)[session.language]}\n`);
    const ended = await waitFor(session, accepted.value.id);
    if (!ended.ok) return ended;
    if (ended.value.state === 'released') return showResult(session, ended.value.id);
    showJob(session, ended.value);
    return ok(STATUS_OF[ended.value.state]);
  },
});

const result = command({
  name: 'job result',
  summary: text('the released table of a job', '查看作业发布的结果表'),
  positionals: [{ name: 'JOB' }],
  options: {
    format: { type: 'value', value: Object.keys(RESULT_MEDIA).join('|'), oneOf: Object.keys(RESULT_MEDIA), help: text('file format (default: a table on the terminal)', '文件格式（默认：终端表格）') },
    out: { type: 'value', value: 'FILE', help: text('write it here (default: standard output)', '写入此文件（默认：标准输出）') },
  },
  examples: ['job result job_…', 'job result job_… --format parquet --out result.parquet'],
  run: async (session, { format, out }, [id = '']): Promise<Outcome> => {
    if (format === undefined && out === undefined) return showResult(session, encodeURIComponent(id));
    const accept = RESULT_MEDIA[(format ?? 'csv') as keyof typeof RESULT_MEDIA];
    const fetched = await send(session, 'GET', `${path(encodeURIComponent(id))}/result`, { headers: { accept } });
    if (!fetched.ok) return fetched;
    const bytes = new Uint8Array(await fetched.value.arrayBuffer());
    if (out === undefined) session.outBytes(bytes);
    else {
      const written = await writeBytes(out, bytes);
      if (!written.ok) return written;
      if (!session.json) session.err(`${text(`${bytes.length} bytes written to ${out}.`, `已写入 ${out}，共 ${bytes.length} 字节。`)[session.language]}\n`);
    }
    return ok(STATUS.done);
  },
});

const check = command({
  name: 'check',
  summary: text('explain a query without running it: gates, columns, rules, refusals', '不运行查询，仅作解释：闸门、列、规则、拒绝原因'),
  positionals: [{ name: 'FILE', optional: true }],
  options: {
    sql: SQL,
    grant: { type: 'value', value: 'GRANT', help: text('under this grant, on the server', '依据此授权，由服务器检查') },
    dataset: { type: 'value', value: 'DIR', multiple: true, help: text('offline: a directory with dataset.json; its data are not read', '离线：含 dataset.json 的目录；不读取数据') },
    policy: { type: 'value', value: 'FILE|open', multiple: true, help: text('offline: the policy; one serves all datasets', '离线：发布策略；只给一个时适用于全部数据集') },
    'perturbation-table': TABLE_FILES,
  },
  examples: [
    'check query.sql --grant grant_…',
    'check -e "select count(*) from accounts" --dataset datasets/charities --policy policies/charities-statistics.json',
  ],
  run: async (session, options, [file]): Promise<Outcome> => {
    const sql = await sqlOf(session, options.sql, file);
    if (!sql.ok) return sql;
    const { grant, dataset, policy } = options;
    if ((grant === undefined) === (dataset.length === 0)) return usage('"check" needs either --grant, or --dataset and --policy.', '“check”须给出 --grant，或给出 --dataset 与 --policy。');
    if (dataset.length > 0 && policy.length === 0) return usage('"check" with --dataset needs --policy FILE or --policy open.', '“check”使用 --dataset 时须给出 --policy FILE 或 --policy open。');
    const checked = grant === undefined
      ? await checkOffline(session, sql.value, dataset, policy, options['perturbation-table'])
      : await call(session, 'POST', '/jobs:check', CheckView, { body: { grant, sql: sql.value }, sql: sql.value });
    if (!checked.ok) return checked;
    const { accepted, explanation, refusals } = checked.value;
    if (session.json) session.out(`${JSON.stringify(inLanguage(checked.value, session.language))}\n`);
    else {
      if (explanation !== null) session.out(showExplanation(explanation, session.language));
      if (refusals.length > 0) session.out(`${text('Refused:', '已拒绝：')[session.language]}\n`);
      for (const line of showRefusals(refusals.map((refusal) => shown(refusal, session.language)), sql.value, session.language)) session.out(`${line}\n`);
      if (accepted) session.out(`${text('It would run as it stands.', '该查询可以运行。')[session.language]}\n`);
    }
    return ok(accepted ? STATUS.done : STATUS.refused);
  },
});

export const JOB_COMMANDS: readonly Command[] = [
  check,
  submit,
  listCommand({
    name: 'job list',
    summary: text('jobs that concern you', '与您有关的作业'),
    path: '/jobs',
    item: JobView,
    filters: {
      grant: { type: 'value', value: 'GRANT', help: text('only under this grant', '仅此授权') },
      state: { type: 'value', value: JobStateView.options.join('|'), oneOf: JobStateView.options, help: text('only in this state', '仅此状态') },
    },
    columns: [
      { title: text('job', '作业标识'), show: (one) => one.id },
      { title: text('state', '状态'), show: (one) => one.state },
      { title: text('datasets', '数据集'), show: (one) => one.datasets.map(({ dataset, version }) => `${dataset}@${version}`).join(' ') },
      { title: text('submitted', '提交时间'), show: (one) => one.submittedAt },
      { title: text('ended', '结束时间'), show: (one) => one.endedAt },
    ],
  }),
  command({
    name: 'job show',
    summary: text('one job: its state, query and refusals', '查看作业：状态、查询、拒绝原因'),
    positionals: [{ name: 'JOB' }],
    options: {},
    examples: ['job show job_…'],
    run: async (session, _options, [id = '']): Promise<Outcome> => {
      const job = await call(session, 'GET', path(encodeURIComponent(id)), JobView);
      if (!job.ok) return job;
      showJob(session, job.value);
      return ok(STATUS.done);
    },
  }),
  result,
  actionCommand({ name: 'job cancel', summary: text('cancel a job that has not ended', '取消尚未结束的作业'), id: 'JOB', path: (id) => `${path(id)}/cancel`, answer: JobView, example: 'job_…' }),
];
