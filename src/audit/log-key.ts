/** The key that signs the log's checkpoints: `<directory>/log.key` (0600) and its public half `log.vkey`. */
import { join } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import { readIfThere, writeDurably } from '#src/store/files.ts';
import { formatSignerKey, parseSignerKey, type Signer } from './note.ts';

export const LOG_VKEY = 'log.vkey';

export type LogKeyFailure =
  /** The file is not a signing key. */
  | { readonly code: 'log/key-unreadable'; readonly path: string }
  /** The key belongs to a log of another name: renaming a log would fork it. */
  | { readonly code: 'log/key-of-other-origin'; readonly path: string; readonly origin: string };

/** Makes the key where there is none yet. @param origin the log's name, a URL without its scheme, e.g. `sluice.example/audit`. */
export async function openLogKey(directory: string, origin: string, random: (bytes: number) => Uint8Array): Promise<Result<Signer, LogKeyFailure>> {
  const path = join(directory, 'log.key');
  if (await readIfThere(path) === null) await writeDurably(path, Buffer.from(`${formatSignerKey(origin, random(32))}\n`), 0o600);
  const signer = parseSignerKey(Buffer.from((await readIfThere(path))!).toString('utf8').trim());
  if (signer === null) return err({ code: 'log/key-unreadable', path });
  if (signer.key.name !== origin) return err({ code: 'log/key-of-other-origin', path, origin: signer.key.name });
  await writeDurably(join(directory, LOG_VKEY), Buffer.from(`${signer.key.vkey}\n`));
  return ok(signer);
}
