/** The disclosure ledger in a query: which jobs it looks at, what comes of it, and what is sealed for later jobs. */
import type { EvidenceLedger } from '#contract/evidence.ts';
import { assertNever } from '#contract/result.ts';
import type { SqlJob } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { text } from '#contract/text.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { OPEN_CELLS } from '../ledger/classes.ts';
import { sealDelta } from '../ledger/delta.ts';
import { JobLedger } from '../ledger/job-ledger.ts';
import { isVague } from '../release/linked-plan.ts';
import type { Release } from '../release/release.ts';
import type { GatePlan } from '../sql/compile.ts';
import type { Workspace } from '../workspace.ts';

/** Null where no gate asks for it. Throws where the worker has not been told what was released before this job. */
export function ledgerFor(spec: SqlJob, gates: readonly GatePlan[], data: DataSession | null, { ledger }: Workspace): JobLedger | null {
  if (data === null || !gates.some(({ populations }) => populations.length > 0)) return null;
  if (ledger.head !== spec.ledgerHead) throw new Error('the worker’s ledger is not the one that the job names');
  return new JobLedger(ledger, spec.datasets, data, spec.job);
}

/**
 * What the policies make of numbers that follow from earlier ones, and of those of which too much has left for that to be worked out. It goes
 * by that alone, and not by whether there is anybody in the difference, so that it tells nothing that the earlier numbers do not.
 */
export function ledgerVerdict(ledger: JobLedger | null, releases: readonly Release[]): { readonly refusal: Refusal | null; readonly held: boolean } {
  if (ledger === null) return { refusal: null, held: false };
  const decided = releases.flatMap((release) => release.decided);
  // Tables that cannot be told apart from what others withhold: `refuse` has refused them by plan.
  let held = decided.some((table) => isVague(table) && table.rules.differencing.value === 'hold');
  if (!ledger.follows && !ledger.tooMany && !ledger.leftOut) return { refusal: null, held };
  for (const { rules: { differencing: { value, clause } } } of decided) {
    switch (value) {
      case 'hold': held = true; break;
      case 'refuse':
      case 'warn':
        if (ledger.tooMany) return { refusal: tooMany(clause), held: false };
        if (value === 'refuse') return { refusal: ledger.follows ? tooClose(clause) : tooMuch(clause), held: false };
        break;
      case 'none': break;
      default: assertNever(value);
    }
  }
  return { refusal: null, held };
}

function tooClose(clause: string): Refusal {
  return {
    code: 'release/differencing',
    message: text(
      'Numbers of this query follow, exactly or but for a few units, from what has been released from this dataset before; together they could tell these few apart.',
      '本查询的部分数值可由该数据集此前发布的结果推出（完全一致或仅相差少数主体），合并使用可能识别出这些少数主体。',
    ),
    position: null,
    clause,
    suggestion: text('Compute the number from results that you already have, or use the groups of an earlier query.', '请使用已有结果计算该数值，或沿用此前查询的分组。'),
  };
}

function tooMany(clause: string): Refusal {
  return {
    code: 'release/differencing',
    message: text(
      `A table of this query cannot be compared with what has been released from this dataset before: it has more than ${OPEN_CELLS.toLocaleString('en')} cells that may be told, or fewer where much has been released about the same rows or they are of few units, or a number in it is a large multiple of an earlier one.`,
      `本查询的一张表无法与该数据集此前发布的结果逐一比对：可公布的单元格超过 ${OPEN_CELLS.toLocaleString('en')} 个（若同一批记录此前已发布较多结果，或涉及的主体较少，上限更低），或其中有数值是此前数值的较大倍数。`,
    ),
    position: null,
    clause,
    suggestion: text('Group more coarsely, ask for the table in parts, or count every row once.', '请采用更粗的分组，将该表分批查询，或使每行只计一次。'),
  };
}

function tooMuch(clause: string): Refusal {
  return {
    code: 'release/differencing',
    message: text(
      'So much about the same rows has been released from this dataset before that it cannot be worked out what the numbers of this query would tell together with it.',
      '该数据集此前已发布大量涉及相同记录的结果，无法判断本查询的数值与之合并后会泄露什么。',
    ),
    position: null,
    clause,
    suggestion: text('Use the numbers that you already have.', '请使用已有的数值。'),
  };
}

/** For the reviewer: what was given as it was before, and which releases it overlaps with. */
export function ledgerEvidence(ledger: JobLedger | null): { readonly ledger?: EvidenceLedger } {
  if (ledger === null) return {};
  const overlaps = ledger.overlaps.map(({ gate, keys, measure, face, how, differing, jobs }) => ({ gate, keys: [...keys], measure, face, how, differing, releases: [...jobs] }));
  return { ledger: { overlaps, exact: ledger.exact } };
}

/** Base64; null where nothing new left. */
export function sealedLedger(ledger: JobLedger | null, job: string, key: () => Uint8Array, random: Workspace['random']): string | null {
  if (ledger === null) return null;
  const { strips, tables } = ledger.added;
  return strips.length + tables.length === 0 ? null : sealDelta(key(), job, { strips, tables }, random);
}
