/**
 * Plans where the cells of a gate lie (`release/place.ts`): filters, keys and conditions are asked of the values of the dimensions that they
 * read, one or several, in the scratch engine, so that they mean exactly what they mean below the gate. What reads anything else stays
 * in the text of the relation.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { BindContext } from '../bind/context.ts';
import { boundLiteral, columnRef, columnsIn, conjunction, partsOf, withParts, type Bound } from '../expression.ts';
import { cast } from '../functions/parameter.ts';
import type { Query } from '../query.ts';
import type { Column, Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';
import { isInteger } from '../types.ts';
import { Blocks, type BlockOptions } from './blocks.ts';
import { isBase, Reader, type Root } from './dimensions.ts';
import { readsGates, rowsOfGate, scansIn } from './gate-rows.ts';
import type { PlannedMeasure } from './measures.ts';
import { universeOf, type Universe } from './universe-of-column.ts';

/** A dimension by the values that it can have. */
export interface PlannedAtoms {
  readonly root: string;
  /** Of the query's rows, by number. The last is that of all other values, where there may be others. */
  readonly atoms: readonly string[];
  readonly others: boolean;
}

/** What is asked of the values of one dimension. */
export interface PlannedRoot extends PlannedAtoms {
  /** Columns: number of the row; whether the filters leave it (if `filtered`); the keys; whether the conditions hold. Null where nothing is asked. */
  readonly query: Query | null;
  readonly filtered: boolean;
  readonly keys: readonly number[];
  readonly conditions: readonly number[];
  /** Whether released tables of other gates answer: then the answer is another one in each job. */
  readonly ofGates: boolean;
}

/** What is asked of the values of several dimensions together, or of none. The query is as for one, with a number for each dimension. */
export interface PlannedJoint extends Omit<PlannedRoot, keyof PlannedAtoms | 'query'> {
  readonly roots: readonly PlannedAtoms[];
  readonly query: Query;
}

export interface PlannedPlace {
  readonly base: string;
  readonly roots: readonly PlannedRoot[];
  readonly joints: readonly PlannedJoint[];
  /** By key: the dimension that it is itself a value of; null where `roots` tell, or nobody. */
  readonly keys: readonly { readonly root: string; readonly bare: boolean }[];
  readonly measures: readonly { readonly rest: readonly string[]; readonly present: string | null }[];
  /** Whether the cells are sets of atoms of stored rows, all of them: nothing that is asked for is in a text only. */
  readonly certain: boolean;
  /** Protected tables of whose rows or values the numbers may be made. */
  readonly tables: readonly string[];
  /** Whether the same text means the same rows in another job. */
  readonly lasting: boolean;
}

/** Rows of a question about several dimensions. */
const MOST_TOGETHER = 50_000;

export function planPlace(context: BindContext, gate: Gate, measures: readonly PlannedMeasure[], datasets: readonly PinnedDataset[], options: BlockOptions): PlannedPlace {
  const rows = rowsOfGate(context, gate.input, datasets);
  const reader = new Reader(rows, datasets);
  const asked: readonly Asked[] = [
    ...rows.predicates.map((expr): Asked => ({ of: 'filter', i: 0, expr })),
    ...gate.keys.map(({ expr }, i): Asked => ({ of: 'key', i, expr })),
    ...measures.flatMap(({ conditions }, i) => conditions.map((expr): Asked => ({ of: 'condition', i, expr }))),
  ];
  const described = asked.map((each) => ({ ...each, roots: reader.rootsOf(each.expr) }));
  // Their values are known by now: literals were met.
  const placed = described.map((each) => ({ ...each, roots: each.roots !== null && each.roots.length !== 1 && reader.sizeOf(each.roots) > MOST_TOGETHER ? null : each.roots }));
  const opaque = placed.filter(({ roots, of, expr }) => roots === null && !(of === 'key' && reader.isBare(expr)));
  const groups = [...Map.groupBy(placed.filter(({ roots }) => roots !== null), ({ roots }) => (roots ?? []).map(({ source }) => source).sort().join('\u0000')).values()];
  const questions = groups.map((group) => {
    const roots = [...group[0]?.roots ?? []].sort((a, b) => (a.source < b.source ? -1 : 1));
    const whole = group.map(({ of, i, expr }) => ({ of, i, expr: reader.expanded(expr) ?? expr }));
    const conditions = [...Map.groupBy(whole.filter(({ of }) => of === 'condition'), ({ i }) => i)].map(([i, parts]) => ({ i, expr: conjunction(parts.map(({ expr }) => expr)) ?? missing() }));
    return { roots, filter: conjunction(whole.flatMap(({ of, expr }) => (of === 'filter' ? [expr] : []))), keys: whole.filter(({ of }) => of === 'key'), conditions };
  });
  const one = questions.filter(({ roots }) => roots.length === 1);
  const textOf = (of: Asked['of'], i = 0): readonly string[] => placed.filter((each) => each.roots === null && each.of === of && each.i === i).map(({ expr }) => reader.textOf(expr)).toSorted();
  const filters = textOf('filter');
  const keyRoots = gate.keys.map((_, i) => placed.find((each) => each.of === 'key' && each.i === i)?.roots ?? null);
  const texts = [...opaque.map(({ expr }) => expr), ...measures.flatMap(({ value }) => (value === null ? [] : [value]))];
  return {
    base: filters.length === 0 ? rows.text : `${rows.text} where ${filters.join(' and ')}`,
    roots: one.map(({ roots: [root = missing()], ...question }) => plannedRoot(context, root, reader, question, options)),
    joints: questions.filter(({ roots }) => roots.length !== 1).map(({ roots, ...question }) => plannedJoint(context, roots, reader, question, options)),
    keys: gate.keys.map(({ expr }, i) => {
      const [root, ...others] = keyRoots[i] ?? [];
      return root === undefined || others.length > 0 ? { root: reader.textOf(expr), bare: true } : { root: root.source, bare: reader.isBare(expr) };
    }),
    measures: measures.map(({ value, measure }, i) => ({
      // What a value is made of beside the rows is another thing by another way to it.
      rest: [...textOf('condition', i), ...(value === null ? [] : reader.besideIn([value]).map(({ text }) => text))].toSorted(),
      present: measure.of.kind === 'rows' || value === null || (value.kind === 'column' && reader.neverNull(value.column)) ? null : `is-not-null(${measure.of.column})`,
    })),
    certain: rows.plain && opaque.length === 0,
    tables: countsUnits(gate.input, measures) ? [] : [...new Set(scansIn(gate.input))].sort(),
    lasting: !readsGates(gate.input) || (rows.plain && !texts.some((expr) => reader.besideIn([expr]).some(({ ofGates }) => ofGates))),
  };
}

/** Canonical text of a gate's rows: the same for the same rows, also where a join to a table that each of them has one row in only says more of them. */
export function textOfRows(context: BindContext, gate: Gate, datasets: readonly PinnedDataset[]): string {
  const rows = rowsOfGate(context, gate.input, datasets);
  const reader = new Reader(rows, datasets);
  const conditions = rows.predicates.map((each) => reader.textOf(each)).toSorted();
  return conditions.length === 0 ? rows.text : `${rows.text} where ${conditions.join(' and ')}`;
}

/** Whether only units are counted, of which many have several rows: such numbers are no sums of numbers of rows. */
function countsUnits(relation: Relation, measures: readonly PlannedMeasure[]): boolean {
  switch (relation.kind) {
    case 'filter': case 'project': case 'sort': return countsUnits(relation.input, measures);
    case 'aggregate': return measures.every(({ measure }) => measure.of.kind === 'rows')
      && relation.keys.some(({ expr }) => expr.kind === 'column' && expr.column.from.kind === 'unit' && expr.column.from.table.units.every(({ maxRows }) => maxRows !== 1));
    default: return false;
  }
}

function missing(): never {
  throw new Error('a question without what it asks');
}

interface Asked {
  readonly of: 'filter' | 'key' | 'condition';
  /** Number of the key, or of the measure. */
  readonly i: number;
  readonly expr: Bound;
}

interface Question {
  readonly filter: Bound | null;
  readonly keys: readonly { readonly i: number; readonly expr: Bound }[];
  readonly conditions: readonly { readonly i: number; readonly expr: Bound }[];
}

type Parts = Omit<PlannedRoot, keyof PlannedAtoms | 'query'>;

const exprsOf = ({ filter, keys, conditions }: Question): readonly Bound[] => [...(filter === null ? [] : [filter]), ...keys.map(({ expr }) => expr), ...conditions.map(({ expr }) => expr)];

const partsIn = (question: Question, reader: Reader): Parts => ({
  filtered: question.filter !== null, keys: question.keys.map(({ i }) => i), conditions: question.conditions.map(({ i }) => i),
  ofGates: reader.besideIn(exprsOf(question)).some(({ ofGates }) => ofGates),
});

function plannedRoot(context: BindContext, root: Root, reader: Reader, all: Question, options: BlockOptions): PlannedRoot {
  // A key that is the column itself is its own atom: nothing is to be asked.
  const question = { ...all, keys: all.keys.filter(({ expr }) => !reader.isBare(expr) || (root.dimension !== null && 'bands' in root.dimension)) };
  const universe = universeOf(root.declared, root.type, root.dimension, [...root.literals]);
  const query = exprsOf(question).length === 0 ? null : questionOf(context, [root], reader, exprsOf(question), options);
  return { ...atomsOf(root, universe), query, ...partsIn(question, reader) };
}

function plannedJoint(context: BindContext, roots: readonly Root[], reader: Reader, question: Question, options: BlockOptions): PlannedJoint {
  return {
    roots: roots.map((root) => atomsOf(root, universeOf(root.declared, root.type, root.dimension, [...root.literals]))),
    query: questionOf(context, roots, reader, exprsOf(question), options), ...partsIn(question, reader),
  };
}

const atomsOf = ({ source }: Root, { atoms, others }: Universe): PlannedAtoms => ({ root: source, atoms: atoms.map(({ name }) => name), others });

/** A row for each combination of the values, with its number in each dimension. */
function questionOf(context: BindContext, roots: readonly Root[], reader: Reader, asked: readonly Bound[], options: BlockOptions): Query {
  const columns = reader.columnsOf(asked);
  const stand = new Map(columns.map((column) => [column, context.column(column.name, column.type, { kind: 'constant' })]));
  const numbers: Column[] = [];
  const values = roots.map((root): Relation => {
    const universe = universeOf(root.declared, root.type, root.dimension, [...root.literals]);
    const number = context.column('atom', 'INTEGER', { kind: 'constant' });
    numbers.push(number);
    const own = columns.filter((column) => reader.isOf(root, column));
    const rows = (universe.others ? [...universe.atoms, null] : universe.atoms).map((atom, i) => [boundLiteral('INTEGER', String(i)), ...own.map((column) => {
      const text = atom === null ? otherValue(column, root) : valueOf(column, atom, root);
      return cast(boundLiteral(text === null ? 'NULL' : 'VARCHAR', text), column.type);
    })]);
    return { kind: 'values', columns: [number, ...own.map((column) => stand.get(column) ?? column)], rows };
  });
  const replace = (expr: Bound): Bound => {
    if (expr.kind === 'column') return columnRef(stand.get(expr.column) ?? expr.column);
    return partsOf(expr).length === 0 ? expr : withParts(expr, replace);
  };
  let input = values.reduce<Relation>((left, right) => (left.kind === 'single' ? right : { kind: 'join', join: 'inner', left, right, on: null, at: null }), { kind: 'single' });
  for (const beside of reader.besideIn(asked)) {
    const outer = new Map(beside.reads.flatMap((expr) => [...columnsIn(expr)]).map((column) => [column, replace(reader.expanded(columnRef(column)) ?? columnRef(column))]));
    const written = (expr: Bound): Bound => (expr.kind === 'column' ? outer.get(expr.column) ?? expr : partsOf(expr).length === 0 ? expr : withParts(expr, written));
    input = beside.over(input, written);
  }
  const items = asked.map((expr) => ({ column: context.column('asked', expr.type, { kind: 'computed', expr: replace(expr) }), expr: replace(expr) }));
  return new Blocks(options).query({ kind: 'project', input, items: [...numbers.map((column) => ({ column, expr: columnRef(column) })), ...items] }, [...numbers, ...items.map(({ column }) => column)]);
}

function valueOf(column: Column, atom: Universe['atoms'][number], { declared }: Root): string | null {
  if (isBase(column) || column.from.kind !== 'stored') return atom.value;
  if (column.from.column.stored.kind === 'band') return atom.band;
  const { name } = column.from.column;
  const level = declared.levels?.find((each) => name === each || name.endsWith(`_${each}`));
  return level === undefined ? null : atom.levels.get(level) ?? null;
}

/** A value that none of the literals is; levels of a value that is in no hierarchy file are NULL. */
function otherValue(column: Column, { literals }: Root): string | null {
  if (!isBase(column)) return null;
  if (!isInteger(column.type)) return `${[...literals].reduce((longest, each) => (each.length > longest.length ? each : longest), '')}\u0001`;
  for (let value = 0; ; value++) if (!literals.has(String(value))) return String(value);
}

