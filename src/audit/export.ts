/** A self-contained copy of a published log, for an auditor to take away. */
import { join } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import { writeDurably } from '#src/store/files.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { LogSource } from './log-files.ts';
import { LOG_VKEY } from './log-key.ts';
import { parseVerifierKey } from './note.ts';
import { tilePath, tilesOf } from './tiles.ts';

export type ExportFailure =
  /** There is no checkpoint, or none that the log's own key opens. */
  | { readonly code: 'export/no-checkpoint' }
  | { readonly code: 'export/missing-file'; readonly path: string };

/** Copies checkpoint, key, tiles and entries from a directory or a server, of one size even while the log grows. */
export async function exportLog(source: LogSource, directory: string): Promise<Result<Checkpoint, ExportFailure>> {
  const vkey = await source.read(LOG_VKEY);
  const note = await source.read('checkpoint');
  const key = vkey === null ? null : parseVerifierKey(Buffer.from(vkey).toString('utf8').trim());
  const opened = key === null || note === null ? null : openCheckpoint(note, key);
  if (vkey === null || note === null || opened?.ok !== true) return err({ code: 'export/no-checkpoint' });
  for (const tile of tilesOf(opened.value.size)) {
    const path = tilePath(tile);
    const bytes = await source.read(path);
    if (bytes === null) return err({ code: 'export/missing-file', path });
    await writeDurably(join(directory, path), bytes);
  }
  await writeDurably(join(directory, LOG_VKEY), vkey);
  await writeDurably(join(directory, 'checkpoint'), note);
  return ok(opened.value);
}
