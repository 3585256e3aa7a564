/** Runs tasks up to a limit at once, taking turns between their owners: one owner's backlog delays only its own tasks. */

interface Waiting {
  readonly start: () => void;
  readonly drop: () => void;
}

export class FairQueue {
  readonly #limit: number;
  #running = 0;
  /** Owners in the order of their turns; a Map keeps insertion order, and an owner served goes to the end. */
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param limit tasks at once, integer ≥ 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, tasks) => sum + tasks.length, 0);
  }

  /** The task's result, or `dropped` where it was aborted or dropped before its turn came. */
  async run<T>(owner: string, task: () => Promise<T>, dropped: T, signal: AbortSignal | null): Promise<T> {
    if (!(await this.#turn(owner, signal))) return dropped;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  /** Ends the waiting of an owner's tasks; those that run are not touched. */
  drop(owner: string): void {
    const tasks = this.#waiting.get(owner) ?? [];
    this.#waiting.delete(owner);
    for (const task of tasks) task.drop();
  }

  dropAll(): void {
    for (const owner of [...this.#waiting.keys()]) this.drop(owner);
  }

  #turn(owner: string, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = () => {
        this.#remove(owner, entry);
        resolve(false);
      };
      const settle = (turn: boolean) => () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(turn);
      };
      const entry: Waiting = { start: settle(true), drop: settle(false) };
      signal?.addEventListener('abort', onAbort, { once: true });
      const tasks = this.#waiting.get(owner);
      if (tasks === undefined) this.#waiting.set(owner, [entry]);
      else tasks.push(entry);
      this.#next();
    });
  }

  #remove(owner: string, entry: Waiting): void {
    const left = (this.#waiting.get(owner) ?? []).filter((task) => task !== entry);
    if (left.length === 0) this.#waiting.delete(owner);
    else this.#waiting.set(owner, left);
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const turn = this.#waiting.entries().next();
      if (turn.done === true) return;
      const [owner, [task, ...rest]] = turn.value;
      this.#waiting.delete(owner);
      if (rest.length > 0) this.#waiting.set(owner, rest);
      this.#running++;
      task!.start();
    }
  }
}
