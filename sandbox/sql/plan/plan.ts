/** The plan of a vetted query: cell queries, universes, the rest, and the explanation of it all. */
import type { Explanation } from '#contract/explanation.ts';
import type { JobLimits, PinnedDataset } from '#contract/job.ts';
import type { z } from 'zod';
import { effectiveRules, needsPlaces } from '../../release/effective-rules.ts';
import { flagName } from '../../release/released-table.ts';
import type { KeyColumn } from '../../release/cells.ts';
import type { BindContext } from '../bind/context.ts';
import type { Output } from '../bind/query.ts';
import { canonicalExpr } from '../canonical.ts';
import { gateTable } from '../gate-table.ts';
import { explain } from '../explain.ts';
import { sameQuery, type Query } from '../query.ts';
import type { Refusals } from '../refusals.ts';
import type { Column, Relation } from '../relation.ts';
import type { VettedGate } from '../vet/vet.ts';
import type { BlockOptions } from './blocks.ts';
import { planGate, type PlannedGate } from './gate-plan.ts';
import { planPlace, textOfRows, type PlannedPlace } from './place.ts';
import { planRest, type PlannedRest } from './rest-plan.ts';
import { universeQuery } from './universe.ts';

export interface VettedQuery {
  readonly vetted: readonly VettedGate[];
  readonly rest: Relation;
  readonly outputs: readonly Output[];
}

export interface QueryPlan {
  readonly gates: readonly (PlannedGate & { readonly universe: Query | null; readonly place: PlannedPlace | null })[];
  readonly rest: PlannedRest;
  readonly explanation: Explanation;
  /** Everything that is to be printed. */
  readonly queries: readonly Query[];
}

/** Null, with refusals, where the policies' rules cannot be brought together. */
export function planQuery(context: BindContext, query: VettedQuery, datasets: readonly PinnedDataset[], limits: z.infer<typeof JobLimits>, refusals: Refusals): QueryPlan | null {
  const names = new Map<number, ReadonlyMap<Column, string>>();
  const gateColumn = (gate: number, column: Column): string => {
    const name = names.get(gate)?.get(column);
    if (name === undefined) throw new Error('a released table has the columns of its gate');
    return name;
  };
  const read = new Set(query.vetted.flatMap(({ datasets: of }) => of));
  // A query that is used twice (WITH) has the same gate twice: it is run once.
  const standsFor = new Map<number, number>();
  const tableOf = (gate: number): string => gateTable(standsFor.get(gate) ?? gate);
  const options: BlockOptions = { below: true, acrossDatasets: read.size > 1, gateColumn, gateTable: tableOf };
  const kept: VettedGate[] = [];
  const gates: (PlannedGate & { readonly universe: Query | null; readonly place: PlannedPlace | null })[] = [];
  let settled = true;
  for (const vetted of query.vetted) {
    const { gate } = vetted;
    const columns = vetted.columns.map(({ column }) => column);
    const rules = effectiveRules({ datasets: vetted.datasets, kinds: gate.units.map(({ kind }) => kind), columns }, datasets);
    if (!rules.ok) {
      rules.error.forEach((problem) => refusals.push(problem));
      settled = false;
      continue;
    }
    const universe = universeQuery(gate, options, Math.floor(limits.resultCells / Math.max(1, gate.keys.length + gate.aggregates.length)));
    const keys = gate.keys.map(({ column, expr }, i): KeyColumn => ({ name: `k${i}`, type: column.type, public: universe !== null, of: canonicalExpr(expr) }));
    const planned = planGate(context, gate, { keys, columns, datasets: vetted.datasets, relation: textOfRows(context, gate, datasets) }, rules.value, options);
    for (const { loose, value } of planned.measures) {
      if (loose !== 'never' && (loose !== 'under-dominance' || rules.value.dominance.length === 0)) continue;
      refusals.add('gate/unbounded', value?.at ?? gate.at, {});
      settled = false;
    }
    if (planned.mixed !== undefined) {
      refusals.add('gate/class-link', planned.mixed, {});
      settled = false;
    }
    names.set(gate.id, planned.names);
    const known = gates.find((other) => isSameGate(other, planned));
    if (known !== undefined) {
      standsFor.set(gate.id, known.spec.id);
      continue;
    }
    kept.push(vetted);
    const place = needsPlaces(rules.value) && gate.windows === null ? planPlace(context, gate, planned.measures, datasets, options) : null;
    gates.push({ ...planned, uses: [...new Set(planned.uses.map((used) => standsFor.get(used) ?? used))], universe: rules.value.completes ? universe : null, place });
  }
  if (!settled) return null;
  if (gates.length > limits.gates) {
    refusals.add('cap/gates', null, { gates: gates.length, limit: limits.gates });
    return null;
  }
  const values = (id: number): readonly Column[] => query.vetted.find(({ gate }) => gate.id === id)?.gate.aggregates.map(({ column }) => column) ?? [];
  const planned = planRest(context, query.rest, query.outputs, values, gateColumn, flagName, { acrossDatasets: false, gateTable: tableOf });
  const rest = { ...planned, shows: planned.shows === null ? null : { ...planned.shows, gate: standsFor.get(planned.shows.gate) ?? planned.shows.gate } };
  return {
    gates, rest,
    explanation: explain({ ...query, vetted: kept }, gates, rest, limits),
    queries: [...gates.flatMap(queriesOf), ...(rest.shows === null ? [rest.query] : [])],
  };
}

function queriesOf({ query, counting, witnesses, populations, classes, universe, place }: QueryPlan['gates'][number]): readonly Query[] {
  const roots = [...place?.roots ?? [], ...place?.joints ?? []].map(({ query: asked }) => asked);
  const optional = [counting?.query, classes?.known.kind === 'asked' ? classes.known.query : null, universe, ...witnesses.flatMap(({ cells, classes: groups }) => [cells.query, groups?.query]), ...roots];
  return [query, ...populations.map((population) => population.query), ...optional.filter((each) => each !== null && each !== undefined)];
}

/** The same cells with the same columns, under whatever number. */
function isSameGate(a: PlannedGate, b: PlannedGate): boolean {
  const [x, y] = [a, b].map(({ spec: { id: _, ...rest } }) => JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
  return x === y && sameQuery(a.query, b.query);
}
