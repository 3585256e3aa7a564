/** Nodes by distance, the nearest first and of equally near ones the lowest: a binary heap. */
export class NodeQueue {
  readonly #distances: number[] = [];
  readonly #nodes: number[] = [];

  clear(): void {
    this.#distances.length = 0;
    this.#nodes.length = 0;
  }

  push(distance: number, node: number): void {
    let at = this.#nodes.length;
    for (; at > 0;) {
      const up = (at - 1) >> 1;
      if (!this.#isBefore(distance, node, up)) break;
      this.#move(up, at);
      at = up;
    }
    this.#put(at, distance, node);
  }

  /** −1 where there is none. */
  pop(): number {
    const nearest = this.#nodes[0] ?? -1;
    const [distance, node] = [this.#distances.pop(), this.#nodes.pop()];
    const size = this.#nodes.length;
    if (size === 0 || distance === undefined || node === undefined) return nearest;
    let at = 0;
    for (let down = 1; down < size; down = 2 * at + 1) {
      if (down + 1 < size && this.#isBefore(this.#distances[down + 1] ?? 0, this.#nodes[down + 1] ?? 0, down)) down++;
      if (this.#isBefore(distance, node, down)) break;
      this.#move(down, at);
      at = down;
    }
    this.#put(at, distance, node);
    return nearest;
  }

  #isBefore(distance: number, node: number, at: number): boolean {
    const other = this.#distances[at] ?? Infinity;
    return distance < other || (distance === other && node < (this.#nodes[at] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#distances[from] ?? 0, this.#nodes[from] ?? 0);
  }

  #put(at: number, distance: number, node: number): void {
    this.#distances[at] = distance;
    this.#nodes[at] = node;
  }
}
