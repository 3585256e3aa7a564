/** The session of each README runs as it stands there: every `sh` block, in order, in one shell. Only places are exchanged, and npm is left out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

function session(document: string): string {
  return [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block).join('\n');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

test('README.md', { timeout: 120_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
  const script = session('README.md')
    .replaceAll('8080', String(await freePort()))
    .replaceAll('npm run --silent sluice --', 'node src/cli/main.ts')
    .replaceAll(/(\$PWD\/|(?<![\w/]))var\//g, `${scratch}/`);
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')));
  // `set -m` gives the server a job number, as an interactive shell does; it must not outlive a failure.
  const run = spawnSync('bash', ['-c', `set -emo pipefail; trap 'kill %1 2>/dev/null || true' EXIT\n${script}`], {
    cwd: ROOT, encoding: 'utf8', timeout: 110_000, env: { ...clean, LANG: 'C.UTF-8', PATH: `${ROOT}node_modules/.bin:${process.env['PATH']}` },
  });
  rmSync(scratch, { recursive: true, force: true });
  expect(run.status, run.stderr.slice(-2000)).toBe(0);
  expect(run.stdout).toContain('Undergraduate');
  expect(run.stdout).toMatch(/·/);
  expect(run.stdout).toContain('matched');
  expect(run.stdout).toContain('refused');
});

test('README.zh-CN.md has the same commands', () => {
  const commands = (document: string): string => session(document).replaceAll(/\s+/g, ' ');
  expect(commands('README.zh-CN.md')).toBe(commands('README.md'));
});
