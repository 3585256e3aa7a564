/** What a load is refused for: one case for each rule, with its line, and never with a value. */
import { describe, expect, test } from 'vitest';
import { Domain, loaded, refused, type Tables } from '../../support/dataset.ts';

const CANARY = 'CANARY-40917';
const domain = new Domain();

const persons = (columns: Tables[string]['columns'], more: Partial<Tables[string]> = {}): Tables => ({
  persons: { file: 'p.csv', units: { person: 'id' }, ...more, columns: { id: { type: 'varchar', role: 'unit' }, ...columns } },
});

/** name → tables, file contents, expected problems as [code, column, line, count] */
const CASES: Readonly<Record<string, readonly [Tables, Readonly<Record<string, string>>, readonly (readonly [string, string | null, number | null, number])[]]>> = {
  'an integer that is none': [persons({ n: { type: 'integer', role: 'plain' } }), { 'p.csv': `id,n\na,1\nb,${CANARY}\nc,x\n` }, [['ingest/type', 'n', 3, 2]]],
  'an integer with a fraction': [persons({ n: { type: 'integer', role: 'plain' } }), { 'p.csv': 'id,n\na,1.0\nb,1.5\n' }, [['ingest/type', 'n', 3, 1]]],
  'an integer that overflows': [persons({ n: { type: 'tinyint', role: 'plain' } }), { 'p.csv': 'id,n\na,127\nb,128\n' }, [['ingest/type', 'n', 3, 1]]],
  'a decimal with too many digits': [persons({ n: { type: 'decimal(4,2)', role: 'plain' } }), { 'p.csv': 'id,n\na,12.30\nb,12.345\nc,123.4\nd,12.300\n' }, [['ingest/type', 'n', 3, 2]]],
  'a date that does not exist': [persons({ d: { type: 'date', role: 'plain' } }), { 'p.csv': 'id,d\na,2024-02-29\nb,2023-02-29\n' }, [['ingest/type', 'd', 3, 1]]],
  'NaN': [persons({ x: { type: 'double', role: 'plain' } }), { 'p.csv': 'id,x\na,1e300\nb,nan\nc,inf\n' }, [['ingest/not-finite', 'x', 3, 2], ['ingest/scale-overflow', 'x', 2, 1]]],
  'an infinite date': [persons({ d: { type: 'date', role: 'plain' } }), { 'p.csv': 'id,d\na,infinity\n' }, [['ingest/not-finite', 'd', 2, 1]]],
  'a row without its unit': [persons({ n: { type: 'integer', role: 'plain' } }), { 'p.csv': 'id,n\n,1\nb,2\n' }, [['ingest/unit-missing', 'id', 2, 1]]],
  'an empty field that may not be': [persons({ n: { type: 'integer', role: 'plain', nullable: false } }), { 'p.csv': 'id,n\na,\n' }, [['ingest/null', 'n', 2, 1]]],
  'below the minimum, above the maximum': [persons({ n: { type: 'integer', role: 'plain', min: '0', max: '10' } }), { 'p.csv': 'id,n\na,-1\nb,0\nc,10\nd,11\ne,12\n' }, [['ingest/min', 'n', 2, 1], ['ingest/max', 'n', 5, 2]]],
  'outside the domain': [persons({ s: { type: 'varchar', role: 'quasi', domain: ['男', '女'] } }), { 'p.csv': `id,s\na,男\nb,${CANARY}\n` }, [['ingest/domain', 's', 3, 1]]],
  'not in the hierarchy': [persons({ s: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv' } }), { 'p.csv': `id,s\na,x\nb,${CANARY}\n`, 'h.csv': 's,top\nx,X\n' }, [['ingest/hierarchy', 's', 3, 1]]],
  'a domain that the hierarchy does not cover': [persons({ s: { type: 'varchar', role: 'quasi', domain: ['x', 'y'], hierarchy: 'h.csv' } }), { 'p.csv': 'id,s\na,x\n', 'h.csv': 's,top\nx,X\n' }, [['ingest/hierarchy-incomplete', 's', null, 1]]],
  'a hierarchy with a hole and a repeat': [persons({ s: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv' } }), { 'p.csv': 'id,s\na,x\n', 'h.csv': 's,top\nx,X\nx,\n' }, [['ingest/hierarchy-gap', 's', 3, 1], ['ingest/hierarchy-repeat', 's', null, 1]]],
  'a hierarchy without levels': [persons({ s: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv' } }), { 'p.csv': 'id,s\na,x\n', 'h.csv': 's;top\nx;X\n' }, [['ingest/hierarchy-header', 's', 1, 1]]],
  'too many rows of a unit': [persons({ n: { type: 'integer', role: 'plain' } }, { maxRowsPerUnit: { person: 2 } }), { 'p.csv': `id,n\n${CANARY},1\nb,1\n${CANARY},2\n${CANARY},3\n` }, [['ingest/max-rows-per-unit', 'id', 5, 1]]],
  'a column that the file lacks': [persons({ n: { type: 'integer', role: 'plain', source: 'Cost ' } }), { 'p.csv': 'id,Cost\na,1\n' }, [['ingest/missing-column', 'n', null, 1]]],
  'a column that the file has twice': [persons({ n: { type: 'integer', role: 'plain' } }), { 'p.csv': 'id,n,n\na,1,2\n' }, [['ingest/duplicate-column', 'n', 1, 1]]],
  'a file that is not there': [persons({}), {}, [['ingest/no-file', null, null, 1]]],
  'a file elsewhere': [persons({}, { file: '../keys/domain.key' }), {}, [['ingest/no-file', null, null, 1]]],
  'a broken record': [persons({ n: { type: 'integer', role: 'plain' } }), { 'p.csv': `id,n\na,1\n${CANARY}\nb,2\n` }, [['ingest/field-count', null, 3, 1]]],
  'several at once': [persons({ n: { type: 'integer', role: 'plain' }, s: { type: 'varchar', role: 'quasi', domain: ['x'] } }), { 'p.csv': `id,n,s\na,${CANARY},x\nb,1,${CANARY}\n,2,x\n` }, [['ingest/unit-missing', 'id', 4, 1], ['ingest/type', 'n', 2, 1], ['ingest/domain', 's', 3, 1]]],
  'a bound that is no value': [persons({ n: { type: 'integer', role: 'plain', min: 'low' } }), { 'p.csv': 'id,n\n' }, [['ingest/bound', 'n', null, 1]]],
  'bounds the wrong way round': [persons({ n: { type: 'integer', role: 'plain', min: '2', max: '1' } }), { 'p.csv': 'id,n\n' }, [['ingest/bound', 'n', null, 1]]],
  'bounds on text': [persons({ n: { type: 'varchar', role: 'plain', min: 'a' } }), { 'p.csv': 'id,n\n' }, [['ingest/bound-type', 'n', null, 1]]],
  'a domain of another type': [persons({ n: { type: 'integer', role: 'plain', domain: ['1', 'x'] } }), { 'p.csv': 'id,n\n' }, [['ingest/domain-type', 'n', null, 1]]],
  'a unit column that does not exist': [{ t: { file: 'p.csv', units: { person: 'who' }, columns: { a: { type: 'integer', role: 'plain' } } } }, { 'p.csv': 'a\n1\n' }, [['ingest/unknown-unit-column', 'who', null, 1]]],
  'a reference to nothing': [persons({ f: { type: 'varchar', role: 'plain', references: 'homes.id' } }), { 'p.csv': 'id,f\n' }, [['ingest/unknown-reference', 'f', null, 1]]],
  'a reference of another type': [{ ...persons({ f: { type: 'integer', role: 'plain', references: 'homes.id' } }), homes: { file: 'h.csv', columns: { id: { type: 'varchar', role: 'plain' } } } }, {}, [['ingest/reference-type', 'f', null, 1]]],
  'references in a circle': [{ a: { file: 'a.csv', columns: { id: { type: 'integer', role: 'plain', references: 'b.id' } } }, b: { file: 'b.csv', columns: { id: { type: 'integer', role: 'plain', references: 'a.id' } } } }, {}, [['ingest/reference-cycle', null, null, 1], ['ingest/reference-cycle', null, null, 1]]],
  'a parent that does not exist': [{ ...persons({ f: { type: 'varchar', role: 'plain', references: 'homes.id' } }), homes: { file: 'h.csv', columns: { id: { type: 'varchar', role: 'plain' } } } }, { 'p.csv': `id,f\na,h1\nb,\nc,${CANARY}\n`, 'h.csv': 'id\nh1\n' }, [['ingest/missing-parent', 'f', 4, 1]]],
  'a key that is not unique': [{ ...persons({ f: { type: 'varchar', role: 'plain', references: 'homes.id' } }), homes: { file: 'h.csv', columns: { id: { type: 'varchar', role: 'plain' } } } }, { 'p.csv': 'id,f\na,h1\n', 'h.csv': `id\nh1\n${CANARY}\n${CANARY}\n` }, [['ingest/not-unique', 'id', 4, 1]]],
  'a clamp that cannot help': [persons({ n: { type: 'integer', role: 'plain', max: '5' } }, { onViolation: 'clamp' }), { 'p.csv': 'id,n\na,9\nb,x\n' }, [['ingest/type', 'n', 3, 1]]],
  'a record key out of range': [persons({ k: { type: 'bigint', role: 'plain' } }, { recordKey: 'k' }), { 'p.csv': 'id,k\na,4294967295\nb,4294967296\n' }, [['ingest/record-key', 'k', 3, 1]]],
};

test.each(Object.keys(CASES))('%s', async (name) => {
  const [tables, files, expected] = CASES[name]!;
  const problems = refused(await domain.load(tables, files));
  expect(problems.map(({ code, column, line, count }) => [code, column, line, count])).toEqual(expected);
  for (const { message } of problems) expect([message.en, message.zh].every((text) => text.length > 10)).toBe(true);
  expect(JSON.stringify(problems)).not.toContain(CANARY);
});

test('a supplied record key is for trials only', async () => {
  const [tables] = CASES['a record key out of range']!;
  expect(refused(await domain.load(tables, { 'p.csv': 'id,k\na,1\n' }, { trial: false }))[0]!.code).toBe('ingest/record-key-not-allowed');
});

test('at most twenty problems', async () => {
  const columns = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`c${i}`, { type: 'integer' as const, role: 'plain' as const }]));
  const problems = refused(await domain.load(persons(columns), { 'p.csv': `id,${Object.keys(columns).join(',')}\na${',x'.repeat(30)}\n` }));
  expect(problems.length).toBe(20);
});

describe('onViolation', () => {
  const file = 'id,n\na,1\nb,99\nc,x\n,4\ne,5\n';
  test('drop: the rows that break a rule are gone, and counted', async () => {
    const ingested = loaded(await domain.load(persons({ n: { type: 'integer', role: 'plain', max: '10' } }, { onViolation: 'drop' }), { 'p.csv': file }));
    expect(ingested.tables).toEqual([{ table: 'persons', rows: 2, dropped: 3, clamped: 0, units: { person: 2 } }]);
    expect(await domain.rows(ingested, 'persons', 'SELECT n FROM ROWS ORDER BY n')).toEqual([[1], [5]]);
  });
  test('drop: rows whose parent was dropped go too; surplus rows of a unit as well', async () => {
    const ingested = loaded(await domain.load({
      people: { file: 'p.csv', units: { person: 'id' }, onViolation: 'drop', columns: { id: { type: 'varchar', role: 'unit' }, n: { type: 'integer', role: 'plain', max: '10' } } },
      visits: { file: 'v.csv', units: { person: 'who' }, maxRowsPerUnit: { person: 2 }, onViolation: 'drop', columns: { who: { type: 'varchar', role: 'unit', references: 'people.id' }, k: { type: 'integer', role: 'plain' } } },
    }, { 'p.csv': 'id,n\na,1\nb,99\n', 'v.csv': 'who,k\na,1\na,2\na,3\nb,4\nz,5\n' }));
    expect(ingested.tables).toMatchObject([{ table: 'people', rows: 1, dropped: 1 }, { table: 'visits', rows: 2, dropped: 3, units: { person: 1 } }]);
  });
  test('clamp: values go to the bound, and are counted', async () => {
    const ingested = loaded(await domain.load(persons({ n: { type: 'decimal(5,1)', role: 'plain', min: '0', max: '10.5' } }, { onViolation: 'clamp' }), { 'p.csv': 'id,n\na,-3\nb,99\nc,4\n' }));
    expect(ingested.tables).toMatchObject([{ rows: 3, dropped: 0, clamped: 2 }]);
    expect(await domain.rows(ingested, 'persons', 'SELECT n FROM ROWS ORDER BY n')).toEqual([['0.0'], ['4.0'], ['10.5']]);
  });
});
