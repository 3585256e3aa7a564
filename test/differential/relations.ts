/** Protected relations, as people write them in FROM: tables, joins, derived tables, aggregates per unit, tests of other rows. */
import { expression, predicate, type Focus, type Scope, type ScopeColumn } from './expressions.ts';
import type { T } from './scalars.ts';
import type { Tape } from './tape.ts';

export interface Source {
  readonly from: string;
  readonly columns: readonly ScopeColumn[];
  /** Columns that name a unit of every row: what COUNT(DISTINCT …) may count. */
  readonly units: readonly string[];
  /** Conditions that are part of the relation: equalities of a comma join, tests of subqueries. */
  readonly where: readonly string[];
}

const PEOPLE: readonly (readonly [string, T])[] = [['region', 'txt'], ['born', 'int'], ['income', 'int'], ['huge', 'int'], ['score', 'dbl'], ['savings', 'dec'], ['moved', 'date'], ['seen', 'ts'], ['member', 'bool'], ['note', 'txt']];
const VISITS: readonly (readonly [string, T])[] = [['kind', 'txt'], ['cost', 'dec'], ['minutes', 'int'], ['day', 'date'], ['visit_id', 'int']];
const WORKS: readonly (readonly [string, T])[] = [['wage', 'int'], ['since', 'date']];
const FIRMS: readonly (readonly [string, T])[] = [['industry', 'txt'], ['capital', 'int']];
const PLACES: readonly (readonly [string, T])[] = [['code', 'txt'], ['part', 'txt'], ['area', 'int'], ['rate', 'dbl']];

const columnsOf = (alias: string, columns: readonly (readonly [string, T])[]): ScopeColumn[] => columns.map(([name, type]) => ({ sql: `${alias}.${name}`, type }));

const source = (from: string, columns: readonly ScopeColumn[], units: readonly string[], where: readonly string[] = []): Source => ({ from, columns, units, where });

const people = (): Source => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id']);
const visits = (): Source => source('lab.visits v', columnsOf('v', VISITS), ['v.person_id']);
const firms = (): Source => source('lab.firms f', columnsOf('f', FIRMS), ['f.firm_id']);
const works = (): Source => source('lab.works w', columnsOf('w', WORKS), ['w.person_id', 'w.firm_id']);

export const scopeOf = ({ columns }: Source, focus: Focus | null): Scope => ({ columns, below: true, focus });

/** The named shapes; the registry asks for each. */
export const SHAPES = {
  people: () => people(),
  visits: () => visits(),
  works: () => works(),
  firms: () => firms(),
  'unit join': (tape) => joined(tape.pick(['JOIN', 'LEFT JOIN'])),
  'right join': () => joined('RIGHT JOIN'),
  'full join': () => joined('FULL JOIN'),
  using: () => source('lab.visits v JOIN lab.people p USING (person_id)', [...columnsOf('v', VISITS), ...columnsOf('p', PEOPLE)], ['p.person_id']),
  'comma join': () => source('lab.people p, lab.visits v', [...columnsOf('p', PEOPLE), ...columnsOf('v', VISITS)], ['p.person_id', 'v.person_id'], ['p.person_id = v.person_id']),
  'public join': (tape) => source(`lab.people p ${tape.pick(['JOIN', 'LEFT JOIN'])} lab.places d ON p.region = d.code`, [...columnsOf('p', PEOPLE), ...columnsOf('d', PLACES)], ['p.person_id']),
  'public comma join': () => source('lab.places d, lab.people p', [...columnsOf('p', PEOPLE), ...columnsOf('d', PLACES)], ['p.person_id'], ['p.region = d.code']),
  'public cross join': () => source('lab.people p CROSS JOIN lab.places d', [...columnsOf('p', PEOPLE), ...columnsOf('d', PLACES)], ['p.person_id']),
  'public inequality join': (tape) => source(`lab.people p ${tape.pick(['JOIN', 'LEFT JOIN'])} lab.places d ON p.born > d.area`, [...columnsOf('p', PEOPLE), ...columnsOf('d', PLACES)], ['p.person_id']),
  'two units': () => source('lab.works w JOIN lab.firms f ON w.firm_id = f.firm_id', [...columnsOf('w', WORKS), ...columnsOf('f', FIRMS)], ['w.person_id', 'f.firm_id']),
  'three tables': () => source('lab.people p JOIN lab.works w ON p.person_id = w.person_id JOIN lab.firms f ON f.firm_id = w.firm_id', [...columnsOf('p', PEOPLE), ...columnsOf('w', WORKS), ...columnsOf('f', FIRMS)], ['p.person_id', 'w.firm_id']),
  'self join': () => source('lab.visits v JOIN lab.visits u ON v.person_id = u.person_id AND v.visit_id < u.visit_id', [...columnsOf('v', VISITS), ...columnsOf('u', VISITS)], ['v.person_id']),
  'semi join': (tape) => source(`lab.people p ${tape.pick(['SEMI', 'ANTI'])} JOIN lab.visits v ON p.person_id = v.person_id`, columnsOf('p', PEOPLE), ['p.person_id']),
  exists: (tape) => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id'], [`${tape.pick(['', 'NOT '])}EXISTS (SELECT 1 FROM lab.visits v WHERE v.person_id = p.person_id AND ${predicate(tape, { columns: columnsOf('v', VISITS), below: true, focus: null }, 1)})`]),
  in: (tape) => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id'], [`p.person_id ${tape.pick(['IN', 'NOT IN'])} (SELECT v.person_id FROM lab.visits v WHERE ${predicate(tape, { columns: columnsOf('v', VISITS), below: true, focus: null }, 1)})`]),
  'in public': (tape) => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id'], [`p.region ${tape.pick(['IN', 'NOT IN'])} (SELECT d.code FROM lab.places d WHERE ${predicate(tape, { columns: columnsOf('d', PLACES), below: true, focus: null }, 1)})`]),
  'any public': (tape) => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id'], [`p.born ${tape.pick(['> ANY', '<> ALL', '< ALL', '>= ANY'])} (SELECT d.area FROM lab.places d)`]),
  'correlated average': (tape) => source('lab.people p', columnsOf('p', PEOPLE), ['p.person_id'], [`p.income ${tape.pick(['>', '<='])} (SELECT ${tape.pick(['count(*)', 'avg(q.income) + 0.12345', 'sum(q.born)'])} FROM lab.people q${tape.pick([' WHERE q.region = p.region', ''])})`]),
  'derived table': (tape) => derived(tape),
  'per unit': (tape) => perUnit(tape),
  'per unit join': (tape) => perUnitJoined(tape),
  union: (tape) => source(`(SELECT v.person_id, v.kind AS label, v.minutes AS n, v.cost AS x FROM lab.visits v UNION${tape.pick([' ALL', ''])} SELECT p.person_id, p.region, p.born, p.savings FROM lab.people p) s`, columnsOf('s', [['label', 'txt'], ['n', 'int'], ['x', 'dec']]), ['s.person_id']),
  values: () => source(`lab.people p JOIN (VALUES ('east', 1), ('west', 2), (NULL, 3)) AS x(name, rank) ON p.region = x.name`, [...columnsOf('p', PEOPLE), { sql: 'x.rank', type: 'int' }], ['p.person_id']),
} as const satisfies Readonly<Record<string, (tape: Tape) => Source>>;

export type Shape = keyof typeof SHAPES;

const joined = (join: string): Source => source(`lab.people p ${join} lab.visits v ON p.person_id = v.person_id`, [...columnsOf('p', PEOPLE), ...columnsOf('v', VISITS)], [join === 'RIGHT JOIN' ? 'v.person_id' : 'p.person_id']);

function derived(tape: Tape): Source {
  const inner = people();
  const scope = scopeOf(inner, null);
  const types = tape.times(1, 3, () => tape.pick<T>(['int', 'txt', 'dec', 'bool', 'date', 'dbl']));
  const items = types.map((type, i) => `${expression(tape, scope, type, 2)} AS x${i}`);
  return source(`(SELECT p.person_id, p.region, p.born, ${items.join(', ')} FROM ${inner.from} WHERE ${predicate(tape, scope, 1)}) s`, [{ sql: 's.region', type: 'txt' }, { sql: 's.born', type: 'int' }, ...types.map((type, i): ScopeColumn => ({ sql: `s.x${i}`, type }))], ['s.person_id']);
}

const PER_UNIT: readonly (readonly [string, T])[] = [['count(*)', 'int'], ['sum(v.minutes)', 'int'], ['sum(v.cost)', 'dec'], ['max(v.cost)', 'dec'], ['min(v.day)', 'date'], ['avg(v.minutes)', 'dbl'], ['count(DISTINCT v.kind)', 'int'], ['bool_or(v.minutes > 30)', 'bool'], ['count_if(v.cost > 1)', 'int'], ['sum(v.minutes) FILTER (WHERE v.kind = \'pool\')', 'int']];

function perUnitQuery(tape: Tape): { readonly sql: string; readonly columns: readonly (readonly [string, T])[] } {
  const chosen = tape.times(1, 2, () => tape.pick(PER_UNIT));
  const extra = tape.once(3) ? ', v.kind' : '';
  const having = tape.once(4) ? ' HAVING count(*) > 1' : '';
  return {
    sql: `(SELECT v.person_id${extra}, ${chosen.map(([sql], i) => `${sql} AS n${i}`).join(', ')} FROM lab.visits v WHERE ${predicate(tape, { columns: columnsOf('v', VISITS), below: true, focus: null }, 1)} GROUP BY v.person_id${extra}${having})`,
    columns: [...(extra === '' ? [] : [['kind', 'txt'] as const]), ...chosen.map(([, type], i) => [`n${i}`, type] as const)],
  };
}

function perUnit(tape: Tape): Source {
  const { sql, columns } = perUnitQuery(tape);
  return source(`${sql} s`, columnsOf('s', columns), ['s.person_id']);
}

function perUnitJoined(tape: Tape): Source {
  const { sql, columns } = perUnitQuery(tape);
  return source(`lab.people p ${tape.pick(['JOIN', 'LEFT JOIN'])} ${sql} s ON p.person_id = s.person_id`, [...columnsOf('p', PEOPLE), ...columnsOf('s', columns)], ['p.person_id']);
}

export const publicSource = (): Source => source('lab.places d', columnsOf('d', PLACES), []);
