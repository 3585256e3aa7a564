/** The process's own streams, environment and clock, handed to `run`. */
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { traceOf } from '#src/log.ts';
import { STATUS } from './outcome.ts';
import { run } from './run.ts';
import { askSecret } from './secret.ts';

// npm runs scripts in the project's directory; files are named from where the person is.
const typedIn = process.env['INIT_CWD'];
if (process.env['npm_lifecycle_event'] === 'sluice' && typedIn !== undefined) process.chdir(typedIn);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
// A reader that has gone away (`sluice … | head`) is no error; what was begun is put in order as after Ctrl-C.
let readerIsGone = false;
process.stdout.on('error', () => {
  readerIsGone = true;
  interrupted.abort();
});

// A bug, not a failure. What an exception says could quote data or secrets: only its name and place are shown.
process.on('uncaughtException', (error) => {
  process.stderr.write(`sluice: something unexpected happened (${Object.values(traceOf(error)).join(' ')})\n`);
  process.exit(STATUS.unavailable);
});

const status = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  outBytes: (bytes) => void process.stdout.write(bytes),
  err: (text) => void (readerIsGone || process.stderr.write(text)),
  input: () => buffer(process.stdin),
  secret: askSecret,
  random: randomBytes,
  clock: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
  interrupted: interrupted.signal,
  fetch: globalThis.fetch,
});
process.exitCode = readerIsGone ? STATUS.done : status;
