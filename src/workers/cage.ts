/**
 * The command line of a worker: limits by the shell's `ulimit` (no native code needed), then bubblewrap where it works,
 * then Node. Whether bubblewrap counts as present is decided by a trial run: an installed `bwrap` that may not create
 * namespaces is as good as none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { COMPILE_CACHE } from './compile-cache.ts';

export type Isolation = 'bubblewrap' | 'process';

/** `auto`: bubblewrap where it works. `required`: without it nothing starts. `process`: never (tests, and for comparison). */
export type IsolationSetting = 'auto' | 'required' | 'process';

export interface CageLimits {
  /** MiB of the data segment: the engine's memory limit and at least 800 more for Node and for what DuckDB does not count. */
  readonly dataSegmentMb: number;
  /** CPU seconds over the whole life of the process; the kernel kills it then. */
  readonly cpuSeconds: number;
}

export interface CagedCommand {
  readonly isolation: Isolation;
  /** The worker's program, an absolute path below the project. */
  readonly entry: string;
  /** Absolute paths that the worker may read, and write. Fixed for its life. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly limits: CageLimits;
}

const project = fileURLToPath(new URL('../../', import.meta.url));

/** What the worker's code needs of the project: neither the control plane nor, by default, the store is below these. */
const CODE = ['package.json', 'contract', 'sandbox', 'policies/perturbation', 'node_modules'];

/** A small young generation, and a collection that a worker may ask for: idle workers stay small. */
export const NODE_FLAGS: readonly string[] = ['--no-warnings', '--max-semi-space-size=4', '--expose-gc'];

const LIMIT = 'ulimit -c 0; ulimit -t "$1"; ulimit -d "$2"; shift 2; exec "$@"';

/** Arguments for `spawn('/bin/sh', …)`. */
export function cagedArguments({ isolation, entry, reads, writes, limits }: CagedCommand): string[] {
  const node = [process.execPath, ...NODE_FLAGS, entry, isolation];
  // bwrap asks to die with its parent only once it has begun: if the server is killed before, it would wait for ever.
  const inner = [...dieWithParent(), ...(isolation === 'bubblewrap' ? ['bwrap', ...namespaceArguments([entry, ...reads], writes)] : []), ...node];
  return ['-c', LIMIT, 'sh', String(limits.cpuSeconds), String(limits.dataSegmentMb * 1024), ...inner];
}

/** No network, no other process, no capability; a private /tmp in memory; the system's libraries and the code read-only. */
function namespaceArguments(reads: readonly string[], writes: readonly string[]): string[] {
  const code = CODE.map((name) => `${project}${name}`);
  return [
    '--unshare-all', '--cap-drop', 'ALL', '--die-with-parent', '--new-session',
    ...['/usr', '/lib', '/lib64', '/etc/ld.so.cache', process.execPath].flatMap((path) => ['--ro-bind-try', path, path]),
    '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp',
    ...[...code, ...reads].flatMap((path) => ['--ro-bind', path, path]),
    ...writes.flatMap((path) => ['--bind', path, path]),
    '--chdir', '/',
  ];
}

let diesWithParent: readonly string[] | null = null;

/** A worker ends itself when the server is gone; where util-linux is installed the kernel sees to it even if it cannot. */
function dieWithParent(): readonly string[] {
  const prefix = ['setpriv', '--pdeathsig', 'KILL'];
  diesWithParent ??= spawnSync(prefix[0]!, [...prefix.slice(1), 'true'], { env: cagedEnvironment('process'), stdio: 'ignore' }).status === 0 ? prefix : [];
  return diesWithParent;
}

/** All that a worker's environment holds: no secret of the server's own environment can be read in it. */
export function cagedEnvironment(isolation: Isolation): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: '/nonexistent',
    TMPDIR: isolation === 'bubblewrap' ? '/tmp' : process.env['TMPDIR'] ?? '/tmp',
    // In a namespace it can be read and not written. A worker never ends by itself, so it would write nothing anyway.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    // Few allocator arenas: idle workers stay small.
    MALLOC_ARENA_MAX: '2',
  };
}

let works: boolean | null = null;

/** Runs Node in the cage once (about 60 ms); the result holds for the life of the process. */
function bubblewrapWorks(): boolean {
  works ??= probeBubblewrap();
  return works;
}

function probeBubblewrap(): boolean {
  if (process.platform !== 'linux' || !existsSync('/bin/sh')) return false;
  const probe = spawnSync('bwrap', [...namespaceArguments([], []), process.execPath, '--version'], {
    env: cagedEnvironment('bubblewrap'), stdio: 'ignore', timeout: 10_000,
  });
  return probe.status === 0;
}

/** Fails with a sentence for whoever starts the service where isolation is required and cannot be had. */
export function decideIsolation(setting: IsolationSetting): Result<Isolation, Text> {
  if (setting === 'process') return ok('process');
  if (bubblewrapWorks()) return ok('bubblewrap');
  if (setting === 'auto') return ok('process');
  return err(text(
    'Isolation is required, but bubblewrap (bwrap) is not installed or may not create namespaces here. Install the package “bubblewrap”, allow user namespaces, or set the isolation to “auto” to run workers as plain locked-down processes.',
    '配置要求隔离运行,但本机未安装 bubblewrap(bwrap)或不允许创建命名空间。请安装 bubblewrap 软件包并允许用户命名空间,或将隔离设置改为“auto”,以普通受限进程运行。',
  ));
}
