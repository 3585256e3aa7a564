/** Refusals as people read them: the sentence, the place in their own text, the clause, what would be allowed. */
import { text, type Language } from '#contract/text.ts';
import { printable } from './grid.ts';
import { displayWidth } from './width.ts';

/** A refusal in one language, as problems and `sluice try` carry it. */
export interface ShownRefusal {
  readonly code: string;
  readonly message: string;
  readonly position: number | null;
  readonly clause: string | null;
  readonly suggestion?: string | null;
}

/** `sql`: the text that `position` counts code points of. */
export function showRefusals(refusals: readonly ShownRefusal[], sql: string | null, language: Language): string[] {
  return refusals.flatMap((refusal) => [
    `${refusal.message} (${refusal.code})`,
    ...(sql !== null && refusal.position !== null ? pointAt(sql, refusal.position, language) : []),
    ...(refusal.clause !== null ? [text(`  clause: ${refusal.clause}`, `  条款：${refusal.clause}`)[language]] : []),
    ...(refusal.suggestion ? [`  → ${refusal.suggestion}`] : []),
  ]);
}

/** The line of the text that holds the position, with a caret below it. */
function pointAt(sql: string, position: number, language: Language): string[] {
  const points = Array.from(sql);
  const before = points.slice(0, position).join('').split('\n');
  const start = before.at(-1) ?? '';
  const rest = points.slice(position).join('').split('\n')[0] ?? '';
  const place = text(`line ${before.length}, column ${Array.from(start).length + 1}: `, `第 ${before.length} 行第 ${Array.from(start).length + 1} 列：`)[language];
  // A long line is cut around the position so that the caret stays in view.
  const left = Array.from(printable(start)).slice(-60).join('');
  const right = Array.from(printable(rest)).slice(0, 60).join('');
  return [`  ${place}${left}${right}`, `  ${' '.repeat(displayWidth(place) + displayWidth(left))}^`];
}
