/** Why a load is refused, in both languages: what, where, which rule. Never a value of the data. */
import type { IngestProblem } from '#contract/job.ts';
import { text, type Text } from '#contract/text.ts';

/** So many problems are reported at once. */
export const MAX_PROBLEMS = 20;

export interface Place {
  readonly table?: string;
  readonly column?: string;
  readonly line?: number;
  readonly count?: number;
}

export function problem(code: `ingest/${string}`, place: Place, en: string, zh: string): IngestProblem {
  const { table = null, column = null, line = null, count = 1 } = place;
  return { code, table, column, line, count, message: located({ table, column, line, count }, text(en, zh)) };
}

/** Puts the place before the sentence: `Table "visits", column "cost", first at line 17 (3 rows): …`. */
function located(place: { table: string | null; column: string | null; line: number | null; count: number }, rule: Text): Text {
  const en: string[] = [];
  const zh: string[] = [];
  if (place.table !== null) {
    en.push(`table “${place.table}”`);
    zh.push(`表“${place.table}”`);
  }
  if (place.column !== null) {
    en.push(`column “${place.column}”`);
    zh.push(`字段“${place.column}”`);
  }
  if (place.line !== null) {
    en.push(place.count > 1 ? `${place.count} rows, the first at line ${place.line}` : `line ${place.line}`);
    zh.push(place.count > 1 ? `共 ${place.count} 行,首见于第 ${place.line} 行` : `第 ${place.line} 行`);
  }
  if (en.length === 0) return rule;
  const start = en.join(', ');
  return text(`${start.charAt(0).toUpperCase()}${start.slice(1)}: ${rule.en}`, `${zh.join(',')}:${rule.zh}`);
}

/** An expected end of a load: carries its problems out of the depth of the pipeline, up to `ingest()`. */
export class Refused extends Error {
  readonly problems: readonly IngestProblem[];

  constructor(problems: readonly IngestProblem[]) {
    super('the load is refused');
    this.problems = problems.slice(0, MAX_PROBLEMS);
  }
}

export function refuseIfAny(problems: readonly IngestProblem[]): void {
  if (problems.length > 0) throw new Refused(problems);
}
