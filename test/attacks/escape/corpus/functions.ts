/** Ways to functions that are not meant: SQL in strings, names in strings, macros, lambdas, aggregates that show a value. */
import { attempts, type Row } from './attempt.ts';

const all = (wins: string, sqls: readonly string[]): Row[] => sqls.map((sql) => [sql, wins]);

const indirection = all('SQL or a function named in a string, run unseen', [
  `select * from query('select * from persons')`, `select * from query('select nick from "vault.persons"."rows"')`, `from query_table('persons')`, `select * from query_table(['persons', 'visits'])`, `select * from query_table('vault.persons.main.rows')`,
  `select * from json_execute_serialized_sql(json_serialize_sql('select 1'))`, `pragma json_execute_serialized_sql('x')`, `select json_serialize_sql('select * from persons')`, `select json_deserialize_sql('{}')`, `select json_serialize_plan('select 1')`,
  `select list_aggregate([1, 2], 'sum')`, `select list_aggr(list(nick), 'string_agg', ',') from persons`, `select array_aggregate(list(income), 'max') from persons`, `select list_max(list(income)) from persons`, `select list_string_agg(list(nick)) from persons`,
  `select list_transform(list(nick), x -> x) from persons`, `select list_transform(list(nick), lambda x: x) from persons`, `select list_filter(list(nick), lambda x: x is not null) from persons`, `select list_reduce(list(nick), lambda a, b: a || b) from persons`,
  `select apply([1], lambda x: (select max(nick) from persons))`, `select [x for x in list(nick)] from persons`, `create macro m(x) as (select max(x) from persons)`, `create temp macro m() as table select * from persons`, `select m(1)`,
  `prepare p as select * from persons`, `execute p`, `execute p('x')`, `deallocate p`, `call query('select 1')`, `select * from histogram('persons', 'income')`, `select * from histogram_values('persons', income)`, `select * from summary((select * from persons))`,
  `select * from repeat('x', 10)`, `select * from repeat_row(1, 2, num_rows = 10)`, `select * from range(10)`, `select * from generate_series(1, 10)`, `select unnest([1, 2])`, `select * from unnest([1, 2])`, `select unnest(list(nick)) from persons`,
  `select * from json_each('[1]')`, `select * from json_tree('[1]')`, `select income.sum() from persons`, `select nick.max() from persons`, `select persons.nick.upper() from persons`, `select income.query() from persons`,
  `select 1 operator(pg_catalog.+) 2`, `select 1 operator("x".+) 2`, `select count(*) from persons where nick operator(main.~~) 'a%'`, `select system.main.sum(income) from persons`, `select pg_catalog.version()`,
  `select "sum"(income), "max"(nick) from persons`, `select min(stats(income)) from persons`, `select stats(income) from persons`, `select stats(nick), count(*) from persons group by all`, `select stats(persons) from persons`, `select count(*) from persons where stats(income) like '%9%'`,
  `select constant_or_null(1, nick) from persons`, `select alias(nick) from persons`, `select vector_type(nick) from persons`, `select can_cast_implicitly(nick, 1) from persons`, `select hash(nick) from persons`, `select md5(nick) from persons`, `select sum(hash(nick)) from persons`,
  `select combine(a, a) from (select sum(income) export_state a from persons)`, `select finalize(sum(income) export_state) from persons`, `select sum(income) export_state from persons`,
]);

/** Every aggregate that would print a value of some row. */
const revealing = all('a value of a row', [
  ...['min', 'max', 'any_value', 'first', 'last', 'arbitrary', 'mode', 'list', 'array_agg', 'string_agg', 'group_concat', 'listagg', 'histogram', 'approx_top_k', 'product', 'bit_and', 'bit_or', 'bit_xor', 'entropy', 'median', 'mad',
    'quantile', 'quantile_disc', 'quantile_cont', 'approx_quantile', 'reservoir_quantile', 'skewness', 'kurtosis', 'kahan_sum', 'fsum', 'favg', 'sumkahan', 'geomean', 'geometric_mean', 'approx_count_distinct', 'bitstring_agg', 'sem', 'stddev', 'var_pop', 'json_group_array', 'json_group_structure', 'map'].map((name) => `select district, ${name}(income) from persons group by district`),
  `select max(nick) from persons`, `select min(seen) from persons`, `select max(secret) from persons`, `select bool_or(secret) from persons`, `select bool_and(secret) from persons`, `select arg_max(nick, income) from persons`, `select arg_min(nick, income) from persons`,
  `select max_by(nick, income) from persons`, `select max(income, 3) from persons`, `select arg_max(nick, income, 3) from persons`, `select quantile_disc(income, 0) from persons`, `select quantile_cont(income, 1.0) from persons`, `select quantile_disc(income, [0, 1]) from persons`,
  `select approx_quantile(income, 0) from persons`, `select percentile_cont(0) within group (order by income) from persons`, `select mode() within group (order by nick) from persons`, `select string_agg(nick, ',' order by income) from persons`, `select first(nick order by income desc) from persons`,
  `select list(distinct nick) from persons`, `select count(distinct nick) from persons`, `select count(distinct income) from persons`, `select sum(distinct income) from persons`, `select avg(distinct income) from persons`, `select corr(income, weight) from persons`, `select covar_pop(income, weight) from persons`,
  `select regr_slope(income, weight) from persons`, `select sum(income * income) from persons`, `select sum(income * weight) from persons`, `select sum(abs(income - 1000000)) from persons`, `select sum(sqrt(income)) from persons`, `select sum(income % 2) from persons`, `select sum(floor(income)) from persons`,
  `select sum(sign(income - 5000000)) from persons`, `select sum(greatest(income, 5000000)) from persons`, `select sum(least(income, 1)) from persons`, `select sum(length(nick)) from persons`, `select sum(coalesce(income, 5000000)) from persons`, `select sum(nullif(income, 5)) from persons`, `select sum(round(income, -6)) from persons`,
  `select sum(score) from persons`, `select avg(score) from persons`, `select sum(secret::int) from persons`, `select sum(epoch(seen)) from persons`, `select avg(epoch(born)) from persons`, `select histogram(district) from persons`, `select struct_pack(a := max(nick)) from persons`, `select {'a': max(nick)} from persons`,
  `select [max(nick)] from persons`, `select map {'a': max(nick)} from persons`, `select row(max(nick)) from persons`, `select (max(nick), 1) from persons`, `select to_json(max(nick)) from persons`, `select max(nick)::blob from persons`, `select ascii(max(nick)) from persons`, `select length(max(nick)) from persons`,
  `select max(nick) > 'CANARY' from persons`,
]);

/** The schema of the built-in functions may be written; it is the same function. */
const qualified: Row[] = [[`select main.sum(income) from persons`, 'a function of another schema', 'sum, by its full name'], [`select main.query('select 1')`, 'a function of another schema'], [`select nowhere.sum(income) from persons`, 'a function of another schema']];

export const FUNCTIONS = [...attempts('qualified', qualified), ...attempts('indirection', indirection), ...attempts('revealing', revealing)];
