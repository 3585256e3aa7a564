/**
 * Whether anybody is in the difference. Two towns that only differ in whether some persons, fewer than the minimum, are of an age of their own: every number
 * about everybody is the same in both, and every number without that age is about the same persons in the one, and about few less in the other. Random
 * sessions of two operators ask for both, in every order in which the difference could tell. If all that an operator sees, and all that the service
 * sees and could let through (charges, what is kept of it and how long that is, what the engine is asked), is the same in both towns, then
 * whoever has seen a session thinks of the two towns what he thought before.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { DataSession } from '#sandbox/engine/data-engine.ts';
import fc from '../../support/fast-check.ts';
import { DISTRICTS, LedgerDomain, ledgerPolicy, people, type Asked, type Person } from '../../support/ledger-domain.ts';

const MIN = 10;
const SPECIAL = 110;
/** Pairs of towns. */
const RUNS = Number(process.env['SLUICE_SESSIONS'] ?? 2);
const TOWN = people(400);

const MEASURES = ['count(*)', 'sum(income)', 'avg(income)', 'count(DISTINCT id)'] as const;
/** What the two towns have the same numbers of. */
const ROWS = ['true', ...DISTRICTS.map((district) => `district = '${district}'`), `sex = 'F'`, `sex = 'M'`, ...DISTRICTS.slice(0, 2).map((district) => `district = '${district}' AND sex = 'M'`)];
const KEYS = ['', 'district', 'sex'] as const;
/** Each leaves out whoever is of the age. */
const WITHOUT = ['age <> 110', 'age < 100', 'NOT age BETWEEN 100 AND 115', '(age < 50 OR age BETWEEN 50 AND 99)'] as const;

interface Question {
  readonly measure: (typeof MEASURES)[number];
  readonly rows: string;
  readonly key: (typeof KEYS)[number];
}

interface Step {
  readonly who: number;
  readonly question: Question;
  /** Null: everybody. */
  readonly without: (typeof WITHOUT)[number] | null;
}

const question: fc.Arbitrary<Question> = fc.record({ measure: fc.constantFrom(...MEASURES), rows: fc.constantFrom(...ROWS), key: fc.constantFrom(...KEYS) });
const step: fc.Arbitrary<Step> = fc.record({ who: fc.nat(1), question, without: fc.option(fc.constantFrom(...WITHOUT), { freq: 3 }) });
const session = fc.array(step, { minLength: 2, maxLength: 5 });

const sqlOf = ({ measure, rows, key }: Question, without: string | null): string =>
  `SELECT ${key === '' ? '' : `${key}, `}${measure} FROM people WHERE ${rows}${without === null ? '' : ` AND ${without}`}${key === '' ? '' : ` GROUP BY ${key} ORDER BY ${key}`}`;

/** With each question about everybody before the same without some, for what differs in the two towns without it was never hidden. */
function questionsOf(steps: readonly Step[]): readonly { readonly who: number; readonly sql: string }[] {
  const known = new Set<string>();
  return steps.flatMap(({ who, question: asked, without }) => {
    const whole = sqlOf(asked, null);
    const first = known.has(whole) || without === null ? [] : [{ who: 1 - who, sql: whole }];
    known.add(whole);
    return [...first, { who, sql: sqlOf(asked, without) }];
  });
}

const ENGINE = ['cells', 'cellsAside', 'numbers', 'loadGroups', 'loadReleased', 'drop'] as const;
let engine: string[] = [];
function listen(): void {
  for (const name of ENGINE) {
    const own = DataSession.prototype[name] as (this: DataSession, ...args: unknown[]) => Promise<unknown>;
    vi.spyOn(DataSession.prototype, name).mockImplementation(function (this: DataSession, ...args: unknown[]) {
      engine.push(`${name} ${typeof args[0] === 'string' ? args[0] : ''}`);
      return own.apply(this, args) as never;
    });
  }
}
afterEach(() => vi.restoreAllMocks());

/** All of an answer but salts, ciphertexts and the job's name. */
function seen(answer: Asked): unknown {
  const { result: _, ...told } = answer;
  switch (told.kind) {
    case 'released':
    case 'held': {
      const { digest: __, sealed, ...plain } = told.envelope;
      return { kind: told.kind, ...plain, sealed: Object.fromEntries(Object.entries(sealed).map(([name, text]) => [name, text?.length ?? null])) };
    }
    default: return told;
  }
}

interface Transcript {
  readonly told: readonly unknown[];
  /** Entries of the chain after each question, and lengths of what was sealed. */
  readonly kept: readonly (readonly number[])[];
  readonly engine: readonly (readonly string[])[];
}

type Differencing = Parameters<typeof ledgerPolicy>[0];
type Policy = readonly [Differencing, object];

class Town {
  readonly #domain = new LedgerDomain();
  readonly #loaded: ReturnType<LedgerDomain['load']>;

  constructor(persons: readonly Person[]) {
    this.#loaded = this.#domain.load(persons);
  }

  async play(questions: ReturnType<typeof questionsOf>, [differencing, over]: Policy): Promise<Transcript> {
    const branch = this.#domain.branch();
    const policy = ledgerPolicy(differencing, { units: { person: { min: MIN } }, ...over });
    const loaded = await this.#loaded;
    const operators = [await branch.operator(loaded, policy), await branch.operator(loaded, policy)];
    const [told, kept, asked]: [unknown[], number[][], string[][]] = [[], [], []];
    for (const { who, sql } of questions) {
      engine = [];
      told.push(seen(await operators[who]!.ask(sql)));
      kept.push(branch.entries.map(({ sealed }) => sealed.length));
      asked.push(engine);
    }
    branch.close();
    return { told, kept, engine: asked };
  }

  async close(): Promise<void> {
    await this.#loaded;
    this.#domain.close();
  }
}

const towns = (special: readonly number[]): readonly [Town, Town] => [new Town(TOWN), new Town(TOWN.map((person, i) => (special.includes(i) ? { ...person, age: SPECIAL } : person)))];

const few = fc.uniqueArray(fc.nat(TOWN.length - 1), { minLength: 1, maxLength: MIN - 1 });
const POLICIES: readonly Policy[] = [['warn', {}], ['refuse', {}], ['hold', {}], ['warn', { secondary: 'required', dominance: [{ rule: 'p-percent', p: 10 }] }]];

test('nothing that is told, charged, kept or asked of the engine depends on whether anybody is in the difference', async () => {
  listen();
  let played = 0;
  await fc.assert(fc.asyncProperty(few, fc.array(session, { minLength: 3, maxLength: 3 }), async (special, sessions) => {
    const [nobody, some] = towns(special);
    try {
      for (const policy of POLICIES) {
        for (const steps of sessions) {
          const questions = questionsOf(steps);
          const [one, other] = [await nobody.play(questions, policy), await some.play(questions, policy)];
          const names = JSON.stringify({ policy, special, questions }, null, 1);
          expect(other.told, names).toEqual(one.told);
          expect(other.kept, names).toEqual(one.kept);
          expect(other.engine, names).toEqual(one.engine);
          played++;
        }
      }
    } finally {
      await Promise.all([nobody.close(), some.close()]);
    }
  }), { numRuns: RUNS, seed: 3, endOnFailure: true });
  expect(played).toBe(RUNS * 3 * POLICIES.length);
}, 1_800_000);

test('without the ledger most sessions tell', async () => {
  let told = 0;
  const all = fc.sample(session, { numRuns: 12, seed: 3 });
  const [nobody, some] = towns([3, 50, 77, 120]);
  for (const steps of all) {
    const questions = questionsOf(steps);
    const [one, other] = [await nobody.play(questions, ['none', {}]), await some.play(questions, ['none', {}])];
    if (JSON.stringify(one.told) !== JSON.stringify(other.told)) told++;
  }
  await Promise.all([nobody.close(), some.close()]);
  expect(told).toBeGreaterThan(all.length / 2);
}, 60_000);
