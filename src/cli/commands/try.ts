/** `sluice try`: the whole path, from files to released tables, in a temporary domain without a server. */
import { ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { command } from '../command.ts';
import type { Session } from '../io.ts';
import { STATUS, usage, type CliFailure, type Outcome, type Status } from '../outcome.ts';
import { showEvidence } from '../output/evidence.ts';
import { showRefusals, type ShownRefusal } from '../output/refusal.ts';
import { showStatement, showTable } from '../output/result.ts';
import { TABLE_FILES } from '../perturbation-file.ts';
import { isolated, together, type Asking } from '../trial/answers.ts';
import type { Tried } from '../trial/domain.ts';
import { lineOf, refusedLine, shown, type TrialLine } from '../trial/line.ts';
import { readDatasets } from '../trial/plan.ts';
import { policyProblems } from '../trial/policy-problems.ts';
import { readBatch, type Question } from '../trial/questions.ts';

export const tryCommand = command({
  name: 'try',
  summary: text('try a policy on data: ingest, gate, worker and release in a temporary domain, no server', '在临时域中试用策略：接入、闸门、工作进程、发布全程运行，无需服务器'),
  options: {
    dataset: { type: 'value', value: 'DIR', required: true, multiple: true, help: text('directory with dataset.json and its files', '含 dataset.json 及其数据文件的目录') },
    policy: { type: 'value', value: 'FILE|open', required: true, multiple: true, help: text('release policy; one serves all datasets; `open` protects nothing', '发布策略；只给一个时适用于全部数据集；`open` 不提供任何保护') },
    sql: { type: 'value', value: 'TEXT', help: text('one query', '一条查询') },
    batch: { type: 'value', value: 'FILE', help: text('file of {"id", "sql"} lines (- is standard input); all run in order, in one domain, as one operator', '每行一个 {"id", "sql"} 的文件（- 为标准输入）；在同一域内由同一运营单位依次执行') },
    evidence: { type: 'flag', help: text("add the agency's view: which rule decided each cell", '附上数据提供单位的视图：每个单元由哪条规则决定') },
    'perturbation-table': TABLE_FILES,
    isolate: { type: 'flag', help: text('each query in a domain of its own: own keys, own snapshot, own ledger, own workers', '每条查询使用各自独立的域：密钥、快照、账本与工作进程均不共用') },
  },
  notes: text(
    'With --json or --batch, one JSON line comes out for each query and the exit status says whether all were answered, however they were answered; for a single query without --json a refusal is status 1. jobsPerDay is not enforced here. With --isolate the data are loaded again for every query, as many at once as there are cores: pseudonyms and noise of two lines have nothing to do with each other, and no line knows of another.',
    '使用 --json 或 --batch 时，每条查询输出一行 JSON，退出状态只表示是否全部得到应答；单条查询且未用 --json 时，被拒绝的退出状态为 1。此处不执行 jobsPerDay 限制。使用 --isolate 时每条查询都重新载入数据，并行数不超过处理器核数：各行的假名与噪声互不相关，互不知晓。',
  ),
  examples: [
    'try --dataset datasets/adult --policy policies/adult-statistics.json --sql "select sex, count(*) from persons group by sex"',
    'try --dataset datasets/adult --policy open --batch questions.jsonl',
  ],
  run: async (session, options): Promise<Outcome> => {
    const datasets = await readDatasets(session, options.dataset, options.policy, options['perturbation-table']);
    if (!datasets.ok) return datasets;
    const questions = await questionsOf(session, options.sql, options.batch);
    if (!questions.ok) return questions;
    const asLines = session.json || options.batch !== undefined;
    return carryOut(session, { datasets: datasets.value, questions: questions.value, evidence: options.evidence, isolate: options.isolate, asLines });
  },
});

interface Trial extends Asking {
  readonly isolate: boolean;
  /** One JSON line for each query, instead of tables. */
  readonly asLines: boolean;
}

async function questionsOf(session: Session, sql: string | undefined, batch: string | undefined): Promise<Result<readonly Question[], CliFailure>> {
  if ((sql === undefined) === (batch === undefined)) return usage('"try" needs either --sql or --batch.', '“try”须给出 --sql 或 --batch 之一。');
  return batch === undefined ? ok([{ id: '1', sql: sql ?? '' }]) : readBatch(session, batch);
}

async function carryOut(session: Session, trial: Trial): Promise<Outcome> {
  const found = await policyProblems(trial.datasets);
  if (!found.ok) return found;
  const refused = found.value.filter(({ fatal }) => fatal);
  if (refused.length > 0) {
    return refuseRest(session, trial, 0, text('The policy cannot be used; nothing was run:', '策略不能使用，未执行任何查询：'), refused.map(({ problem, clause }) => (
      { code: problem.code, message: problem.message[session.language], position: null, clause, suggestion: null }
    )));
  }
  for (const { problem, clause } of found.value) session.err(`${problem.message[session.language]} (${problem.code}; ${clause})\n`);
  if (!trial.asLines) for (const { manifest } of trial.datasets) session.err(`${text(`Loading ${manifest.id} …`, `正在载入 ${manifest.id}……`)[session.language]}\n`);
  let last: TrialLine['outcome'] = 'released';
  let answers = 0;
  for await (const answered of trial.isolate ? isolated(session, trial) : together(session, trial)) {
    if (!answered.ok) return answered;
    if (answered.value.kind === 'contradicted') return refuseRest(session, trial, answers, text('The files contradict the manifest; nothing was run:', '文件与清单不符，未执行任何查询：'), answered.value.refusals);
    const { question, tried, millis } = answered.value;
    const { evidence } = tried;
    const line = lineOf(question, tried, millis, session.language);
    if (trial.asLines) session.out(`${JSON.stringify(trial.evidence ? { ...line, evidence } : line)}\n`);
    else show(session, question, tried);
    if (!trial.asLines && evidence !== null) session.out(`\n${showEvidence(evidence, session.language)}`);
    last = line.outcome;
    answers++;
  }
  return ok(trial.asLines ? STATUS.done : STATUS_OF[last]);
}

/** Every question from the one with the index `from` on. */
function refuseRest(session: Session, trial: Trial, from: number, reason: Text, refusals: readonly ShownRefusal[]): Outcome {
  if (trial.asLines) for (const question of trial.questions.slice(from)) session.out(`${JSON.stringify(refusedLine(question, refusals))}\n`);
  session.err(`${reason[session.language]}\n`);
  for (const line of showRefusals(refusals, null, session.language)) session.err(`${line}\n`);
  return ok(STATUS.refused);
}

const STATUS_OF = { released: STATUS.done, held: STATUS.done, refused: STATUS.refused, failed: STATUS.unavailable } as const satisfies Record<TrialLine['outcome'], Status>;

function show(session: Session, { sql }: Question, { answer, result }: Tried): void {
  const { language } = session;
  if (result !== null) {
    session.out(showTable(result.table, language));
    session.out(`\n${showStatement(result.statement, language)}`);
  } else if (answer.kind === 'refused') {
    session.err(`${text('Refused:', '已拒绝：')[language]}\n`);
    for (const line of showRefusals(answer.refusals.map((refusal) => shown(refusal, language)), sql, language)) session.err(`${line}\n`);
  } else {
    session.err(`${text('The query gave no answer: its worker broke down, or a limit of time or memory was reached.', '查询没有应答：工作进程发生故障，或达到时间、内存限制。')[language]}\n`);
  }
}
