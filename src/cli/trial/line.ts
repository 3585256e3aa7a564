/** The line that `sluice try` prints for one question. */
import type { Cost, IngestProblem } from '#contract/job.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { ResultColumn, Value } from '#contract/table.ts';
import type { Refusal } from '#contract/refusal.ts';
import { assertNever } from '#contract/result.ts';
import type { Language } from '#contract/text.ts';
import { inLanguage } from '../output/result.ts';
import type { ShownRefusal } from '../output/refusal.ts';
import type { Tried } from './domain.ts';
import type { Question } from './questions.ts';

export interface TrialLine {
  readonly id: string | number;
  readonly outcome: 'released' | 'refused' | 'held' | 'failed';
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Value[])[];
  readonly withheld: readonly (readonly [number, number])[];
  /** `contract/statement.ts` with every text in one language; null where nothing was released. */
  readonly statement: unknown;
  readonly refusals: readonly ShownRefusal[];
  readonly cost: Cost | null;
  /** Wall-clock milliseconds from question to answer. */
  readonly millis: number;
}

const NOTHING = { columns: [], rows: [], withheld: [], statement: null, refusals: [], cost: null } as const;

export function lineOf(question: Question, { answer, result }: Pick<Tried, 'answer' | 'result'>, millis: number, language: Language): TrialLine {
  const { id } = question;
  const time = { millis: Math.round(millis * 1000) / 1000 };
  switch (answer.kind) {
    case 'released':
    case 'held': {
      if (result === null) return { id, outcome: 'failed', ...NOTHING, ...time };
      const { table, statement, cost } = result;
      return { id, outcome: answer.kind, ...table, statement: inLanguage(statement, language), refusals: [], cost, ...time };
    }
    case 'refused':
      return { id, outcome: 'refused', ...NOTHING, refusals: answer.refusals.map((refusal) => shown(refusal, language)), ...time };
    case 'failed':
      return { id, outcome: 'failed', ...NOTHING, ...time };
    case 'ready':
    case 'checked':
    case 'parquet':
    case 'revealed':
    case 'ingested':
    case 'ingest-refused':
    case 'chain-kept':
    case 'entered':
    case 'entry-withdrawn':
    case 'withdrawal-sealed':
      throw new Error(`a worker answered a query with ${answer.kind}`);
    default:
      return assertNever(answer);
  }
}

export function shown(refusal: Refusal, language: Language): ShownRefusal {
  const { code, message, position, clause, suggestion } = refusal;
  return { code, message: message[language], position, clause, suggestion: suggestion?.[language] ?? null };
}

/** Where the data contradict the manifest no query runs: every one of them is refused for that reason. */
export function refusedLine({ id }: Question, refusals: readonly ShownRefusal[]): TrialLine {
  return { id, outcome: 'refused', ...NOTHING, refusals, millis: 0 };
}

/** `clause`: the place in the manifest that the files contradict. */
export function shownProblem(dataset: DatasetId, problem: IngestProblem, language: Language): ShownRefusal {
  const { code, message, table, column } = problem;
  const place = [table !== null && `tables.${table}`, column !== null && `columns.${column}`].filter((part) => part !== false).join('.');
  return { code, message: message[language], position: null, clause: `${dataset}${place === '' ? '' : ` ${place}`}`, suggestion: null };
}
