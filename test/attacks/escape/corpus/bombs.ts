/** Texts that burn memory or time: in the parser, the planner, or one value. */
import type { Attempt } from './attempt.ts';

const repeat = (n: number, one: (i: number) => string, between = ''): string => Array.from({ length: n }, (_, i) => one(i)).join(between);

const TEXTS: readonly (readonly [sql: string, wins: string, harmless?: string])[] = [
  [`select repeat('x', 4000000000)`, 'gigabytes in one value'],
  [`select length(repeat('x', 100000000))`, 'a large value'],
  [`select count(*) from persons where length(repeat(nick, 100000000)) > 1`, 'a large value for each row'],
  [`select range(1000000000)`, 'a large list'], [`select len(range(100000000))`, 'a large list'], [`select list_resize([1], 1000000000)`, 'a large list'], [`select generate_series(1, 1000000000)`, 'a large list'],
  [`select * from range(1000000000000)`, 'endless rows'], [`select count(*) from generate_series(1, 1000000000000)`, 'endless rows'], [`select unnest(range(100000000))`, 'endless rows'],
  [`with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r`, 'no end'],
  [`select lpad('', 2000000000, 'x')`, 'a large value'], [`select rpad('a', 2000000000, 'xy')`, 'a large value'],
  [`select printf('%2000000000d', 1)`, 'a large value'], [`select format('{:2000000000}', 1)`, 'a large value'],
  [`select bitstring('1', 1000000000)`, 'a large value'], [`select levenshtein(lpad('', 100000, 'a'), lpad('', 100000, 'b'))`, 'time'], [`select regexp_replace(lpad('', 1000000, 'a'), 'a', repeat('b', 1000), 'g')`, 'a large value'], [`select sleep_ms(100000)`, 'time'],
  [`select json_structure(repeat('[', 100000) || repeat(']', 100000))`, 'a crash'], [`select json_merge_patch(repeat('{"a":', 100000), '1')`, 'a crash'],
  [`select count(*) from persons a, persons b, persons c, persons d, persons e, persons f`, 'a cross product'],
  [`select count(*) from districts ${repeat(31, (i) => `, districts d${i}`)}`, 'a cross product of public rows: 4^32', 'the time limit ends it'],
  [`select a.district from districts a, districts b, districts c, districts d, districts e, districts f, districts g, districts h, districts i, districts j, districts k, districts l, districts m`, 'sixty-seven million rows put out'],
  [`select sum(a.factor) from districts a, districts b, districts c, districts d, districts e, districts f, districts g, districts h, districts i, districts j, districts k, districts l, districts m, districts n, districts o, districts p, districts q, districts r`, 'a public cross product', 'the time limit ends it'],
  [`select count(*) from persons ${repeat(200, (i) => `natural join persons p${i}`, ' ')}`, 'gigabytes in the planner'],
  [`select count(*) from persons ${repeat(200, (i) => `join visits v${i} on persons.id = v${i}.person`, ' ')}`, 'gigabytes in the planner'],
  [`with c0 as (select 1 as x)${repeat(40, (i) => `, c${i + 1} as (select a.x from c${i} a, c${i} b)`)} select count(*) from c40`, 'doubling: 2^40 scans'],
  [`with c0 as (select district, count(*) n from persons group by district)${repeat(31, (i) => `, c${i + 1} as (select * from c${i} union all select * from c${i})`)} select count(*) from c31`, 'doubling by UNION ALL'],
  [`with c0 as (select 1 as x)${repeat(30, (i) => `, c${i + 1} as (select a.x from c${i} a, c${i} b)`)} select count(*) from c30`, 'doubling: 2^30 joins of constants'],
  [`with c0 as (select * from persons)${repeat(20, (i) => `, c${i + 1} as (select * from c${i} union all select * from c${i})`)} select count(*) from c20`, 'doubling below the gate'],
  [repeat(5000, () => 'select 1', ' union all '), 'a long chain'], [repeat(400, () => 'select count(*) from persons', ' union all '), 'four hundred gates'],
  [`select ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'a deep tree'], [`select ${'('.repeat(900)}1${')'.repeat(900)}`, 'a deep tree', 'parentheses leave no trace'], [`select ${'- '.repeat(15_000)}1`, 'a deep tree'], [`select ${'not '.repeat(8_000)}true`, 'a deep tree'],
  [`select ${repeat(8_000, () => '1', '+')}`, 'a deep tree'], [`select count(*) from persons where ${repeat(1_800, () => 'age > 30', ' and ')}`, 'a wide tree', 'a wide AND is the same as one'], [`select count(*) from persons where ${repeat(1_200, (i) => `age <> ${i}`, ' and ')}`, 'a wide tree'],
  [`select count(*) from persons where district in (${repeat(6_000, () => `'a'`, ',')})`, 'a wide list', 'a list of constants on the grid'], [`select ${repeat(5_000, () => 'count(*)', ',')} from persons`, 'a wide result'], [`select * from (values ${repeat(6_000, () => '(1)', ',')}) t`, 'many values'],
  [`select district, count(*) from persons group by cube (${repeat(14, () => 'district', ',')})`, '16,384 grouping sets'], [`select district, count(*) from persons group by grouping sets (${repeat(3_000, () => '(district)', ',')})`, 'three thousand grouping sets'],
  [repeat(4_000, () => '(select ', '') + '1' + ')'.repeat(4_000), 'nested queries'], [`select ${repeat(60, () => '(select ', '')}1${')'.repeat(60)}`, 'nested queries'], [`select * from ${'('.repeat(1_000)}select 1${')'.repeat(1_000)}`, 'nested queries', 'parentheses leave no trace'], [`select ${repeat(30, () => '(select max(x) from (select ')}1 x${'))'.repeat(30)}`, 'nested queries'],
  [`select 1 ${'+'.repeat(30_000)}1`, 'a cubic lexer'], [`select 1 ${'/**/'.repeat(8_000)}`, 'a quadratic lexer'], ['/*'.repeat(16_000), 'a quadratic comment'], [`select 1 ${'/*'.repeat(8_000)}${'*/'.repeat(6_000)}`, 'a quadratic comment'], ['('.repeat(32_000), 'a quadratic parser'], ['['.repeat(32_000), 'a quadratic parser'], ['case when '.repeat(3_000), 'a quadratic parser'], [`select '${'x'.repeat(32_000)}'`, 'a long constant', 'a constant'],
  [`select ${'x'.repeat(32_000)}`, 'a long name'], ['x'.repeat(40_000), 'more than the limit'], [`select 1 -- ${'\u{1F600}'.repeat(9_000)}`, 'more than the limit in bytes'], [repeat(3_000, (i) => `"${i}'${String.fromCharCode(33 + (i * 7) % 90)}`, ' '), 'nonsense'], [`select case ${repeat(1_000, (i) => `when ${i} = ${i} then ${i}`, ' ')} end`, 'a wide case', 'constants'],
  [`select x${repeat(1_000, () => '[1]', '')} from (select [1] x)`, 'deep indexing'], [`select ${repeat(500, () => 'lower(', '')}'a'${')'.repeat(500)}`, 'deep calls'], [`select 1 ${repeat(2_000, () => '::int', '')}`, 'deep casts'], [`select ${'['.repeat(500)}1${']'.repeat(500)}`, 'deep lists'], [`select count(*) over (${repeat(1_000, () => 'order by 1', ',')})`, 'a wide window'],
  [`select sum(n) over w, avg(n) over w from (select district, count(*) n from persons group by district) window w as (order by n rows between 999999999999 preceding and current row)`, 'a large frame', 'four rows'],
];

/** Each may burn two seconds, not more. */
export const BOMBS: readonly Attempt[] = TEXTS.map(([sql, wins, harmless], i) => ({ id: `bomb-${String(i + 1).padStart(2, '0')}`, class: 'bomb', sql, wins, wallMs: 2000, ...(harmless !== undefined && { harmless }) }));
