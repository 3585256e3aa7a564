/**
 * Random sessions of counts by several operators. Whatever was asked in whatever order: the numbers that left as they are (and
 * not as they follow) tell no fewer than the minimum of persons apart. Judged from the persons themselves, by ranks over the
 * rationals for every set of few persons; no code of the ledger takes part.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import fc from '../../support/fast-check.ts';
import { LedgerDomain, ledgerPolicy, people, single, DISTRICTS, type Loaded, type Operator, type Person } from '../../support/ledger-domain.ts';
import { rank } from '../../support/ledger-reference.ts';

const MIN = 10;
/** Few of them are old, so that there are small differences to find. */
const TOWN = people(150, (person, i) => ({ ...person, age: i % 25 === 0 ? 90 + (i % 4) : person.age % 60 }));

interface Asked {
  readonly sql: string;
  readonly has: (person: Person) => boolean;
}

const condition: fc.Arbitrary<Asked> = fc.oneof(
  fc.constantFrom(20, 40, 59, 60, 91, 92, 93).map((age): Asked => ({ sql: `age < ${age}`, has: (person) => person.age < age })),
  fc.constantFrom(20, 40, 60, 90, 92).map((age): Asked => ({ sql: `age >= ${age}`, has: (person) => person.age >= age })),
  fc.constantFrom('F', 'M').map((sex): Asked => ({ sql: `sex = '${sex}'`, has: (person) => person.sex === sex })),
  fc.constantFrom(...DISTRICTS).map((district): Asked => ({ sql: `district = '${district}'`, has: (person) => person.district === district })),
  fc.constantFrom(90, 91, 92).map((age): Asked => ({ sql: `age <> ${age}`, has: (person) => person.age !== age })),
);
const question = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Asked>({ sql: 'true', has: () => true }) },
  { weight: 3, arbitrary: condition },
  { weight: 2, arbitrary: fc.tuple(condition, condition).map(([a, b]): Asked => ({ sql: `${a.sql} and ${b.sql}`, has: (person) => a.has(person) && b.has(person) })) },
  { weight: 2, arbitrary: fc.tuple(condition, condition).map(([a, b]): Asked => ({ sql: `${a.sql} or ${b.sql}`, has: (person) => a.has(person) || b.has(person) })) },
);
const session = fc.array(fc.record({ who: fc.nat(1), question }), { minLength: 3, maxLength: 9 });

const domain = new LedgerDomain();
let town: Loaded;
beforeAll(async () => { town = await domain.load(TOWN); }, 60_000);
afterAll(() => domain.close());

/** Persons by which of the numbers they are in. */
function classesOf(numbers: readonly Asked[]): { readonly matrix: readonly (readonly number[])[]; readonly units: readonly number[] } {
  const classes = Map.groupBy(TOWN, (person) => numbers.map(({ has }) => Number(has(person))).join(''));
  const columns = [...classes.keys()].filter((signature) => signature.includes('1'));
  return { matrix: numbers.map((_, row) => columns.map((signature) => Number(signature[row]))), units: columns.map((signature) => classes.get(signature)!.length) };
}

function fewToldApart(numbers: readonly Asked[]): number | null {
  if (numbers.length === 0) return null;
  const { matrix, units } = classesOf(numbers);
  const whole = rank(matrix);
  const small = units.flatMap((n, c) => (n < MIN ? [c] : []));
  const search = (from: number, set: readonly number[], total: number): number | null => {
    if (set.length > 0 && rank(matrix.map((row) => row.filter((_, c) => !set.includes(c)))) < whole) return total;
    for (let i = from; i < small.length; i++) {
      const c = small[i]!;
      const found = total + units[c]! < MIN ? search(i + 1, [...set, c], total + units[c]!) : null;
      if (found !== null) return found;
    }
    return null;
  };
  return search(0, [], 0);
}

async function play(asked: readonly { readonly who: number; readonly question: Asked }[], strategy: 'warn' | 'none'): Promise<readonly Asked[]> {
  const branch = domain.branch();
  const operators: Operator[] = [await branch.operator(town, ledgerPolicy(strategy)), await branch.operator(town, ledgerPolicy(strategy))];
  const numbers: Asked[] = [];
  for (const { who, question: { sql, has } } of asked) {
    const entries = branch.entries.length;
    const seen = single(await operators[who]!.ask(`select count(*) from people where ${sql}`));
    const own = strategy === 'none' ? seen !== null : branch.entries.length > entries;
    if (own) {
      expect(seen, sql).toBe(TOWN.filter(has).length);
      numbers.push({ sql, has });
    }
  }
  branch.close();
  return numbers;
}

test('no session tells few persons apart', async () => {
  await fc.assert(fc.asyncProperty(session, async (asked) => {
    expect(fewToldApart(await play(asked, 'warn'))).toBeNull();
  }), { numRuns: Number(process.env['SLUICE_SESSIONS'] ?? 15), seed: 4 });
}, 300_000);

test('without the ledger many do', async () => {
  let told = 0;
  await fc.assert(fc.asyncProperty(session, async (asked) => {
    if (fewToldApart(await play(asked, 'none')) !== null) told++;
  }), { numRuns: 12, seed: 4 });
  expect(told).toBeGreaterThan(2);
}, 300_000);
