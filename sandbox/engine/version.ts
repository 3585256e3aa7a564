/** Name and version of the engine, as events pin it. */
import { version } from '@duckdb/node-api';

export const engineVersion = (): string => `DuckDB ${version()}`;
