/** The unit's identity: compared, computed with, grouped by, put out; and columns that only the program knows. */
import { attempts, type Row } from './attempt.ts';

const ONE = 'a statistic of one person';
const KEY = 'an internal key';

const below: Row[] = [
  `id = 'somebody'`, `id in ('somebody', 'else')`, `id <> 'somebody'`, `id not in ('somebody')`, `id like 'some%'`, `id > 'm'`, `id between 'a' and 'b'`, `hash(id) % 2 = 0`, `id % 2 = 0`, `length(id) = 18`, `substr(id, 1, 2) = '37'`, `right(id, 1) = 'X'`, `md5(id) < '8'`, `id is null`, `id is not null`, `coalesce(id, 'x') = 'somebody'`,
  `id = nick`, `id || '' = 'somebody'`, `case id when 'somebody' then true else false end`, `(id, district) = ('somebody', '崂山')`, `id in (select district from districts)`, `id = (select max(district) from districts)`, `exists (select 1 from (values ('somebody')) v(x) where x = persons.id)`, `persons.id::varchar = 'somebody'`, `id is not distinct from 'somebody'`,
  `score = 1`, `nick = 'somebody'`, `income = 1234567.89`, `income > 9000000`, `income between 1 and 2`, `age = 33`, `age <> 33`, `age in (33)`, `age % 7 = 3`, `age > 31`, `born = date '1960-01-01'`, `seen > timestamp '2032-01-01'`, `secret`, `secret is true`, `weight < 41`, `district || age::varchar = '崂山33'`, `age + 0 = 33`, `-age = -33`, `age * income > 1`, `least(age, 33) = 33`, `greatest(age, income) > 5`, `coalesce(age, 1) = 33`,
  `age between 30 and 49 and age between 31 and 49`, `age > 30.5`, `sin(age) > 0`, `age::varchar like '3%'`, `length(district) > age`, `age = (select max(factor) from districts)`, `age in (select factor from districts)`, `age < (select avg(age) from persons)`, `income > (select avg(income) from persons)`, `age not in (values (33))`,
].map((condition): Row => [`select count(*) from persons where ${condition}`, ONE]);

/** Conditions that come down to a choice of whole categories: groups like any other, withheld where they are small. */
const categories: Row[] = [`district like '崂%'`, `district > '崂'`, `district = any (select region from districts)`, `district in ('崂山', '李沧')`, `length(district) = 2 and district <> '市南' and district <> '市北'`].map((condition) => [`select count(*) from persons where ${condition}`, ONE, 'a union of categories']);

const out: Row[] = [
  [`select id from persons`, ONE], [`select id, count(*) from persons group by id`, ONE], [`select min(id), max(id) from persons`, ONE], [`select min(hash(id)) from persons`, ONE], [`select string_agg(id, ',') from persons`, ONE], [`select list(id) from persons`, ONE], [`select sum(length(id)) from persons`, ONE], [`select any_value(id) from persons group by district`, ONE],
  [`select distinct id from persons`, ONE], [`select count(*) from persons group by id`, ONE], [`select count(*) from persons group by id, district`, ONE], [`select count(*) from persons group by hash(id)`, ONE], [`select district, count(*) from persons group by district, id`, ONE], [`select id is null, count(*) from persons group by 1`, ONE], [`select approx_count_distinct(id) from persons`, ONE],
  [`select person, sum(cost) from visits group by person`, ONE], [`select sum(cost) from visits group by person`, ONE], [`select person, count(*) from visits group by person having count(*) > 1`, ONE], [`select max(n) from (select person, count(*) n from visits group by person)`, ONE], [`select n, count(*) from (select person, count(*) n from visits group by person) group by n`, ONE], [`select sum(s) from (select person, sum(cost) s from visits group by person) where s > 1000000`, ONE],
  [`select sum(cost) from (select person, district, sum(cost) cost from visits group by person, district order by cost desc limit 1)`, ONE], [`select district, count(*) from persons group by rollup (district, id)`, ONE], [`select district, sum(income) from persons group by grouping sets ((district), (id))`, ONE], [`select p.id from persons p join visits v on p.id = v.person`, ONE], [`select count(*) from persons p join visits v on p.id > v.person`, ONE],
  [`select count(*) from persons p join persons q on p.age = q.age`, ONE], [`select count(*) from persons p join persons q on p.id <> q.id`, ONE], [`select count(*) from persons p, persons q`, ONE], [`select count(*) from persons p join visits v on true`, ONE], [`select count(*) from persons p join visits v on p.district = v.district`, ONE], [`select count(*) from persons p join visits v on p.id = v.person or p.age = 33`, ONE],
  [`select count(*) from persons p join (values ('somebody')) v(x) on p.id = v.x`, ONE], [`select count(*) from persons p join districts d on p.id = d.region`, ONE], [`select count(*) from persons p join districts d on p.age = d.factor`, ONE], [`select count(*) from persons p join (select 33 as a) x on p.age = x.a`, ONE], [`select count(*) from persons p join districts d on p.age > d.factor`, ONE], [`select id, row_number() over (order by income) from persons`, ONE],
  [`select district, count(*) from persons group by district order by max(id)`, ONE], [`select district, count(*) from persons group by district having max(id) > 'm'`, ONE], [`select district, count(distinct id || 'x') from persons group by district`, ONE], [`select district, count(distinct (id, age)) from persons group by district`, ONE], [`select count(distinct case when age = 33 then id end) from persons`, ONE],
];

const reserved: Row[] = ['__unit_person', '__pseudonym_person', '__record_key_person', '__row_key', '__fixed_weight', '__fixed_income', '"__unit_person"', 'persons.__row_key', '__UNIT_PERSON'].flatMap((column): Row[] => [
  [`select sum(${column}) from persons`, KEY], [`select count(*) from persons where ${column} = 1`, KEY], [`select ${column}, count(*) from persons group by ${column}`, KEY],
]);

export const IDENTITY = [...attempts('identity-below', below), ...attempts('identity-category', categories), ...attempts('identity-out', out), ...attempts('reserved', reserved)];
