/**
 * The publisher: turns committed events into tiles and a signed checkpoint, at most one second behind. Everything it
 * writes can be written again from the store's rows, except that it never signs two checkpoints that contradict.
 */
import { err, ok, type Result } from '#contract/result.ts';
import { type Checkpoint, openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { LogFiles, type LogSource } from './log-files.ts';
import type { Signer } from './note.ts';
import { formatReceipt } from './proof.ts';
import { encodeBundle, nodesFromTiles, type Tile, TILE_WIDTH, TileEdge, tilePath } from './tiles.ts';
import { CompactRange, consistencyProof, equal, type Hash, hashLeaf, inclusionProof, type Nodes } from './tree.ts';

/** What the publisher needs of the store. */
export interface Entries {
  readonly size: number;
  entries(from: number, to: number): Uint8Array[];
  onCommit(listener: (size: number) => void): () => void;
}

export interface LogOptions {
  /** Where `checkpoint` and `tile/` are. */
  readonly directory: string;
  readonly entries: Entries;
  readonly signer: Signer;
  /** From a commit to the start of publishing, so that several commits share a checkpoint. Milliseconds, below 1000. */
  readonly delay?: number;
  /** Told when publishing failed (full disk, …); it is tried again after the next second. Entries are safe in the store. */
  readonly onFailure?: (error: unknown) => void;
}

export type LogFailure =
  /** There are tiles and no checkpoint: somebody removed the log's memory of what it signed. */
  | { readonly code: 'log/checkpoint-missing' }
  /** The last checkpoint is not one that this key signed. */
  | { readonly code: 'log/checkpoint-unreadable' }
  /** The store has fewer entries than were signed: it was rolled back or restored from an older copy. */
  | { readonly code: 'log/rolled-back'; readonly signed: number; readonly stored: number }
  /** The stored entries are not those that were signed. */
  | { readonly code: 'log/contradicts-checkpoint'; readonly signed: number };

interface Built { readonly tile: Tile; readonly bytes: Uint8Array }

const DELAY = 250;
const RETRY = 1000;

export class Log implements LogSource {
  readonly #files: LogFiles;
  readonly #options: LogOptions;
  #range = new CompactRange();
  #edge = new TileEdge();
  /** Leaves taken into the tree. */
  #taken = 0;
  /** Built and not yet on disk; kept across a failed write so that a retry goes on where it stopped. */
  readonly #pending = new Map<string, Uint8Array>();
  readonly #superseded: Tile[] = [];
  #published: Checkpoint;
  #failing = false;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #stop: () => void = () => {};

  private constructor(options: LogOptions, files: LogFiles, published: Checkpoint) {
    this.#options = options;
    this.#files = files;
    this.#published = published;
  }

  /** Checks the stored entries against the last signed checkpoint, repairs tiles that lag or differ, and catches up. */
  static async open(options: LogOptions): Promise<Result<Log, LogFailure>> {
    const { signer, entries } = options;
    const files = new LogFiles(options.directory);
    const note = await files.read('checkpoint');
    let signed: Checkpoint = { origin: signer.key.name, size: 0, root: new CompactRange().root(), extensions: [] };
    if (note === null) {
      if (files.hasTiles()) return err({ code: 'log/checkpoint-missing' });
    } else {
      const opened = openCheckpoint(note, signer.key);
      if (!opened.ok) return err({ code: 'log/checkpoint-unreadable' });
      signed = opened.value;
    }
    if (signed.size > entries.size) return err({ code: 'log/rolled-back', signed: signed.size, stored: entries.size });
    const log = new Log(options, files, signed);
    // Nothing is written before the root is known to be right: a refusal leaves everything as it was found.
    const traced = await log.#retrace(signed.size);
    if (traced === 'gap' || !equal(log.#range.root(), signed.root)) return err({ code: 'log/contradicts-checkpoint', signed: signed.size });
    if (traced === 'damaged') await log.#repair(signed.size);
    if (note === null) await log.#sign();
    await log.#advance(entries.size);
    log.#stop = entries.onCommit(() => log.#schedule(options.delay ?? DELAY));
    return ok(log);
  }

  /** The last signed checkpoint. */
  get published(): Checkpoint {
    return this.#published;
  }

  /** For `/readyz` and metrics. `lag`: entries that are durable and not yet under a signed checkpoint. */
  status(): { readonly published: number; readonly lag: number; readonly failing: boolean } {
    return { published: this.#published.size, lag: this.#options.entries.size - this.#published.size, failing: this.#failing };
  }

  /** Publishes what is committed by now and resolves when it is signed. Throws where a file cannot be written. */
  publish(): Promise<void> {
    const next = this.#running.then(() => this.#advance(this.#options.entries.size));
    this.#running = next.catch(() => {});
    return next;
  }

  /** Bytes under a path of tlog-tiles (`checkpoint`, `tile/0/000.p/3`, `tile/entries/000`, …) or `log.vkey`; null where there are none. */
  async read(path: string): Promise<Uint8Array | null> {
    if (path === 'log.vkey') return Buffer.from(`${this.#options.signer.key.vkey}\n`);
    return this.#files.read(path);
  }

  /** A receipt (tlog-proof) that entry `seq` is in the log as published now; null where it is not yet. */
  async receipt(seq: number): Promise<string | null> {
    const note = await this.#files.read('checkpoint');
    const opened = note === null ? null : openCheckpoint(note, this.#options.signer.key);
    if (note === null || opened?.ok !== true || !Number.isSafeInteger(seq) || seq < 0 || seq >= opened.value.size) return null;
    const { size } = opened.value;
    const path = await this.#prove(size, (nodes) => inclusionProof(nodes, seq, size));
    return formatReceipt({ extra: null, index: seq, path, checkpoint: Buffer.from(note).toString('utf8') });
  }

  /** Proof that the tree of `second` leaves extends that of `first`; null unless 0 < first ≤ second ≤ published. */
  async consistency(first: number, second: number): Promise<Hash[] | null> {
    const within = Number.isSafeInteger(first) && Number.isSafeInteger(second) && first > 0 && first <= second && second <= this.#published.size;
    return within ? this.#prove(second, (nodes) => consistencyProof(nodes, first, second)) : null;
  }

  /** Publishes the rest and stops. */
  async close(): Promise<void> {
    this.#stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.publish();
  }

  #schedule(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.publish().then(() => {
        this.#failing = false;
      }, (error: unknown) => {
        this.#failing = true;
        this.#options.onFailure?.(error);
        this.#schedule(RETRY);
      });
    }, delay).unref();
  }

  /** Takes the entries that were signed into the tree again. @returns whether all are there, and every tile on disk is what it should be. */
  async #retrace(size: number): Promise<'intact' | 'damaged' | 'gap'> {
    let intact = true;
    const compare = async ({ tile, bytes }: Built) => {
      const found = intact ? await this.#files.readTile(tile) : null;
      intact = found !== null && equal(found, bytes);
    };
    while (this.#taken < size) {
      const bundle = this.#takeBundle(size);
      if (bundle === null) return 'gap';
      for (const built of bundle) await compare(built);
    }
    for (const built of this.#edge.partial()) await compare(built);
    return intact ? 'intact' : 'damaged';
  }

  /** Writes what is missing or damaged among the tiles of a tree whose root is known to be right. */
  async #repair(size: number): Promise<void> {
    this.#range = new CompactRange();
    this.#edge = new TileEdge();
    this.#taken = 0;
    await this.#advance(size);
  }

  /** Takes entries up to `size` into the tree, bundle by bundle, writes their tiles, then signs. */
  async #advance(size: number): Promise<void> {
    while (this.#taken < size) {
      const bundle = this.#takeBundle(size);
      if (bundle === null) throw new Error(`entries are missing after ${this.#taken}`);
      for (const built of bundle) this.#keep(built);
      await this.#flush();
    }
    for (const built of this.#edge.partial()) this.#keep(built);
    await this.#flush();
    if (this.#taken > this.#published.size) await this.#sign();
    for (const tile of this.#superseded.splice(0)) await this.#files.removePartials(tile);
  }

  /** The entries of one bundle that are not in the tree yet. @returns the bundle, and the hash tiles that became full; null where rows are missing. */
  #takeBundle(size: number): Built[] | null {
    const index = Math.floor(this.#taken / TILE_WIDTH);
    const first = index * TILE_WIDTH;
    const until = Math.min(size, first + TILE_WIDTH);
    const bundle = this.#options.entries.entries(first, until);
    if (bundle.length !== until - first) return null;
    const built: Built[] = [{ tile: { level: 'entries', index, width: bundle.length }, bytes: encodeBundle(bundle) }];
    for (const entry of bundle.slice(this.#taken - first)) {
      const leaf = hashLeaf(entry);
      this.#range.append(leaf);
      built.push(...this.#edge.append(leaf));
    }
    this.#taken = until;
    return built;
  }

  #keep({ tile, bytes }: Built): void {
    this.#pending.set(tilePath(tile), bytes);
    if (tile.width === TILE_WIDTH) this.#superseded.push(tile);
  }

  /** All at once, because each waits for the disk; waits for every one, so that a retry meets none still being written. */
  async #flush(): Promise<void> {
    const written = await Promise.allSettled([...this.#pending].map(async ([path, bytes]) => {
      await this.#files.put(path, bytes);
      this.#pending.delete(path);
    }));
    const failed = written.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** INVARIANT (tiles before checkpoint): whoever reads a checkpoint finds every tile it speaks of. */
  async #sign(): Promise<void> {
    const { signer } = this.#options;
    const checkpoint = { origin: signer.key.name, size: this.#taken, root: this.#range.root(), extensions: [] };
    await this.#files.put('checkpoint', Buffer.from(signCheckpoint(checkpoint, signer)));
    this.#published = checkpoint;
  }

  /** Collects the tiles a proof needs, then makes it: `make` runs again as long as it meets a tile not yet read. */
  async #prove(size: number, make: (nodes: Nodes) => Hash[]): Promise<Hash[]> {
    const tiles = new Map<string, Uint8Array>();
    for (;;) {
      const missing: Tile[] = [];
      const nodes = nodesFromTiles(size, (tile) => {
        const found = tiles.get(tilePath(tile));
        if (found === undefined) missing.push(tile);
        return found ?? new Uint8Array(tile.width * 32);
      });
      const proof = make(nodes);
      if (missing.length === 0) return proof;
      for (const tile of missing) {
        const bytes = await this.#files.readTile(tile);
        if (bytes === null) throw new Error('a published tile is missing');
        tiles.set(tilePath(tile), bytes);
      }
    }
  }
}
