/**
 * A worker process. Reads one setup, opens what it names, says `ready`, then answers jobs one after the other until the
 * other side ends the conversation. Whatever goes wrong is one constant answer; nothing else leaves the process.
 * Started by path: `node sandbox/worker.ts <isolation>` with the conversation on descriptor 3.
 */
import { randomBytes } from 'node:crypto';
import { JobSpec, WorkerSetup, type Answer } from '#contract/job.ts';
import { engineVersion } from './engine/version.ts';
import { PROTOCOL_DESCRIPTOR, openConversation } from './protocol.ts';
import { prepareJobs, runJob } from './run-job.ts';
import { openWorkspace } from './workspace.ts';

/** Milliseconds without a job after which a worker makes itself small. */
const IDLE_MS = 5000;

/** process.exit() would wait for a query that is still running in a thread; an error may quote data: no message. */
const vanish = (): void => { process.kill(process.pid, 'SIGKILL'); };
process.on('uncaughtException', vanish);
process.on('unhandledRejection', vanish);

const isolation = process.argv[2] === 'bubblewrap' ? 'bubblewrap' : 'process';
const conversation = openConversation(PROTOCOL_DESCRIPTOR, vanish);
const workspace = await openWorkspace(WorkerSetup.parse(await conversation.next()), randomBytes);
await prepareJobs(workspace);
await conversation.send({ kind: 'ready', isolation, engine: engineVersion() });

for (;;) {
  const idle = setTimeout(giveBack, IDLE_MS);
  const frame = await conversation.next();
  clearTimeout(idle);
  try {
    await conversation.send(await answer(frame));
  } catch {
    // An answer over the size cap, or one that breaks the contract, looks like any other failure.
    await conversation.send({ kind: 'failed' });
  }
}

/** What loading and earlier jobs have left: a quarter of the memory that a spare has to itself, for 80 ms of processor time. */
function giveBack(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

async function answer(frame: unknown): Promise<Answer> {
  try {
    return await runJob(JobSpec.parse(frame), workspace);
  } catch {
    return { kind: 'failed' };
  }
}
