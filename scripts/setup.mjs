// Installs the locked dependencies when they are missing. Runs before installation, so on whatever Node npm came
// with (20 and up): plain JavaScript, no dependency. Everything else runs on the Node 24 that this installs.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.sluice-lock`;
const lock = createHash('sha256').update(readFileSync(`${root}package-lock.json`)).digest('hex');

// `npm ci` would delete the modules of a server that is running from this directory: only when the lock changed.
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  process.stderr.write('sluice: installing the locked dependencies (once) …\n');
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) {
    process.stderr.write('sluice: npm ci failed; see above. Nothing was started.\n');
    process.exit(run.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

const pinned = `${root}node_modules/.bin/node`;
const version = existsSync(pinned)
  ? spawnSync(pinned, ['--version'], { encoding: 'utf8' }).stdout.trim()
  : process.version;
if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) < 24) {
  process.stderr.write(`sluice: needs Node 24 or newer; found ${version}. On Linux x64 and arm64 the lockfile brings its own.\n`);
  process.exit(1);
}
