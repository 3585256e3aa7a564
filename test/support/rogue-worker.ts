/** A worker that misbehaves on command: the name of the first column of a parquet job says how. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { FrameDecoder, encodeFrame } from '#contract/frame.ts';

const socket = new Socket({ fd: 3, readable: true, writable: true });
const decoder = new FrameDecoder(1 << 26);
const write = (value: unknown) => socket.write(encodeFrame(value, 1 << 26));
let jobs = 0;

socket.on('end', () => process.kill(process.pid, 'SIGKILL'));
socket.on('data', (piece) => {
  for (const frame of decoder.push(piece as Uint8Array) as { kind: string; table?: { columns: { name: string }[] } }[]) {
    if (frame.kind === 'setup') {
      if (process.env['SLUICE_NEVER_READY'] === undefined) write({ kind: 'ready', isolation: process.argv[2], engine: 'none' });
    } else void obey(frame.table!.columns[0]!.name);
  }
});

const answer = (text: string) => write({ kind: 'parquet', bytes: Buffer.from(text).toString('base64') });

async function obey(command: string): Promise<void> {
  jobs++;
  switch (command) {
    case 'who': return void answer(JSON.stringify({ pid: process.pid, jobs, env: process.env, argv: process.argv.slice(2), isolation: process.argv[2] }));
    case 'slow': return void setTimeout(() => answer('done'), 150);
    case 'hang': return;
    case 'loop': for (;;) { /* never ends */ }
    case 'exit': process.exit(0);
    case 'crash': process.kill(process.pid, 'SIGSEGV'); return;
    case 'garbage': socket.write('this is not a frame at all'); return;
    case 'not-json': socket.write(Buffer.from([0, 0, 0, 3, 0x7b, 0x7b, 0x7b])); return;
    case 'oversized': socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff])); return;
    case 'truncated': socket.write(Buffer.from([0, 0, 1, 0, 0x7b])); process.exit(0);
    case 'wrong-kind': return void write({ kind: 'checked', explanation: null, refusals: [] });
    case 'other-answer': return void write({ kind: 'ready', isolation: 'process', engine: 'none' });
    case 'extra-member': return void write({ kind: 'parquet', bytes: '', leak: 'CANARY' });
    case 'twice': answer('1'); answer('2'); return;
    case 'failed': return void write({ kind: 'failed' });
    case 'bomb': { const blocks: Uint8Array[] = []; for (;;) blocks.push(Buffer.alloc(64 << 20, 1)); }
    case 'engine-bomb': {
      // One huge value, which the engine's own memory limit does not count.
      const { DuckDBInstance } = await import('@duckdb/node-api');
      const connection = await (await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '1' })).connect();
      await connection.run("SELECT length(repeat('x', 3000000000) || repeat('y', 3000000000))").catch(() => undefined);
      return void answer('survived');
    }
    case 'orphan': spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }); return void answer('spawned');
    default: {
      if (command.startsWith('read ')) {
        try { return void answer(readFileSync(command.slice(5), 'utf8')); } catch (error) { return void answer((error as NodeJS.ErrnoException).code ?? 'error'); }
      }
      throw new Error('unknown command');
    }
  }
}
