/** Runs tasks up to a limit at once. Those that wait take turns: the backlog of one turn delays only its own tasks. */

/** `turn`: whose turn a task takes. `owner`: with what else it is dropped; one turn may have tasks of several owners. */
export interface Place {
  readonly turn: string;
  readonly owner: string;
}

interface Waiting {
  readonly owner: string;
  readonly start: () => void;
  readonly drop: () => void;
}

export class FairQueue {
  readonly #limit: number;
  #running = 0;
  /** In the order of the turns; a Map keeps insertion order, and whoever was served goes to the end. */
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
  async run<T>(place: Place, task: () => Promise<T>, dropped: T, signal: AbortSignal | null): Promise<T> {
    if (!(await this.#wait(place, signal))) return dropped;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  /** Ends the waiting of an owner's tasks, whose turn they would take; those that run are not touched. */
  drop(owner: string): void {
    this.#drop((task) => task.owner === owner);
  }

  dropAll(): void {
    this.#drop(() => true);
  }

  #drop(which: (task: Waiting) => boolean): void {
    for (const [turn, tasks] of [...this.#waiting]) {
      const dropped = tasks.filter(which);
      for (const task of dropped) this.#remove(turn, task);
      for (const task of dropped) task.drop();
    }
  }

  #wait({ turn, owner }: Place, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = () => {
        this.#remove(turn, entry);
        resolve(false);
      };
      const settle = (comes: boolean) => () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(comes);
      };
      const entry: Waiting = { owner, start: settle(true), drop: settle(false) };
      signal?.addEventListener('abort', onAbort, { once: true });
      const tasks = this.#waiting.get(turn);
      if (tasks === undefined) this.#waiting.set(turn, [entry]);
      else tasks.push(entry);
      this.#next();
    });
  }

  #remove(turn: string, entry: Waiting): void {
    const left = (this.#waiting.get(turn) ?? []).filter((task) => task !== entry);
    if (left.length === 0) this.#waiting.delete(turn);
    else this.#waiting.set(turn, left);
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const next = this.#waiting.entries().next();
      if (next.done === true) return;
      const [turn, [task, ...rest]] = next.value;
      this.#waiting.delete(turn);
      if (rest.length > 0) this.#waiting.set(turn, rest);
      this.#running++;
      task!.start();
    }
  }
}
