/** Files: reading them, writing them, opening other databases. */
import { attempts, type Row } from './attempt.ts';

const READ = 'content of a file';
const WROTE = 'a file that was not there, or has changed';

/** Table functions that take a path, over files that exist. */
const readers: Row[] = [
  'read_csv', 'read_csv_auto', 'sniff_csv', 'read_json', 'read_json_auto', 'read_json_objects', 'read_json_objects_auto', 'read_ndjson', 'read_ndjson_auto', 'read_ndjson_objects',
  'read_text', 'read_blob', 'glob', 'read_parquet', 'parquet_scan', 'parquet_metadata', 'parquet_schema', 'parquet_file_metadata', 'parquet_kv_metadata', 'read_duckdb',
].map((name) => [`select * from ${name}('{keys}/domain.key')`, READ]);

const places: Row[] = [
  `select content from read_text('/etc/passwd')`,
  `select content from read_text('/proc/self/environ')`,
  `select content from read_text('/proc/self/maps')`,
  `select * from read_text('/proc/self/fd/3')`,
  `select * from read_blob('{snapshot}/*')`,
  `select * from read_blob('{snapshot}/persons.duckdb')`,
  `select * from read_parquet('{snapshot}/persons.parquet')`,
  `select * from glob('{home}/**')`,
  `select * from read_blob('../../../../etc/passwd')`,
  `select * from read_text(['/etc/passwd', '{keys}/noise.key'])`,
].map((sql) => [sql, READ]);

/** The same function, wherever SQL lets a table stand. */
const call = `read_text('{keys}/domain.key')`;
const hidden: Row[] = [
  `select (select content from ${call})`,
  `select count(*) from persons where exists (select 1 from ${call} where content like 'a%')`,
  `select count(*) from persons where district in (select content from ${call})`,
  `with f as (select * from ${call}) select * from f`,
  `with f as materialized (from ${call}) select count(*) from f`,
  `select count(*) from persons p, ${call} f`,
  `select count(*) from persons p cross join lateral ${call}`,
  `select district, count(*) from persons group by district union all select content, 1 from ${call}`,
  `select district, count(*) from persons group by district having count(*) > (select length(content) from ${call})`,
  `select district, count(*) from persons group by district order by (select content from ${call})`,
  `select district, count(*) from persons group by district limit (select length(content) from ${call})`,
  `select district, sum(count(*)) over (order by (select content from ${call})) from persons group by district`,
  `select * from (values ((select content from ${call}))) t`,
  `select case when count(*) > 0 then (select content from ${call}) end from persons`,
  `from ${call}`,
  `from ${call} select content`,
  `select f.* from main.${call} f`,
  `select * from system.main.${call}`,
  `select * from "read_text"('{keys}/domain.key')`,
  `select * from READ_TEXT('{keys}/domain.key')`,
  `select * from read_text/**/('{keys}/domain.key')`,
  `select * from read_text(concat('{keys}', '/domain.key'))`,
  `select * from read_csv('{keys}/domain.key', columns = {'a': 'VARCHAR'}, header = false)`,
  `select * from read_csv(path := '{keys}/domain.key')`,
].map((sql) => [sql, READ]);

const names: Row[] = [
  `select * from '{snapshot}/persons.parquet'`,
  `select * from "{snapshot}/persons.parquet"`,
  `select * from '/etc/passwd.csv'`,
  `select * from 'persons.csv'`,
  `select * from "file:{snapshot}/persons.parquet"`,
  `select * from '{snapshot}/*.parquet'`,
  `select count(*) from persons join '{snapshot}/persons.parquet' using (district)`,
  `select count(*) from "{snapshot}/persons.duckdb"`,
  `select * from 'duckdb:{snapshot}/persons.duckdb'`,
  `select * from "sqlite:{home}/sluice.db"`,
].map((sql) => [sql, READ]);

const scanners: Row[] = [
  `select * from sqlite_scan('{home}/sluice.db', 'events')`, `select * from postgres_scan('host=127.0.0.1', 'public', 't')`, `select * from mysql_query('x', 'select 1')`,
  `select * from iceberg_scan('{snapshot}')`, `select * from delta_scan('{snapshot}')`, `select * from st_read('{snapshot}')`, `select * from read_xlsx('{snapshot}/a.xlsx')`,
  `select * from arrow_scan(1, 2, 3)`, `select * from arrow_scan_dumb(1, 2, 3)`, `select * from pandas_scan(1)`, `select * from python_map_function(1)`, `select * from seq_scan('persons')`,
  `select * from parquet_bloom_probe('{snapshot}/persons.parquet', 'district', '崂山')`, `select * from read_duckdb('{snapshot}/persons.duckdb')`,
].map((sql) => [sql, READ]);

const writes: Row[] = [
  `copy (select * from persons) to '{home}/stolen.csv'`,
  `copy persons to '/tmp/stolen.parquet'`,
  `copy persons from '/etc/passwd'`,
  `copy (select 'x') to '{snapshot}/persons.duckdb' (format csv, use_tmp_file false)`,
  `copy (select 'x') to '{snapshot}/persons.duckdb.wal' (format csv, use_tmp_file false)`,
  `export database '{home}/stolen'`,
  `import database '{home}/stolen'`,
  `attach '{home}/stolen.duckdb' as s`,
  `attach '{snapshot}/visits.duckdb' as s (read_only)`,
  `attach ':memory:' as s`,
  `detach "vault.persons"`,
  `copy from database "vault.persons" to memory`,
  `create table t as select * from persons`,
  `create temp table t as select * from persons`,
  `create or replace view persons as select 1`,
  `insert into "vault.districts"."rows" values ('x', 'y', 1)`,
  `update "vault.persons"."rows" set district = 'x'`,
  `delete from "vault.persons"."rows"`,
  `with d as (delete from "vault.persons"."rows" returning *) select * from d`,
  `with i as (insert into "vault.districts"."rows" values ('x', 'y', 1) returning *) select * from i`,
  `select * into stolen from persons`,
  `truncate "vault.persons"."rows"`,
  `drop table "vault.persons"."rows"`,
  `alter table "vault.persons"."rows" add column x int`,
  `merge into "vault.persons"."rows" using districts on true when matched then delete`,
  `vacuum`, `vacuum analyze`, `checkpoint`, `force checkpoint`, `begin`, `commit`, `begin; select 1; commit`,
  `select count(*) from persons for update`,
  `select write_blob('{home}/stolen', 'x')`,
  `explain analyze copy persons to '{home}/stolen.csv'`,
].map((sql) => [sql, WROTE]);

export const FILES = [...attempts('file-readers', [...readers, ...places]), ...attempts('file-hidden', hidden), ...attempts('file-names', [...names, ...scanners]), ...attempts('file-writes', writes)];
