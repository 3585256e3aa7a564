/** What do units that have withdrawn cost? */
import { DataEngine } from '#sandbox/engine/data-engine.ts';
import { attachedTables, openSnapshot } from '#sandbox/ingest/snapshot.ts';
import { benchSnapshot } from './data.ts';
import { median, ms, ratio, report, timed, type Report } from './measure.ts';
import type { Scale } from './scale.ts';

const THREADS = 2;
const MEMORY_MB = 4096;
/** As gates print them, over one table of many rows and one unit each. */
const QUESTIONS = [
  'SELECT count(*) FROM "city.residents"."rows"',
  'SELECT district, sex, count(*), sum(income) FROM "city.residents"."rows" GROUP BY ALL',
  'SELECT district, count(DISTINCT __unit_person) FROM "city.residents"."rows" WHERE sex = \'女\' GROUP BY ALL',
];

export const withdrawals = (scale: Scale): Promise<Report> => report(
  `What do units that have withdrawn cost? (${scale.rows.toLocaleString('en')} rows, one of each unit)`,
  `Median of ${scale.rounds} rounds in a worker's engine, ${THREADS} threads. "open": opening the data anew for another list, once in a worker's life for each batch. Ratios: to nobody withdrawn.`,
  async () => [{ title: 'withdrawn units', columns: ['units', 'open ms', 'count ratio', 'groups ratio', 'units ratio'], rows: await measure(scale) }],
);

async function measure(scale: Scale): Promise<readonly (readonly (string | number)[])[]> {
  const { manifest, snapshot, directory, keys } = await benchSnapshot('persons', scale.rows);
  const tables = attachedTables(manifest.id, directory, await openSnapshot(directory, snapshot, keys)).map(({ table }) => table);
  const engine = await DataEngine.open({ memoryMb: MEMORY_MB, threads: THREADS }, tables);
  const session = await engine.session();
  const read = await session.cells(`SELECT __pseudonym_person FROM "city.residents"."rows" ORDER BY __row_key LIMIT ${Math.ceil(scale.rows / 100)}`, scale.rows);
  if (!read.ok) throw new Error(read.error.code);
  const pseudonyms = read.value.rows().map(([pseudonym]) => pseudonym as bigint);
  session.close();
  const rows: (readonly (string | number)[])[] = [];
  let before: readonly number[] = [];
  for (const units of [0, 1, Math.ceil(pseudonyms.length / 10), pseudonyms.length]) {
    const hidden = { state: units === 0 ? null : String(units), units: () => new Map([['person', new Set(pseudonyms.slice(0, units))]]) };
    const open = await timed(async () => (await engine.session(hidden)).close());
    const times = await ask(engine, hidden, scale.rounds);
    if (units === 0) before = times;
    rows.push([units, ms(open), ...times.map((time, i) => ratio(time / (before[i] ?? time)))]);
  }
  engine.close();
  return rows;
}

async function ask(engine: DataEngine, hidden: Parameters<DataEngine['session']>[0], rounds: number): Promise<readonly number[]> {
  const session = await engine.session(hidden);
  const times: number[] = [];
  for (const sql of QUESTIONS) {
    const of: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const time = await timed(async () => {
        const read = await session.cells(sql, 1_000_000);
        if (!read.ok) throw new Error(read.error.code);
      });
      // The first round only warms.
      if (round >= 0) of.push(time);
    }
    times.push(median(of));
  }
  session.close();
  return times;
}
