/**
 * Tables whose equations form a network: every cell is in at most two equations, with opposite signs. A plain two-way table with
 * its margins is one, also where one side has a hierarchy. A witness then is a circulation through the cell, found as
 * cheapest paths; flows are integers, so a witness always is one that integer data could have.
 */
import { NodeQueue } from './node-queue.ts';
import type { Problem, Uses, Witness } from './problem.ts';

/** Raising a cell by one carries one unit of flow from `from` to `to`. Node 0 is outside every equation. */
export interface Network {
  readonly nodes: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Cells at each node. */
  readonly at: readonly Int32Array[];
}

/** Null where the equations are no network. */
export function networkOf({ cells, equations }: Problem, uses: Uses): Network | null {
  if (uses.some((use) => use.length > 2)) return null;
  const sign = signs(equations.length, uses);
  if (sign === null) return null;

  const from = new Int32Array(cells.length);
  const to = new Int32Array(cells.length);
  const at: number[][] = Array.from({ length: equations.length + 1 }, () => []);
  uses.forEach((use, cell) => {
    for (const [equation, coefficient] of use) {
      if (coefficient * (sign[equation] ?? 1) > 0) to[cell] = equation + 1;
      else from[cell] = equation + 1;
    }
    if (use.length === 0) return;
    at[from[cell] ?? 0]?.push(cell);
    at[to[cell] ?? 0]?.push(cell);
  });
  return { nodes: at.length, from, to, at: at.map((list) => Int32Array.from(list)) };
}

/** A sign for each equation such that every cell in two of them has opposite coefficients; null where there is none. */
function signs(equations: number, uses: Uses): Int8Array | null {
  const sign = new Int8Array(equations);
  const neighbours: [number, number][][] = Array.from({ length: equations }, () => []);
  for (const [first, second] of uses) {
    if (first === undefined || second === undefined) continue;
    const same = first[1] === second[1] ? -1 : 1;
    neighbours[first[0]]?.push([second[0], same]);
    neighbours[second[0]]?.push([first[0], same]);
  }
  for (let start = 0; start < equations; start++) {
    if (sign[start] !== 0) continue;
    sign[start] = 1;
    const queue = [start];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      for (const [other, same] of neighbours[node] ?? []) {
        const wanted = (sign[node] ?? 1) * same;
        if (sign[other] === 0) {
          sign[other] = wanted;
          queue.push(other);
        } else if (sign[other] !== wanted) return null;
      }
    }
  }
  return sign;
}

/**
 * Cells by node that are hidden, or were for a while: most witnesses need no other, and there are few of them in a large table.
 * Whether a cell is hidden now is told by its cost of 0.
 */
export class FreeCells {
  readonly #at: number[][];
  readonly #network: Network;

  constructor(network: Network, hidden: Iterable<number>) {
    this.#network = network;
    this.#at = Array.from({ length: network.nodes }, () => []);
    for (const cell of hidden) this.add(cell);
  }

  add(cell: number): void {
    this.#at[this.#network.from[cell] ?? 0]?.push(cell);
    this.#at[this.#network.to[cell] ?? 0]?.push(cell);
  }

  at(node: number): readonly number[] {
    return this.#at[node] ?? [];
  }
}

export interface FlowState {
  /** How far each cell can go down, in steps. */
  readonly room: Float64Array;
  /** How far each cell can go up, in steps. */
  readonly rise: Float64Array;
  /** Cost of using a cell: 0 where it is hidden, Infinity where it must not move. */
  readonly cost: Float64Array;
}

export interface Flow {
  readonly steps: number;
  readonly change: ReadonlyMap<number, number>;
  readonly cost: number;
  /** Whether it goes no further where it goes less far than was asked for. */
  readonly certain: boolean;
}

export const NO_FLOW: Flow = { steps: 0, change: new Map(), cost: 0, certain: true };

/** Cells looked at for one problem, after which nothing more is found and all that hangs together is hidden; about ten seconds. */
const WORK = 250_000_000;

/** Cells of one equation that are looked at first, of those that are hidden and of those that are not: in a large table any will do. */
const FEW = 16;

/** Hidden cells that one search for a path among them looks at; who finds none there has further ones hidden. */
const MOST_FREE = 8000;

interface PathStep {
  readonly index: number;
  readonly raise: boolean;
}

/** Moves cells and makes up for it, within what one problem may take. */
export class Rerouting {
  readonly #network: Network;
  readonly #state: FlowState;
  /** Of the search that is on: the cell that leads to each node, −1 where none does, and who is near. Put back after it. */
  readonly #through: Int32Array;
  readonly #distance: Float64Array;
  readonly #done: Uint8Array;
  readonly #queue = new NodeQueue();
  readonly #free: FreeCells;
  /** By node with many cells, a few of those that cost least to hide. */
  readonly #cheap: readonly (Int32Array | null)[];
  readonly #reached: number[] = [];
  #work = WORK;

  constructor(network: Network, state: FlowState, free: FreeCells) {
    this.#network = network;
    this.#state = state;
    this.#free = free;
    this.#cheap = network.at.map((cells) => (cells.length <= 2 * FEW ? null : cheapest(cells, state.cost)));
    this.#through = new Int32Array(network.nodes).fill(-1);
    this.#distance = new Float64Array(network.nodes).fill(Infinity);
    this.#done = new Uint8Array(network.nodes);
  }

  /**
   * Moves `cell` by up to `amount` steps (up or down) and makes up for it along cheapest paths, widest paths first.
   * Returns what was reached, which may be less than asked for. With `freeOnly`, only cells that are hidden already move.
   */
  reroute(cell: number, direction: 1 | -1, amount: number, freeOnly: boolean): Flow {
    const { to, from } = this.#network;
    const { rise, room, cost: costs } = this.#state;
    const change = new Map<number, number>();
    const source = (direction > 0 ? to[cell] : from[cell]) ?? 0;
    const target = (direction > 0 ? from[cell] : to[cell]) ?? 0;
    const possible = Math.min(amount, (direction > 0 ? rise[cell] : room[cell]) ?? 0);
    let steps = 0;
    let cost = 0;
    // Scaling: only paths that carry `width` steps at once, then half of it, …: few paths, and those of large cells first.
    for (let width = possible - steps; width >= 1 && steps < possible && this.#work >= 0;) {
      const path = source === target ? [] : freeOnly ? this.#freePath(change, cell, source, target, width)
        : this.#cheapestPath(change, cell, source, target, width, true) ?? this.#cheapestPath(change, cell, source, target, width, false);
      if (path === null) {
        width = Math.floor(width / 2);
        continue;
      }
      for (const { index, raise } of path) {
        if (!change.has(index)) cost += costs[index] ?? 0;
        change.set(index, (change.get(index) ?? 0) + (raise ? width : -width));
      }
      steps += width;
      width = Math.min(width, possible - steps);
    }
    change.set(cell, direction * steps);
    return { steps, change, cost, certain: !freeOnly && this.#work >= 0 };
  }

  /**
   * Dijkstra; nodes are equations. From the end that has fewer cells: the other is often one with all cells of a table.
   * @param few of a node with many cells only some are looked at
   */
  #cheapestPath(change: ReadonlyMap<number, number>, skip: number, source: number, target: number, width: number, few: boolean): readonly PathStep[] | null {
    const { at, from, to } = this.#network;
    const { rise, room, cost } = this.#state;
    const isBackwards = (at[target]?.length ?? 0) < (at[source]?.length ?? 0);
    const [start, end] = isBackwards ? [target, source] : [source, target];
    const [distance, through, done, queue] = [this.#distance, this.#through, this.#done, this.#queue];
    const reach = (node: number, by: number, there: number): void => {
      if (distance[node] === Infinity) this.#reached.push(node);
      distance[node] = there;
      through[node] = by;
      queue.push(there, node);
    };
    const look = (cells: ArrayLike<number>, first: number, node: number, best: number): void => {
      this.#work -= cells.length - first;
      for (let k = first; k < cells.length; k++) {
        const index = cells[k] ?? 0;
        if (index === skip) continue;
        const isFrom = from[index] === node;
        const other = (isFrom ? to[index] : from[index]) ?? 0;
        const raise = isFrom !== isBackwards;
        if (done[other] === 1) continue;
        const moved = change.get(index);
        if (raise ? (rise[index] ?? 0) - (moved ?? 0) < width : (room[index] ?? 0) + (moved ?? 0) < width) continue;
        // A cell that this flow already uses is hidden either way. The small step keeps paths short among free cells.
        const there = best + (moved === undefined ? cost[index] ?? Infinity : 0) + STEP;
        if (there < (distance[other] ?? Infinity) && there < (distance[end] ?? Infinity)) reach(other, index, there);
      }
    };
    reach(start, -1, 0);
    let path: readonly PathStep[] | null = null;
    for (let node = queue.pop(); node >= 0 && this.#work >= 0; node = queue.pop()) {
      if (node === end) {
        path = this.#pathTo(end, start, isBackwards);
        break;
      }
      if (done[node] === 1) continue;
      done[node] = 1;
      const best = distance[node] ?? 0;
      const cheap = few ? this.#cheap[node] ?? null : null;
      if (cheap === null) look(at[node] ?? [], 0, node, best);
      else {
        // What was hidden last, for others, can move furthest.
        const hidden = this.#free.at(node);
        look(hidden, Math.max(0, hidden.length - FEW), node, best);
        look(cheap, 0, node, best);
      }
    }
    queue.clear();
    this.#putBack();
    return path;
  }

  /** Breadth first among hidden cells, likewise; those first that were hidden last, for others: they can move furthest. */
  #freePath(change: ReadonlyMap<number, number>, skip: number, source: number, target: number, width: number): readonly PathStep[] | null {
    const { from, to } = this.#network;
    const { rise, room, cost } = this.#state;
    const free = this.#free;
    const isBackwards = free.at(target).length < free.at(source).length;
    const [start, end] = isBackwards ? [target, source] : [source, target];
    const [through, queue] = [this.#through, this.#reached];
    queue.push(start);
    let path: readonly PathStep[] | null = null;
    const atMost = Math.max(0, this.#work - MOST_FREE);
    for (let head = 0; head < queue.length && path === null && this.#work > atMost; head++) {
      const node = queue[head] ?? 0;
      const cells = free.at(node);
      const last = Math.max(0, cells.length - FEW);
      this.#work -= cells.length - last;
      for (let k = cells.length - 1; k >= last; k--) {
        const index = cells[k] ?? 0;
        if (index === skip || cost[index] !== 0) continue;
        const isFrom = from[index] === node;
        const other = (isFrom ? to[index] : from[index]) ?? 0;
        const raise = isFrom !== isBackwards;
        if (other === start || through[other] !== -1) continue;
        const moved = change.get(index) ?? 0;
        if (raise ? (rise[index] ?? 0) - moved < width : (room[index] ?? 0) + moved < width) continue;
        through[other] = index;
        queue.push(other);
        if (other !== end) continue;
        path = this.#pathTo(end, start, isBackwards);
        break;
      }
    }
    this.#putBack();
    return path;
  }

  #pathTo(end: number, start: number, isBackwards: boolean): readonly PathStep[] {
    const { from, to } = this.#network;
    const path: PathStep[] = [];
    for (let node = end; node !== start;) {
      const index = this.#through[node] ?? -1;
      const isTo = to[index] === node;
      path.push({ index, raise: isTo !== isBackwards });
      node = (isTo ? from[index] : to[index]) ?? 0;
    }
    return path;
  }

  #putBack(): void {
    for (const node of this.#reached) {
      this.#through[node] = -1;
      this.#distance[node] = Infinity;
      this.#done[node] = 0;
    }
    this.#reached.length = 0;
  }
}

/** Cells that are not hidden, as many as are looked at first. */
function cheapest(cells: Int32Array, cost: Float64Array): Int32Array {
  const costOf = (cell: number): number => cost[cell] ?? Infinity;
  const open = cells.filter((cell) => costOf(cell) > 0 && costOf(cell) < Infinity);
  return open.sort((a, b) => costOf(a) - costOf(b) || a - b).slice(0, FEW);
}

const STEP = 1e-6;

export function toWitness(flow: Flow, unit: bigint): Witness {
  return new Map([...flow.change].filter(([, steps]) => steps !== 0).map(([cell, steps]) => [cell, BigInt(steps) * unit]));
}
