/**
 * Controlled rounding over the tables of a job: a margin is the sum of its rounded cells, so that the tables add up and a margin
 * tells nothing that its cells do not. Where a cell of the margin is withheld or does not exist for the operator, the
 * sum would be incomplete or telling: that margin is rounded on its own. A margin of several tables side by side cannot agree with
 * all of them; the plan refuses that (`linked-plan.ts`).
 */
import { coversOf } from './covers.ts';
import type { DecidedGate } from './decide.ts';
import { FinestLevels, placeOf } from './place.ts';
import type { Published, PublishedGate, PublishedRow } from './publish.ts';
import { numbersOf, type Cell } from './tables.ts';

export function addUp(gates: readonly PublishedGate[]): readonly PublishedGate[] {
  if (!gates.some(isControlled)) return gates;
  const levels = new FinestLevels(gates.flatMap(({ gate }) => gate.coarsenings ?? []));
  const sources = gates.flatMap((gate, g) => {
    const place = isControlled(gate) ? placeOf(gate.gate, levels) : null;
    return place === null ? [] : place.measures.map((measure, m) => ({
      key: JSON.stringify([place.base, measure.rest, gate.gate.spec.measures[m]?.of]), gate: g, m, place, measure, rows: [...gate.rows, ...gate.dropped],
    }));
  });
  const published = gates.map((gate) => gate.rows.map((row) => [...row.published]));
  for (const group of Map.groupBy(sources, ({ key }) => key).values()) {
    const numbers = numbersOf(group);
    const covers = coversOf(numbers);
    for (const face of ['count', 'total'] as const) {
      const settled = new Map<number, bigint | null>();
      const shown = (cell: Cell): Published | null => {
        const source = group[cell.source];
        const row = source === undefined ? undefined : gates[source.gate]?.rows[cell.row];
        return source === undefined || row === undefined || row.withheld[source.m]?.[face] !== false ? null : published[source.gate]?.[cell.row]?.[source.m] ?? null;
      };
      const put = (number: number, value: bigint): void => {
        for (const { source, row } of numbers.cells[number] ?? []) {
          const place = group[source];
          const values = place === undefined ? undefined : published[place.gate]?.[row];
          const before = place === undefined ? undefined : values?.[place.m];
          if (place !== undefined && values !== undefined && before !== undefined) values[place.m] = { ...before, [face]: value };
        }
      };
      /** The number as it leaves; null where some cell of it does not. The most detailed table is added up. */
      const settle = (number: number): bigint | null => {
        const known = settled.get(number);
        if (known !== undefined) return known;
        const cells = numbers.cells[number] ?? [];
        const own = cells.map(shown);
        const first = own.find((each) => each !== null) ?? null;
        const parts = [...(covers.get(number)?.values() ?? [])].sort((a, b) => b.length - a.length)[0];
        const sum = parts === undefined ? null : parts.map(settle).reduce<bigint | null>((all, part) => (all === null || part === null ? null : all + part), 0n);
        const value = sum ?? first?.[face] ?? null;
        if (value !== null) put(number, value);
        const result = own.some((each) => each === null) ? null : value;
        settled.set(number, result);
        return result;
      };
      numbers.boxes.forEach((_, number) => settle(number));
    }
  }
  return gates.map((gate, g): PublishedGate => ({ ...gate, rows: gate.rows.map((row, r): PublishedRow => ({ ...row, published: published[g]?.[r] ?? row.published })) }));
}

const isControlled = ({ rules: { mechanism: { value } } }: Pick<DecidedGate, 'rules'>): boolean => value.kind === 'round' && value.method === 'controlled';
