/**
 * How does the time grow with the number of groups? For what comes after reading the cells of a gate: the ledger's glance, the release,
 * and the choice of what else to hide. Each at a size and at sixteen times that: by 16 where it grows with the groups, by 256 with their square.
 */
import type { Cell, GateCells, KeyColumn } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import { protect } from '#sandbox/sdc/secondary/protect.ts';
import { gate, policy, units } from '../test/support/gate.ts';
import { glanceOver, LEDGER_SESSIONS, unitsOf } from '../test/support/ledger-groups.ts';
import { metered, ms, ratio, report, type Report } from './measure.ts';
import type { Scale } from './scale.ts';
import { problemOf } from './secondary.ts';

const TIMES = 16;

const KEY: KeyColumn = { name: 'n', type: 'BIGINT', public: false, of: 'city.residents.n' };
const PART: KeyColumn = { name: 'part', type: 'BIGINT', public: false, of: 'city.residents.part' };
/** One in seven fails. */
const sizeOf = (group: number): number => (group % 7 === 0 ? 3 : 12);
const cells = (groups: number): readonly Cell[] => Array.from({ length: groups }, (_, i) => ({ keys: [String(i)], evidence: [units(sizeOf(i))] }));
const one = (groups: number): readonly GateCells[] => [gate({ keys: [KEY], relation: 'residents' }, cells(groups), null)];
const withTotal = (groups: number): readonly GateCells[] => [...one(groups), gate({ id: 1, keys: [], relation: 'residents' }, [{ keys: [], evidence: [units(Array.from({ length: groups }, (_, i) => sizeOf(i)).reduce((a, b) => a + b, 0))] }], null)];
const crossed = (groups: number): readonly GateCells[] => [...one(groups), gate({ id: 1, keys: [PART], relation: 'residents' }, cells(groups), null)];

const PLAIN = policy({ dominance: [{ rule: 'p-percent', p: 10 }] });
const REQUIRED = policy({ secondary: 'required' });

/** Prepares what is measured at a number of groups. */
type Work = (groups: number) => () => void;

const releasing = (gates: (groups: number) => readonly GateCells[], rules: typeof PLAIN): Work => (groups) => {
  const of = gates(groups);
  return () => void release(of, [rules]);
};

export const growth = (scale: Scale): Promise<Report> => report(
  'How does the time grow with the number of groups?',
  `Processor time in ms of what comes after reading the cells, at a number of groups and at ${TIMES} times as many, after a round that warms. The aim: well below the square, ${TIMES ** 2}.`,
  async () => {
    const solver = await loadSolver();
    const works: Readonly<Record<string, Work>> = {
      ...Object.fromEntries(Object.entries(LEDGER_SESSIONS).map(([name, session]): [string, Work] => [`ledger: ${name}`, (groups) => {
        const [of, sizes] = [session(groups), unitsOf(groups)];
        return () => void glanceOver(of, sizes);
      }])),
      'release: one table': releasing(one, PLAIN),
      'release: one table, secondary suppression': releasing(one, REQUIRED),
      'release: a table and its total, secondary suppression': releasing(withTotal, REQUIRED),
      'release: two tables that cross, secondary suppression': releasing(crossed, REQUIRED),
      'secondary: as many rows of eight columns': (groups) => {
        const problem = problemOf([groups, 8], 60);
        return () => void protect(problem, solver);
      },
    };
    const few = scale.name === 'smoke' ? 10 : 1000;
    const rows: (string | number)[][] = [];
    for (const [name, work] of Object.entries(works)) {
      const time = async (groups: number): Promise<number> => {
        const prepared = work(groups);
        return (await metered(async () => prepared())).cpu;
      };
      await time(few);
      const [small, large] = [await time(few), await time(few * TIMES)];
      rows.push([name, few, ms(small), ms(large), ratio(large / small)]);
    }
    return [{ title: `${TIMES} times the groups`, columns: ['what', 'groups', 'ms', `${TIMES} times as many ms`, 'ratio'], rows }];
  },
);
