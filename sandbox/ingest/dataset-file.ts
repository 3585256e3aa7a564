/** Paths that a manifest names: beside the manifest, and nowhere else. */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';

/** Absolute path of `name` below `source`; null where it leads outside or is not a regular file. */
export function datasetFile(source: string, name: string): string | null {
  if (isAbsolute(name) || name.split(/[\\/]/).includes('..')) return null;
  try {
    const path = realpathSync(join(source, name));
    return path.startsWith(realpathSync(source) + sep) && statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}
