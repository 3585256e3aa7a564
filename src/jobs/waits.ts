/** Whoever waits for a job to come to an answer: told after the commit in which it did, whatever ended it. */
import type { JobId } from '#contract/id.ts';
import { jobRow, settledAmong } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';

export class JobWaits {
  readonly #store: Store;
  readonly #waiting = new Map<JobId, Set<() => void>>();
  #stop: (() => void) | null;

  constructor(store: Store) {
    this.#store = store;
    this.#stop = store.onCommit(() => this.#look());
  }

  /**
   * Resolves when the job is neither queued nor running (so at once where it is not), when the time has passed, when `signal` aborts,
   * and when the service stops. @param milliseconds ≥ 0
   */
  settled(job: JobId, milliseconds: number, signal: AbortSignal): Promise<void> {
    const state = jobRow(this.#store.read, job)?.state;
    if ((state !== 'queued' && state !== 'running') || milliseconds === 0 || signal.aborted || this.#stop === null) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        const others = this.#waiting.get(job);
        others?.delete(done);
        if (others?.size === 0) this.#waiting.delete(job);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.set(job, (this.#waiting.get(job) ?? new Set()).add(done));
    });
  }

  /** Lets everybody go. */
  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#tell([...this.#waiting.keys()]);
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #look(): void {
    if (this.#waiting.size > 0) this.#tell(settledAmong(this.#store.read, [...this.#waiting.keys()]));
  }

  #tell(jobs: readonly JobId[]): void {
    for (const job of jobs) for (const done of [...this.#waiting.get(job) ?? []]) done();
  }
}
