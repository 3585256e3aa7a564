import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { ResultTable } from '#contract/table.ts';
import { withCompanion } from '#src/releases/companion.ts';
import { renderArrow } from '#src/releases/formats/arrow.ts';
import { renderCsv } from '#src/releases/formats/csv.ts';
import { formatAccepted } from '#src/releases/negotiate.ts';
import { openResult, sealResult } from '#src/releases/sealed-result.ts';
import type { JobId } from '#contract/id.ts';
import { TABLE } from '../support/fake-pool.ts';

describe('CSV', () => {
  test('is what RFC 4180 says, in UTF-8, with NULL and the empty text apart and withheld values named', () => {
    expect(Buffer.from(renderCsv(TABLE)).toString('utf8')).toBe([
      'district,n,income,__withheld',
      '市南区,12,100.50,',
      '"""quoted"", 李沧区",,,"[""n"",""income""]"',
      '"",30,-1.00,',
      '',
    ].join('\r\n'));
  });

  test('a table without rows has its header', () => {
    expect(Buffer.from(renderCsv({ ...TABLE, rows: [], withheld: [] })).toString()).toBe('district,n,income,__withheld\r\n');
  });
});

describe('Arrow', () => {
  const column = (type: string, ...values: ResultTable['rows'][number]): ResultTable => ({ columns: [{ name: 'c', type: type as never }], rows: values.map((value) => [value]), withheld: [] });
  const read = (table: ResultTable) => tableFromIPC(renderArrow(table));
  const raw = (table: ResultTable): unknown[] => Array.from(read(table).getChildAt(0)!.data[0]!.values as ArrayLike<unknown>);

  test.each([
    ['BOOLEAN', 'Bool', true], ['TINYINT', 'Int8', -128], ['SMALLINT', 'Int16', 7], ['INTEGER', 'Int32', -2147483648], ['UTINYINT', 'Uint8', 255],
    ['USMALLINT', 'Uint16', 65535], ['UINTEGER', 'Uint32', 4294967295], ['FLOAT', 'Float32', 0.5], ['DOUBLE', 'Float64', 0.1], ['VARCHAR', 'Utf8', '市南区'], ['INTERVAL', 'Utf8', '1 day'],
  ] as const)('%s is %s and comes back as it was, with NULL as null', (type, arrow, value) => {
    const back = read(column(type, value, null));
    expect([String(back.schema.fields[0]!.type), back.getChildAt(0)!.get(0), back.getChildAt(0)!.get(1)]).toEqual([arrow, value, null]);
  });

  test.each([
    ['BIGINT', '-9223372036854775808', -9223372036854775808n], ['UBIGINT', '18446744073709551615', 18446744073709551615n],
    ['TIME', '01:02:03.5', 3723500000n], ['TIMESTAMP', '2026-11-22T05:00:00.123456', 1795323600123456n], ['TIMESTAMP_S', '1969-12-31T23:59:59', -1n],
    ['TIMESTAMP_MS', '1970-01-01T00:00:00.001', 1n], ['TIMESTAMP_NS', '2026-11-22T05:00:00.123456789', 1795323600123456789n], ['TIMESTAMP WITH TIME ZONE', '1970-01-01T00:00:01+00:00', 1000000n],
  ])('%s keeps every digit', (type, text, stored) => {
    expect(raw(column(type, text, null))[0]).toBe(stored);
  });

  test.each([['DECIMAL(18,2)', '-12.50', -1250n], ['DECIMAL(38,0)', '99999999999999999999999999999999999999', 10n ** 38n - 1n], ['HUGEINT', '-170000000000000000000000000', -170000000000000000000000000n]])('%s is a decimal of 128 bits', (type, text, unscaled) => {
    const words = raw(column(type, text)) as number[];
    expect(BigInt.asIntN(128, words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n))).toBe(unscaled);
  });

  test('dates are days; what no date can hold comes as text', () => {
    expect(raw(column('DATE', '1970-01-02'))[0]).toBe(1);
    const infinite = read(column('DATE', '1970-01-02', 'infinity', null));
    expect([String(infinite.schema.fields[0]!.type), ...infinite.getChildAt(0)!]).toEqual(['Utf8', '1970-01-02', 'infinity', null]);
  });

  test('withheld values are null, named in the companion and placed in the metadata', () => {
    const back = read(TABLE);
    expect(back.getChild('income')!.get(1)).toBeNull();
    expect([...back.getChild('__withheld')!]).toEqual([null, '["n","income"]', null]);
    expect(back.schema.metadata.get('sluice_withheld')).toBe('[[1,2],[1,1]]');
  });

  test('no rows', () => {
    expect(read({ ...TABLE, rows: [], withheld: [] }).numRows).toBe(0);
  });
});

test('the companion is one more column, whatever is withheld', () => {
  expect(withCompanion({ ...TABLE, withheld: [] }).columns).toHaveLength(4);
});

describe('content negotiation', () => {
  test.each([
    [null, 'json'], ['', 'json'], ['*/*', 'json'], ['application/*', 'json'], ['text/csv', 'csv'], ['text/*', 'csv'],
    ['application/vnd.apache.arrow.stream', 'arrow'], ['APPLICATION/VND.APACHE.PARQUET', 'parquet'],
    ['text/csv;q=0.5, application/vnd.apache.parquet;q=0.9', 'parquet'], ['application/json;q=0, */*;q=0.1', 'csv'],
    ['text/html', null], ['text/csv;q=0', null], ['text/csv;q=nonsense', null],
  ])('%s: %s', (header, format) => {
    expect(formatAccepted(header)).toBe(format);
  });
});

describe('results at rest', () => {
  const key = new Uint8Array(32).fill(1);
  const job = `job_${'0'.repeat(26)}` as JobId;
  const stored = { table: TABLE, statement: { rules: [], withheld: 2, mayOmitRows: false, help: [], sentences: [] } };
  let count = 0;
  const sealed = () => sealResult(key, job, stored, (bytes) => new Uint8Array(bytes).fill(++count));

  test('come back, and are not readable as they lie', () => {
    expect(openResult(key, job, sealed())).toEqual(stored);
    expect(Buffer.from(sealed()).toString('utf8')).not.toContain('市南区');
  });

  test('do not open after a change, for another job, or under another key', () => {
    const bytes = sealed();
    for (const at of [0, 20, bytes.length - 1]) {
      const altered = Uint8Array.from(bytes);
      altered[at]! ^= 1;
      expect(openResult(key, job, altered)).toBeNull();
    }
    expect(openResult(key, `job_${'1'.repeat(26)}` as JobId, bytes)).toBeNull();
    expect(openResult(new Uint8Array(32), job, bytes)).toBeNull();
    expect(openResult(key, job, new Uint8Array(3))).toBeNull();
  });
});
