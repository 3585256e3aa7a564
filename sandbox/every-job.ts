/** Loads everything that a worker may need and ends: run once, so that Node keeps it compiled (`src/workers/compile-cache.ts`). */
import './protocol.ts';
import './workspace.ts';
import './run-job.ts';
import './jobs/sql.ts';
import './jobs/check.ts';
import './jobs/parquet.ts';
import './jobs/reveal.ts';
import './jobs/ingest.ts';
