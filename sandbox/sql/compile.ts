/**
 * The gate, from an operator's text to what may run: parse → lower → bind → split → vet → plan → print, and what was printed
 * is parsed again and must be what was planned. Each stage has its own type, so none can be skipped.
 */
import type { Explanation } from '#contract/explanation.ts';
import type { JobLimits, PinnedDataset } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { ResultColumn } from '#contract/table.ts';
import type { z } from 'zod';
import type { EngineValue } from '../engine/value.ts';
import type { Cell, ClassCell, GateSpec } from '../release/cells.ts';
import { countNodes, readTree } from './ast.ts';
import { BindContext } from './bind/context.ts';
import { bindQuery, Environment } from './bind/query.ts';
import { buildCatalog } from './catalog.ts';
import { joinWidth } from './join-width.ts';
import { CAPS, type Caps } from './limits.ts';
import { Lowering } from './lower.ts';
import type { Counting } from './plan/certified.ts';
import type { AskedClasses, OfCells } from './plan/classes.ts';
import type { PlannedJoint, PlannedPlace, PlannedRoot } from './plan/place.ts';
import type { PlannedWindows } from './plan/gate-plan.ts';
import { planQuery } from './plan/plan.ts';
import type { PlannedRest } from './plan/rest-plan.ts';
import type { Asked } from './plan/witnesses.ts';
import { printQuery, selectParts, type SelectParts } from './print.ts';
import { sameQuery, type Query } from './query.ts';
import { refusal, Refusals } from './refusals.ts';
import { checkText, locator } from './source-text.ts';
import { split } from './split/split.ts';
import { checkConstants } from './vet/constants.ts';
import { vetGate } from './vet/vet.ts';

export interface CompileInput {
  readonly text: string;
  readonly datasets: readonly PinnedDataset[];
  /** `dataset.table.column`. */
  readonly columns: readonly string[];
  readonly limits: z.infer<typeof JobLimits>;
  readonly engine: EmptyEngine;
  readonly caps?: Caps;
}

/** An engine without protected rows. */
export interface EmptyEngine {
  /** DuckDB's syntax tree as JSON, or null where the parser itself fails. Runs nothing. */
  readonly parse: (sql: string) => Promise<string | null>;
  /** Whether a query that reads no table can be executed. */
  readonly computes: (sql: string) => Promise<boolean>;
}

/** An aggregation over protected rows: what to execute, how to read it, what the release has to know. */
export interface GatePlan {
  readonly spec: GateSpec;
  /** For the data engine. */
  readonly sql: string;
  /** Who is behind the cells, by kind of unit (`plan/population.ts`); empty where no policy asks for the disclosure ledger. */
  readonly populations: readonly { readonly kind: string; readonly sql: string; /** Where each unit has one row. */ readonly flat: SelectParts | null }[];
  /** One row of the answer as a cell. */
  readonly decode: (row: readonly EngineValue[]) => Cell;
  /** Units of the cells of which declared bounds do not prove enough, for the data engine; null where the first answer says all. */
  readonly counting: (Counting & { readonly sql: string }) | null;
  /** Windows of quantiles and extremes, whose rows the query gives by size; null where the gate has none. */
  readonly windows: PlannedWindows | null;
  /** Units of a slice, which prove enough of large cells; by kind. */
  readonly witnesses: readonly WitnessPlan[];
  /** Groups whatever their sensitive attributes, for the data engine; null where nothing sensitive is asked for. */
  readonly classes: OfCells | (AskedClasses & { readonly sql: string }) | null;
  /** Every combination of public keys, for the scratch engine; null where some key is not public, or only those that exist are shown. */
  readonly universe: string | null;
  /** Where the cells lie among those of other gates; null where no policy asks. */
  readonly place: PlacePlan | null;
  /** Earlier gates whose released tables it reads, as temporary tables `gate_<id>`. */
  readonly uses: readonly number[];
}

export interface WitnessPlan {
  readonly kind: string;
  readonly minimum: number;
  readonly cells: Printed<Cell>;
  readonly classes: Printed<ClassCell> | null;
}

export interface Printed<Row> {
  readonly sql: string;
  readonly decode: (row: readonly EngineValue[]) => Row;
}

/** A planned place with its questions printed, for the scratch engine. */
export interface PlacePlan extends Omit<PlannedPlace, 'roots' | 'joints'> {
  readonly roots: readonly (Omit<PlannedRoot, 'query'> & { readonly sql: string | null })[];
  readonly joints: readonly (Omit<PlannedJoint, 'query'> & { readonly sql: string })[];
}

/** What is computed from released tables (`gate_<id>`) and public tables, for the scratch engine. */
export interface RestPlan {
  readonly sql: string;
  /** Visible columns in order; `flag` is the index of the column of a row that tells whether the value is withheld. */
  readonly columns: readonly (ResultColumn & { readonly flag: number | null })[];
  /** Whether the query fixes the order of its rows. */
  readonly ordered: boolean;
  /** Where the rest only shows columns of one released table, by their names there, flags last: then `sql` says the same and is not executed. */
  readonly shows: PlannedRest['shows'];
}

export interface CompiledQuery {
  /** In the order in which they must run. */
  readonly gates: readonly GatePlan[];
  readonly rest: RestPlan;
  readonly explanation: Explanation;
}

export interface CompileRefused {
  readonly refusals: readonly Refusal[];
  /** As far as the query could be understood. */
  readonly explanation?: Explanation;
}

/** How often one gate may be used. */
const MOST_USES = 4;

export async function compile(input: CompileInput): Promise<Result<CompiledQuery, CompileRefused>> {
  const caps = input.caps ?? CAPS;
  const refusals = new Refusals();
  const refused = (): Result<CompiledQuery, CompileRefused> => err({ refusals: refusals.all });

  const problem = checkText(input.text, caps);
  if (problem !== null) return err({ refusals: [problem] });
  const json = await input.engine.parse(input.text);
  const tree = json === null ? null : readTree(json);
  if (tree === null) return err({ refusals: [refusal('parse/unreadable', null, {})] });
  if (countNodes(tree, caps.nodes) > caps.nodes) return err({ refusals: [refusal('cap/nodes', null, { limit: caps.nodes })] });

  const query = new Lowering(locator(input.text), caps, refusals).statement(tree);
  if (query === null) return refused();

  const catalog = buildCatalog(input.datasets, input.columns);
  const context = new BindContext(catalog, refusals, caps);
  const bound = bindQuery(context, query, new Environment(), null);
  if (joinWidth(bound.relation) > caps.joined) refusals.add('cap/joined', null, { limit: caps.joined });
  if (!refusals.none) return refused();

  const gated = split(context, bound.relation);
  if (gated === null) return refused();
  const vetted = gated.gates.map((gate) => vetGate(catalog, gate, refusals));
  // Gates that are the same are run once, so a few more may be planned than run.
  if (gated.gates.length > input.limits.gates * MOST_USES) refusals.add('cap/gates', null, { gates: gated.gates.length, limit: input.limits.gates });
  if (refusals.none) await checkConstants(gated.gates, input.engine.computes, refusals);
  if (!refusals.none) return refused();

  const plan = planQuery(context, { vetted, rest: gated.rest, outputs: bound.outputs }, input.datasets, input.limits, refusals);
  if (plan === null) return refused();
  const printed = new Map<Query, string>();
  const texts = await Promise.all(plan.queries.map(async (each) => [each, await certain(each, input.engine, caps)] as const));
  for (const [each, text] of texts) {
    if (text === null) return err({ refusals: [refusal('print/mismatch', null, {})] });
    printed.set(each, text);
  }
  const textOf = (each: Query): string => printed.get(each) ?? missing();
  const printedAs = <Row>({ query: asked, decode }: Asked<Row>): Printed<Row> => ({ sql: textOf(asked), decode });
  return ok({
    gates: plan.gates.map(({ spec, query: cells, counting, witnesses, populations, decode, windows, classes, universe, place, uses }) => ({
      spec, windows, classes: classes?.known.kind === 'asked' ? { ...classes.known, sql: textOf(classes.known.query) } : classes?.known ?? null,
      witnesses: witnesses.map(({ kind, minimum, cells: inCells, classes: inGroups }) => ({ kind, minimum, cells: printedAs(inCells), classes: inGroups === null ? null : printedAs(inGroups) })),
      sql: textOf(cells), counting: counting === null ? null : { ...counting, sql: textOf(counting.query) }, populations: populations.map(({ kind, query: units, flat }) => ({ kind, sql: textOf(units), flat: flat && windows === null ? selectParts(units) : null })), decode,
      universe: universe === null ? null : textOf(universe), uses,
      place: place === null ? null : {
        ...place, roots: place.roots.map(({ query: asked, ...root }) => ({ ...root, sql: asked === null ? null : textOf(asked) })),
        joints: place.joints.map(({ query: asked, ...joint }) => ({ ...joint, sql: textOf(asked) })),
      },
    })),
    rest: { sql: plan.rest.shows === null ? textOf(plan.rest.query) : printQuery(plan.rest.query), columns: plan.rest.columns, ordered: bound.ordered, shows: plan.rest.shows },
    explanation: plan.explanation,
  });
}

function missing(): never {
  throw new Error('every planned query is printed');
}

/** The text of a query if the parser reads back exactly what was planned: then what was vetted is what is executed. */
async function certain(query: Query, engine: EmptyEngine, caps: Caps): Promise<string | null> {
  const text = printQuery(query);
  const json = await engine.parse(text);
  const tree = json === null ? null : readTree(json);
  // Printed queries nest deeper than what people write: every step of the plan may be a derived table.
  const wide: Caps = { ...caps, nesting: caps.nesting * 8, depth: caps.depth * 4, columns: caps.columns * 64, joins: caps.joins * 8, subqueries: caps.subqueries * 8, values: caps.values * 200, setOperations: caps.setOperations * 8 };
  const again = tree === null ? null : new Lowering(() => null, wide, new Refusals()).statement(tree);
  return again !== null && sameQuery(query, again) ? text : null;
}
