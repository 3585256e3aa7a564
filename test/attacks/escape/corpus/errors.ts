/** Errors that would depend on the data: each is one bit, and the engine's message is a value. */
import { attempts, type Row } from './attempt.ts';

const TOTAL = 'a total form is a statistic like any other';

/** Conditions that raise for some rows and not for others. */
const conditions: string[] = [
  `nick = 5`, `cast(nick as integer) = 5`, `nick::int > 0`, `income = nick`, `age = nick`, `secret = nick`, `born = nick`, `seen = nick`, `case when nick then true else false end`, `nick`, `not nick`,
  `cast(score as tinyint) = 1`, `score::smallint is null`, `cast(weight as tinyint) > 0`, `cast(income as decimal(4,1)) > 0`, `nick::date is null`, `nick::timestamp is not null`, `nick::uuid is null`, `nick::json is null`,
  `nick::blob is null`, `nick::bit is null`, `nick::interval is null`, `nick::int[] is null`, `nick::struct(a int) is null`, `nick::enum('a', 'b') is null`, `score::date is null`,
  `score * score * score > 0`, `score * 100000 > 0`, `age * 2000000000 > 0`, `abs(score - 9223372036854775807) > 0`, `-score * 1000 > 1`, `age << 40 > 0`, `factorial(age) > 0`, `1 / (age - 33) > 0`, `1 // (age - 33) > 0`, `1 % (age - 33) = 0`,
  `mod(1, age - 33) = 0`, `divide(1, age - 33) = 0`, `sqrt(33 - age) > 1`, `ln(age - 33) > 0`, `log(age - 33) > 0`, `log2(age - 33) > 0`, `acos(age) > 0`, `asin(age) > 0`, `gamma(-age) > 0`, `lgamma(-age) > 0`, `pow(age, 1000) > 1`, `exp(score) > 0`,
  `strptime(nick, '%Y') is null`, `strftime(seen, nick) is null`, `try_strptime(nick, nick) is null`, `date_part(nick, seen) = 1`, `date_trunc(nick, seen) is null`, `extract(epoch from seen) > 1/(age-33)`, `seen at time zone nick is null`,
  `timezone(nick, seen) is null`, `make_date(age, age, age) is null`, `make_timestamp(age, 13, 1, 1, 1, 1) is null`, `date_add(born, interval (score) year) is null`, `born + score::int is null`, `seen + interval '1000000 years' is null`, `to_timestamp(score) is null`,
  `epoch_ms(score) is null`, `to_years(score::int) is null`, `regexp_matches('a', nick)`, `nick ~ '('`, `nick similar to nick`, `regexp_replace(nick, nick, '') is null`, `regexp_extract('a', nick) = ''`, `regexp_full_match('x', nick)`,
  `nick like nick escape nick`, `like_escape(nick, 'a', nick)`, `json_extract(nick, '$') is null`, `nick::json ->> 'a' is null`, `json_valid(nick)`, `json_structure(nick) is null`, `chr(age * 100000) is null`, `ascii(nick) / (age - 33) = 0`, `from_hex(nick) is null`, `unhex(nick) is null`,
  `from_base64(nick) is null`, `decode(nick::blob) is null`, `bar(age, 0, 0, 0) is null`, `substring(nick, score, score) is null`, `left(nick, -score) is null`, `repeat(nick, age) is null`, `lpad(nick, age, '') is null`, `printf(nick, 1) is null`, `format(nick, 1) is null`, `list_extract([1], score) is null`,
  `array_value(age)[1] = 1`, `struct_extract({'a': nick}, 'b') is null`, `error(nick) is null`, `error('x') is null`, `case when secret then error('x') else true end`, `coalesce(nullif(secret, true), error('x'))`, `(select nick from persons) = 'a'`, `nick = (select nick from persons where secret)`,
  `age = (select age from visits v join persons using (district))`, `try(nick::int) is null`, `try(1/(age-33)) is null`, `bit_count(nick) > 0`, `get_bit(nick::bit, age) = 1`, `width_bucket(age, 0, 0, 1) = 1`, `union_extract(nick, 'a') is null`, `map([nick], [1])['x'] is null`, `uuid_extract_version(nick) = 4`,
  `parse_path(nick) is null`, `split_part(nick, '', age) = ''`, `nick collate nocase = 'a'`, `nick collate "x" = 'a'`, `getvariable(nick) is null`, `current_setting(nick) is null`,
];

/** Statements whose evaluation, not their rows, would say something. */
const rest: Row[] = [
  [`select sum(cast(nick as integer)) from persons`, 'an error for some value'],
  [`select sum(age::tinyint * 100::tinyint) from persons`, 'an overflow'],
  [`select sum(1 / (age - 33)) from persons`, 'a division by zero'],
  [`select sum(score * score) from persons`, 'an overflow'],
  [`select stddev(score * 1e300) from persons`, '"out of range" for some values'],
  [`select var_samp(weight * 1e300) from persons`, '"out of range"'],
  [`select sum(income * 99999999999999999999999999999999999999) from persons`, 'the operand in the message', 'the total that does not fit is a released one'],
  [`select bitstring_agg(age, 0, 10) from persons`, 'a value outside the range in the message'],
  [`select avg(case when secret then 1/0 else 1 end) from persons`, 'an error that depends on a column'],
  [`select district, count(*) from persons group by district limit (select age from persons)`, 'two rows for a scalar'],
  [`select count(*) from persons group by cast(nick as integer)`, 'an error in a key'],
  [`select count(*) from persons group by district having sum(income) / 0 > 1`, 'an error above the gate', 'above the gate only released numbers are divided'],
  [`select count(*) / (select count(*) - 88 from persons) from persons`, 'a count by its division by zero', 'released counts only'],
  [`select cast(sum(income) as tinyint) from persons`, 'an error above the gate', 'it depends on a released number only'],
  [`select count(*) from persons join visits on persons.id = visits.person and cast(persons.nick as int) = 1`, 'an error in a join'],
  [`select count(*) from persons join districts on cast(persons.nick as int) = districts.factor`, 'an error in a join'],
  [`select count(*) from persons order by cast(nick as int)`, 'an error in the order'],
  [`select count(distinct cast(nick as int)) from persons`, 'an error in a distinct'],
  [`select count(*) filter (where nick::int > 0) from persons`, 'an error in a filter'],
  [`select sum(income) over (order by nick::int) from persons`, 'an error in a window'],
  [`select try_cast(sum(income) as tinyint) from persons`, 'whether a total fits', TOTAL],
];

export const ERRORS = [
  ...attempts('error-where', conditions.map((condition): Row => [`select count(*) from persons where ${condition}`, 'an error for some rows, or a filter that the policy does not list'])),
  ...attempts('error-rest', rest),
];
