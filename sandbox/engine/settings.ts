/**
 * How a DuckDB instance is opened and locked. The settings are defence in depth, not the guard: the guard is the
 * allow-list over the query, the printer and the cage. Order matters twice: `temp_directory` must come before
 * `enable_external_access` in the open map, and the lock statements must run in the order given here.
 */

/** Limits of one instance. */
export interface InstanceLimits {
  /** MiB that DuckDB may allocate; single huge values ignore it, so the process has a data-segment limit as well. */
  readonly memoryMb: number;
  readonly threads: number;
}

/** Settings that only the open map accepts early enough. All values are text. */
export function openOptions(limits: InstanceLimits): Record<string, string> {
  return {
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
    allow_persistent_secrets: 'false',
    allow_unredacted_secrets: 'false',
    secret_directory: '/nonexistent',
    extension_directory: '/nonexistent',
    home_directory: '/nonexistent',
    threads: String(limits.threads),
    memory_limit: `${limits.memoryMb}MiB`,
    // No spilling: a spill file could be read back by SQL, and outlives a killed worker.
    temp_directory: '',
    max_temp_directory_size: '0B',
    enable_external_file_cache: 'false',
    max_expression_depth: '200',
    allow_parser_override_extension: 'default',
  };
}

/**
 * What a result could depend on, fixed to what a fresh DuckDB has. `integer_division` and `preserve_identifier_case`
 * must stay at their defaults: the serialiser that the vetter reads always parses with the defaults.
 * GLOBAL, because a plain SET holds for its own connection only and every job has another one.
 */
const MEANING = [
  "SET GLOBAL TimeZone='UTC'",
  "SET GLOBAL Calendar='gregorian'",
  "SET GLOBAL default_collation=''",
  "SET GLOBAL default_order='ASC'",
  "SET GLOBAL default_null_order='NULLS_LAST'",
  'SET GLOBAL ieee_floating_point_ops=true',
  'SET GLOBAL integer_division=false',
  'SET GLOBAL preserve_identifier_case=true',
  'SET GLOBAL preserve_insertion_order=true',
  'SET GLOBAL old_implicit_casting=false',
  'SET GLOBAL scalar_subquery_error_on_multiple_rows=true',
];

/** Run after every file is attached. `lock_configuration` comes last and cannot be undone. */
const LOCK = [
  'SET enable_logging=false',
  'SET enable_external_access=false',
  // After external access is off; from here on attached files can be read through tables and in no other way.
  "SET disabled_filesystems='LocalFileSystem'",
  'SET lock_configuration=true',
];

export const MEANING_STATEMENTS: readonly string[] = MEANING;
export const LOCK_STATEMENTS: readonly string[] = LOCK;
