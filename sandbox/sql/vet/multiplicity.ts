/**
 * How often public rows repeat the rows of protected parties. A table of the operator's own (VALUES, a public table, a released
 * one) that meets the rows of one group three times and those of another a thousand times writes both groups' sizes into one
 * total, the small one too. So under a grid every row must meet at most one row of such a table, or as many as every other row.
 */
import { columnsIn, conjuncts, type Bound } from '../expression.ts';
import { inputsOf } from '../bind/hoist.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';

export interface Repetition {
  readonly kind: 'join' | 'union';
  readonly at: number | null;
}

/** Places where rows of protected parties are repeated unevenly. */
export function repetitions(relation: Relation): readonly Repetition[] {
  const found: Repetition[] = [];
  const visit = (node: Relation, above: readonly Bound[]): void => {
    switch (node.kind) {
      case 'gate': return;
      case 'filter': visit(node.input, [...above, ...conjuncts(node.predicate)]); return;
      case 'project': visit(node.input, above); return;
      case 'join': {
        const conditions = [...conjuncts(node.on), ...(node.join === 'inner' ? above : [])];
        const [left, right] = [isProtected(node.left), isProtected(node.right)];
        if (left !== right && !meetsEvenly(left ? node.right : node.left, conditions)) found.push({ kind: 'join', at: node.at });
        // With a condition beside the unit, who fails it comes twice and who meets it once.
        if (left && right && node.join === 'full' && conjuncts(node.on).some((part) => !isUnitLink(part))) found.push({ kind: 'join', at: node.at });
        visit(node.left, node.join === 'inner' || node.join === 'left' ? conditions : []);
        visit(node.right, node.join === 'inner' || node.join === 'right' ? conditions : []);
        return;
      }
      // A small group of one side would be counted among a large one of the other.
      case 'set-operation': {
        if (isProtected(node)) found.push({ kind: 'union', at: node.at });
        visit(node.left, []);
        visit(node.right, []);
        return;
      }
      // Rows made one for each unit are a set of units, none of which counts twice.
      case 'aggregate': {
        const isSet = node.aggregates.length === 0 && node.keys.every(({ expr }) => expr.kind === 'column' && expr.column.from.kind === 'unit');
        if (isSet && node.input.kind === 'set-operation') [node.input.left, node.input.right].forEach((side) => visit(side, []));
        else visit(node.input, []);
        return;
      }
      // Whether there is one row or several is a condition on rows that the grid does not know.
      case 'lookup': {
        if (isProtected(node.sub) && !picksOne(node.sub, conjuncts(node.on))) found.push({ kind: 'join', at: node.at });
        visit(node.input, []);
        visit(node.sub, []);
        return;
      }
      default: inputsOf(node).forEach((input) => visit(input, []));
    }
  };
  visit(relation, []);
  return found;
}

/** An outer join of protected rows in which a row of the side that is kept may meet several of the other. */
export interface Mixture {
  /** Columns that have a value in matched rows only. */
  readonly optional: ReadonlySet<Column>;
  readonly at: number | null;
}

/**
 * Joins that a gate's rows come from, in which those who have none of the other side's rows count once and others many times. A number over
 * all of them would show how many rows a few have among many who have none.
 */
export function mixtures(relation: Relation): readonly Mixture[] {
  switch (relation.kind) {
    case 'filter': case 'project': case 'test': case 'lookup': return mixtures(relation.input);
    case 'join': {
      const inner = [...mixtures(relation.left), ...mixtures(relation.right)];
      const sides = [...(relation.join === 'left' || relation.join === 'full' ? [relation.right] : []), ...(relation.join === 'right' || relation.join === 'full' ? [relation.left] : [])];
      return [...inner, ...sides.filter((side) => isProtected(side) && !picksOne(side, conjuncts(relation.on))).map((side): Mixture => ({ optional: new Set(columnsOf(side)), at: relation.at }))];
    }
    default: return [];
  }
}

function isUnitLink(part: Bound): boolean {
  return part.kind === 'compare' && part.op === '=' && part.left.kind === 'column' && part.right.kind === 'column' && part.left.column.from.kind === 'unit' && part.right.column.from.kind === 'unit';
}

export function isProtected(relation: Relation): boolean {
  if (relation.kind === 'scan') return relation.table.units.length > 0;
  return relation.kind !== 'gate' && inputsOf(relation).some(isProtected);
}

/** Whether the conditions let each row of the other side meet at most one row of this one, or do not depend on the other side. */
function meetsEvenly(plain: Relation, conditions: readonly Bound[]): boolean {
  const own = new Set(columnsOf(plain));
  const touching = conditions.map((condition) => [...columnsIn(condition)]).filter((columns) => columns.some((column) => own.has(column)));
  return touching.every((columns) => columns.every((column) => own.has(column))) || picksOne(plain, conditions);
}

/** Whether at most one row of the relation can meet conditions that compare its columns with others' values. */
export function picksOne(relation: Relation, conditions: readonly Bound[]): boolean {
  const own = new Set(columnsOf(relation));
  const equated = conditions.flatMap((condition) => {
    if (condition.kind !== 'compare' || (condition.op !== '=' && condition.op !== 'IS NOT DISTINCT FROM')) return [];
    const sides = [condition.left, condition.right];
    const mine = sides.find((side) => side.kind === 'column' && own.has(side.column));
    const other = sides.find((side) => side !== mine);
    return mine?.kind === 'column' && other !== undefined && ![...columnsIn(other)].some((column) => own.has(column)) ? [mine.column] : [];
  });
  return isUnique(relation, new Set(equated));
}

/** Whether no two rows of the relation agree in all of these columns. */
function isUnique(relation: Relation, columns: ReadonlySet<Column>): boolean {
  switch (relation.kind) {
    case 'scan': return [...columns].some(({ from }) => {
      if (from.kind === 'unit') return from.scan === relation.scan && relation.table.units.some(({ kind, maxRows }) => kind === from.unit && maxRows === 1);
      return from.kind === 'stored' && from.scan === relation.scan && from.column.unique;
    });
    case 'limit': return isOne(relation.limit) || isUnique(relation.input, columns);
    case 'filter': case 'sort': case 'test': case 'lookup': return isUnique(relation.input, columns);
    case 'project': return isUnique(relation.input, new Set(relation.items.flatMap(({ column, expr }) => (columns.has(column) && expr.kind === 'column' ? [expr.column] : []))));
    case 'aggregate': return relation.sets === null && relation.keys.every(({ column }) => columns.has(column));
    case 'distinct': return relation.on.length === 0 && columnsOf(relation).every((column) => columns.has(column));
    // The keys of a released table come first; whatever else it shows has one value for each combination of them.
    case 'gate': return relation.columns.slice(0, relation.keys).every((column) => columns.has(column));
    case 'values': return relation.rows.length <= 1 || relation.columns.some((column, i) => columns.has(column) && allDifferent(relation.rows.map((row) => row[i])));
    case 'join': return relation.join === 'inner' && isUnique(relation.left, columns) && isUnique(relation.right, withEquated(relation, columns));
    case 'single': return true;
    case 'set-operation': case 'window': return false;
  }
}

const isOne = (limit: Bound | null): boolean => limit?.kind === 'literal' && (limit.value === '1' || limit.value === '0');

/** Columns of the right side that the join makes equal to known ones. */
function withEquated(join: Extract<Relation, { kind: 'join' }>, columns: ReadonlySet<Column>): ReadonlySet<Column> {
  const left = new Set(columnsOf(join.left));
  const equal = conjuncts(join.on).flatMap((part) => {
    if (part.kind !== 'compare' || part.op !== '=' || part.left.kind !== 'column' || part.right.kind !== 'column') return [];
    return left.has(part.left.column) ? [part.right.column] : left.has(part.right.column) ? [part.left.column] : [];
  });
  return new Set([...columns, ...equal]);
}

function allDifferent(values: readonly (Bound | undefined)[]): boolean {
  const texts = values.map((value) => constant(value));
  return texts.every((text) => text !== null) && new Set(texts).size === texts.length;
}

/** Text of a constant of which two are equal only if their texts are; null for anything else. */
function constant(value: Bound | undefined): string | null {
  if (value?.kind === 'cast') return constant(value.arg);
  return value?.kind === 'literal' && value.value !== null && /^(-?\d+|[^\d.+-].*)$/su.test(value.value) ? value.value.trim() : null;
}
