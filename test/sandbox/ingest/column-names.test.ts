/** Columns may be called what the loading's own queries call theirs: one letter, `id`, `unit`, `rowid`, words of SQL. */
import { expect, test } from 'vitest';
import { Domain, loaded, type Tables } from '../../support/dataset.ts';

const NAMES = [...'abcdefghijklmnopqrstuvwxyz', 'id_', 'unit', 'pseudonym', 'record_key', 'first', 'value', 'rowid', 'l0', 'u0', 'k0', 'c0', 'rows', 'main', 'memory', 'temp', 'select', 'order', 'path', 'column', 'line', 'file', 'excess', 'broken', 'h1', 'count', 'sum', '值'];

test('every one of them, in a table of units, one that refers to it and one of rows', async () => {
  const domain = new Domain();
  const columns = Object.fromEntries(NAMES.map((name) => [name, { type: 'integer', role: 'sensitive', min: '0', max: '1000' } as const]));
  const tables: Tables = {
    t: { file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 }, columns: { id: { type: 'varchar', role: 'unit' }, ...columns, street: { type: 'varchar', role: 'quasi', hierarchy: 'streets.csv' } } },
    v: { file: 'v.csv', units: { person: 'who' }, maxRowsPerUnit: { person: 2 }, onViolation: 'drop', columns: { who: { type: 'varchar', role: 'unit', references: 't.id' }, ...columns } },
    r: { file: 'r.csv', units: { event: 'row' }, columns },
  };
  const values = (row: number): string => NAMES.map((_, i) => row + i).join(',');
  const taken = loaded(await domain.load(tables, {
    't.csv': `id,${NAMES.join(',')},street\n${[1, 2, 3].map((i) => `P${i},${values(i)},东街`).join('\n')}\n`,
    'v.csv': `who,${NAMES.join(',')}\n${[1, 2, 3].map((i) => `P1,${values(i)}`).join('\n')}\n`,
    'r.csv': `${NAMES.join(',')}\n${values(1)}\n`,
    'streets.csv': 'street,district\n东街,甲区\n',
  }));
  for (const [table, rows] of [['t', 3], ['v', 2], ['r', 1]] as const) {
    const all = await domain.rows(taken, table, `SELECT ${NAMES.map((name) => `"${name}"`).join(', ')} FROM ROWS ORDER BY a`);
    expect(all).toHaveLength(rows);
    for (const row of all) expect(row).toEqual(NAMES.map((_, i) => Number(row[0]) + i));
  }
});
