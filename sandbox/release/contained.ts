/**
 * Tables that say nothing more than another: each of their numbers is one of the other's, and the other cuts the rows that they leave in the
 * same way. What follows from them follows from the other. A table asked for district by district is the one by district.
 */
import type { Grid } from './grid.ts';
import type { Numbers, Table } from './tables.ts';

/** Tables that are compared with one. */
const CANDIDATES = 32;

export function withoutContained(numbers: Numbers): Numbers {
  const { grid, boxes } = numbers;
  const order = numbers.tables.map((table, at) => ({ table, at })).filter(({ table }) => table.numbers.length > 0).sort((a, b) => b.table.numbers.length - a.table.numbers.length || a.at - b.at);
  const having = new Map<number, Table[]>();
  const kept = order.filter(({ table }) => {
    const [first = -1] = table.numbers;
    if (having.get(first)?.slice(-CANDIDATES).some((other) => contains(other, table, grid, boxes)) === true) return false;
    for (const number of table.numbers) {
      const known = having.get(number);
      if (known === undefined) having.set(number, [table]);
      else known.push(table);
    }
    return true;
  });
  return { ...numbers, tables: kept.sort((a, b) => a.at - b.at).map(({ table }) => table) };
}

function contains(whole: Table, part: Table, grid: Grid, boxes: Numbers['boxes']): boolean {
  const own = new Set(part.numbers);
  const meeting = part.span.map((span, root) => {
    const known = new Map<number, boolean>();
    return (set: number): boolean => {
      let meets = known.get(set);
      if (meets === undefined) known.set(set, (meets = grid.sizeOf(root, grid.intersection(root, span, set)) > 0));
      return meets;
    };
  });
  const isWithin = part.span.every((span, root) => grid.isWithin(root, span, whole.span[root] ?? 0));
  return isWithin && whole.numbers.filter((number) => own.has(number) || (boxes[number] ?? []).every((set, root) => meeting[root]?.(set) === true)).length === own.size
    && own.isSubsetOf(new Set(whole.numbers));
}
