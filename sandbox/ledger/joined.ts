/** Numbers joined into groups, how many each group has, and a sum that each group has of its own: a disjoint-set forest. */
export class Joined {
  /** A number on the way to the one that stands for its group. */
  readonly #above: Map<number, number>;
  /** Of those that stand for groups. */
  readonly #groups: Map<number, { readonly size: number; readonly sum: number }>;

  constructor(from: Joined | null = null) {
    this.#above = new Map(from === null ? [] : from.#above);
    this.#groups = new Map(from === null ? [] : from.#groups);
  }

  /** What stands for the group of a number. */
  rootOf(number: number): number {
    let root = number;
    for (let above = this.#above.get(root); above !== undefined; above = this.#above.get(root)) root = above;
    // The next way is short.
    for (let at = number; at !== root;) {
      const above = this.#above.get(at) ?? root;
      this.#above.set(at, root);
      at = above;
    }
    return root;
  }

  /** Of one that was never named: alone. */
  groupOf(root: number): { readonly size: number; readonly sum: number } {
    return this.#groups.get(root) ?? ALONE;
  }

  add(number: number, by: number): void {
    const root = this.rootOf(number);
    const { size, sum } = this.groupOf(root);
    this.#groups.set(root, { size, sum: sum + by });
  }

  join(a: number, b: number): void {
    const [first, second] = [this.rootOf(a), this.rootOf(b)];
    if (first === second) return;
    const [one, other] = [this.groupOf(first), this.groupOf(second)];
    const [root, below] = one.size >= other.size ? [first, second] : [second, first];
    this.#above.set(below, root);
    this.#groups.delete(below);
    this.#groups.set(root, { size: one.size + other.size, sum: one.sum + other.sum });
  }
}

const ALONE = { size: 1, sum: 0 };
