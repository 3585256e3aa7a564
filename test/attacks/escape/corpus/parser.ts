/** Text that means something else to one of two readers. */
import { attempts, type Row } from './attempt.ts';

const SAME = 'it is the plain count, however it is written';
const HIDDEN = 'something that runs and was not vetted';
const ROWS = 'rows of persons';

const texts: Row[] = [
  [`select count(*) from persons -- where 1=0`, HIDDEN, SAME],
  [`select count(*) /* ; drop table persons */ from persons`, HIDDEN, SAME],
  [`select count(*) /* a /* b */ c */ from persons`, HIDDEN, SAME],
  [`/* select * from persons */ select count(*) from persons`, HIDDEN, SAME],
  [`select count(*) from persons --\n, visits`, HIDDEN, 'a comment ends at the line; what follows is vetted'],
  [`select count(*) from persons;`, HIDDEN, SAME],
  [`select count(*) from persons;;;`, HIDDEN, SAME],
  [`select count(*) from persons; select * from persons`, HIDDEN],
  [`select count(*) from persons; copy persons to '{home}/stolen.csv'`, HIDDEN],
  [`select count(*) from persons; set threads = 64`, HIDDEN],
  [`;`, HIDDEN], [``, HIDDEN], [`   `, HIDDEN], [`-- nothing`, HIDDEN], [`/* nothing */`, HIDDEN], [`/* open`, HIDDEN], [`select 'open`, HIDDEN], [`select "open`, HIDDEN], [`select $$open`, HIDDEN],
  [`select count(*) from persons\u0000; select * from persons`, HIDDEN],
  [`select count(*)\u0000 from persons`, HIDDEN],
  [`\u0000`, HIDDEN],
  [`select count(*)\u000b from persons`, HIDDEN],
  [`select count(*)\u001b[2J from persons`, HIDDEN],
  [`select count(*) from persons\u007f`, HIDDEN],
  [`select count(*)\u00a0from persons`, HIDDEN, SAME],
  [`select\u3000count(*)\u3000from\u3000persons`, HIDDEN, SAME],
  [`select count(*) from\u200bpersons`, HIDDEN, SAME],
  [`\ufeffselect count(*) from persons`, HIDDEN, SAME],
  [`select count(*) from persons\u202e`, HIDDEN, SAME],
  [`select count(*) as "a\u202eb" from persons`, 'a heading that shows something else'],
  [`select count(*) from persons\ud800`, HIDDEN],
  [`select '\ud800'`, HIDDEN],
  [`select count(*) as "n\ud83d" from persons`, HIDDEN],
  [`select count(*) from ｐｅｒｓｏｎｓ`, HIDDEN],
  [`ｓｅｌｅｃｔ count(*) from persons`, HIDDEN],
  [`select count(*) from persons where 1=1\r\n--x\r\n`, HIDDEN, SAME],
  [`select $$a$$, count(*) from persons`, HIDDEN, 'a constant beside a count'],
  [`select $x$; select * from persons; $x$ as t, count(*) from persons`, HIDDEN, 'a constant beside a count'],
  [`select E'\\x41', count(*) from persons`, HIDDEN, 'a constant beside a count'],
  [`select e'\\'; select * from persons --', count(*) from persons`, HIDDEN, 'a constant beside a count'],
  [`select U&'\\0041'`, HIDDEN, 'a constant'], [`select x'41'`, HIDDEN, 'a constant'], [`select b'01'`, HIDDEN, 'a constant'],
  [`select 'a' 'b', count(*) from persons`, HIDDEN, 'a constant beside a count'],
  [`select 1e400`, HIDDEN, 'a constant'], [`select 9007199254740993 + 0 * count(*) from persons`, HIDDEN, 'a constant'], [`select 170141183460469231731687303715884105728`, HIDDEN, 'a constant'],
  [`select 0x41, 0b1, 1_000`, HIDDEN, 'constants'],
  [`select count(*) as "x"" from secret" from persons`, HIDDEN], [`select count(*) as "a'b" from persons`, HIDDEN, 'quoted in what is printed'], [`select count(*) as "a;b" from persons`, HIDDEN, 'quoted in what is printed'], [`select count(*) as "a--b" from persons`, HIDDEN, 'quoted in what is printed'],
  [`select count(*) as "" from persons`, HIDDEN], [`select "s from visits --".* from persons as "s from visits --"`, HIDDEN], [`select count("s from visits --".district) from persons as "s from visits --"`, HIDDEN], [`select count(*) from persons as "a"".""b"`, HIDDEN],
  [`with "x; drop" as (select count(*) n from persons) select * from "x; drop"`, HIDDEN, 'quoted in what is printed'], [`with "x""y" as (select count(*) n from persons) select * from "x""y"`, HIDDEN, 'quoted in what is printed'],
  [`with persons as (select 1 as nick) select * from persons`, HIDDEN, 'a WITH query hides the table; its own rows are public'],
  [`with recursive r as (select 1 union all select * from r) select * from r`, HIDDEN], [`with recursive r(nick) as (select nick from persons union select nick from r) select count(*) from r`, HIDDEN],
  [`with persons as (select * from persons) select count(*) from persons`, HIDDEN, SAME],
  [`with p as (select * from persons), q as (select * from p) select * from q`, ROWS],
  [`select district d, count(*) from persons group by d union all by name select nick d, 1 from persons`, ROWS],
];

const shapes: Row[] = [
  [`select * from persons`, ROWS], [`from persons`, ROWS], [`table persons`, ROWS], [`select persons from persons`, ROWS], [`select p from persons p`, ROWS], [`select count(p) from persons p`, ROWS], [`select p.* from persons p limit 1`, ROWS], [`select distinct nick from persons`, ROWS],
  [`select * exclude (id) from persons`, ROWS], [`select * replace (1 as age) from persons`, ROWS], [`select * rename (nick as n) from persons`, ROWS], [`select * like 'n%' from persons`, ROWS], [`select columns(*) from persons`, ROWS], [`select columns('nick') from persons`, ROWS], [`select columns(c -> c = 'nick') from persons`, ROWS],
  [`select sum(columns(*)) from persons`, ROWS], [`select max(columns('n.*')) from persons`, ROWS], [`select *columns(*) from persons`, ROWS], [`select #1 from persons`, ROWS], [`select #8, count(*) from persons group by #8`, ROWS], [`select count(*) from persons order by #1`, ROWS], [`select rowid from persons`, ROWS], [`select count(*) from persons where rowid = 85`, ROWS], [`select rowid, count(*) from persons group by rowid`, ROWS],
  [`select max(rowid) from persons`, ROWS], [`select sum(rowid) from persons`, ROWS], [`select file_row_number from persons`, ROWS], [`select filename from persons`, ROWS], [`select count(*) from persons tablesample 1 rows`, ROWS], [`select count(*) from persons using sample 1`, ROWS], [`select count(*) from persons using sample reservoir(1 rows) repeatable (1)`, ROWS],
  [`select count(*) from persons tablesample bernoulli(1%)`, ROWS], [`select count(*) from persons at (version => 1)`, ROWS], [`select count(*) from persons at (timestamp => now())`, ROWS], [`select * from persons positional join districts`, ROWS], [`select count(*) from persons positional join visits`, ROWS], [`select count(*) from persons asof join visits on persons.id = visits.person and persons.seen > visits.at`, ROWS],
  [`pivot persons on district using count(*)`, ROWS], [`pivot persons on nick using sum(income)`, ROWS], [`select * from (pivot persons on district in ('崂山') using max(nick))`, ROWS], [`unpivot persons on nick into name n value v`, ROWS], [`select * from persons unpivot (v for n in (nick))`, ROWS], [`select ?`, HIDDEN], [`select count(*) from persons where district = $1`, HIDDEN], [`select count(*) from persons where district = $name`, HIDDEN],
  [`select count(*) from persons p, lateral (select nick from persons q where q.id = p.id limit 1) x`, ROWS], [`select count(*) from persons limit 10%`, ROWS], [`select nick from persons limit 1 offset 85`, ROWS], [`select nick from persons where district = '崂山'`, ROWS], [`select (select nick from persons limit 1)`, ROWS], [`select exists (select 1 from persons where nick like 'CAN%')`, 'whether somebody is there'],
  [`select 'a' in (select nick from persons)`, 'whether somebody is there'], [`select 5 > all (select age from persons)`, 'the least age'], [`select 5 < any (select age from persons)`, 'the largest age'], [`select array(select nick from persons)`, ROWS], [`select district, nick from persons group by district`, ROWS], [`select district, any_value(nick) from persons group by district`, ROWS],
  [`select nick, count(*) from persons group by nick`, ROWS], [`select nick, count(*) from persons group by 1`, ROWS], [`select nick, count(*) from persons group by all`, ROWS], [`select lower(nick) x, count(*) from persons group by x`, ROWS], [`select income, count(*) from persons group by grouping sets ((income), ())`, ROWS], [`select age, count(*) from persons group by rollup (age)`, ROWS], [`select case when nick > 'a' then 1 end, count(*) from persons group by 1`, ROWS],
  [`select district, row_number() over () from persons`, ROWS], [`select sum(income) over (partition by id) from persons`, ROWS], [`select lag(income) over (order by income) from persons`, ROWS], [`select count(*) over () from persons`, ROWS], [`select district, count(*) from persons group by district qualify max(nick) over () > 'a'`, ROWS], [`select income from persons qualify row_number() over (order by income desc) = 1`, ROWS],
  [`select count(*) from (select * from persons order by income desc limit 1)`, 'statistics of the first row'], [`select sum(income) from (select income from persons limit 1)`, 'one income'], [`select sum(income) from (select distinct on (district) income from persons order by income desc)`, 'one income for each district'], [`select avg(income) from (select income, row_number() over (order by income desc) r from persons) where r = 1`, 'one income'],
  [`select sum(income) from (select income from persons except select income from persons where district <> '崂山')`, 'incomes of three'], [`select count(*) from (select income from persons intersect select income from persons)`, 'distinct incomes'], [`select sum(income) from (select income from persons union select income from persons)`, 'distinct incomes'],
  [`select d.region, p.nick from districts d left join persons p on p.district = d.district`, ROWS], [`select * from districts d semi join persons p on p.nick = d.region`, 'whether somebody is there'], [`select * from districts where exists (select 1 from persons where persons.district = districts.district)`, 'which districts have somebody'],
  [`select * from districts where district in (select district from persons)`, 'which districts have somebody'], [`select * from districts where district not in (select district from persons)`, 'which districts have nobody'], [`select district from persons intersect select district from districts`, 'which districts have somebody', 'which have enough persons: it is a group like any other'], [`values ((select max(nick) from persons))`, ROWS],
];

export const PARSER = [...attempts('parser-text', texts), ...attempts('parser-shape', shapes)];
