/** An operator who tries to use up what all need, beside the people of an installation: a process of its own, so that its work is not theirs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Installation } from './installation.ts';
import { VAULT_POLICY } from './vault.ts';

const PROGRAM = fileURLToPath(new URL('hostile-operator.ts', import.meta.url));
const CONNECTIONS = 24;
/** Low enough to be reached in the time of a test. */
export const HOSTILE_LIMITS = { tokens: 20, pendingApplications: 10, checksPerMinute: 20, queuedJobsPerGrant: 40 };

export class Hostile {
  readonly installation: Installation;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(installation: Installation, hostile: ChildProcess) {
    this.installation = installation;
    this.#process = hostile;
    this.#lines = createInterface({ input: hostile.stdout! })[Symbol.asyncIterator]();
  }

  static async open(): Promise<Hostile> {
    // The policy lets them run as many jobs as they like: what holds them back is not its quota.
    const installation = await Installation.open({ ...VAULT_POLICY, limits: { ...VAULT_POLICY.limits, jobsPerDay: 100_000 } }, { limits: HOSTILE_LIMITS });
    const { tokens, people, service } = installation;
    const columns = ['persons.id', 'persons.district', 'visits.person', 'visits.cost'].flatMap((column) => ['--column', `vault.${column}`]);
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const { id } = await people.rival.json<{ id: string }>(['apply', '--unit', '另一家公司', '--scenario', 'attack', ...columns, '--until', until, '--purpose', 'research']);
    const { grant } = await people.approver.json<{ grant: string }>(['application', 'approve', id]);
    return new Hostile(installation, spawn(process.execPath, ['--no-warnings', PROGRAM, service.url, tokens.rival, grant, String(CONNECTIONS)], { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /** What is done while the attack goes on, and how often each answer came to it. */
  async during<T>(work: () => Promise<T>): Promise<{ readonly done: T; readonly answers: Readonly<Record<string, number>> }> {
    this.#process.stdin?.write('\n');
    await sleep(500);
    const done = await work();
    this.#process.stdin?.write('\n');
    return { done, answers: JSON.parse((await this.#lines.next()).value) as Record<string, number> };
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    await once(this.#process, 'exit');
    await this.installation.close();
  }
}
