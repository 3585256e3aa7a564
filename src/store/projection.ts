/**
 * Tables derived from events. Each area (accounts, catalogue, approvals, jobs, service) provides one projection; together
 * they are a pure function of the log, which is what `sluice audit rebuild` proves.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Event, EventKind, EventOf } from '#contract/event.ts';
import type { Reader, Writer } from './db.ts';
import type { Acting, Lapse } from './standing.ts';

/** What one event changes. Reads and writes projected tables only; no clock, no randomness: replaying must give the same rows. */
export type Apply<Kind extends EventKind> = (db: Writer, event: EventOf<Kind>) => void;

export interface ProjectionOf<Kind extends EventKind> {
  readonly name: string;
  /** DDL of the projected tables (STRICT). Written only by `apply`; changed DDL makes the store rebuild them from the log. */
  readonly tables: string;
  /**
   * DDL of tables beside the log: what may not be in it (password hashes, sessions, results, queue positions).
   * Written through `tx.db`. Not rebuilt, so a change here needs a new schema version.
   */
  readonly side?: string;
  readonly apply: { readonly [K in Kind]: Apply<K> };
  /** Kinds of this area that change no projected row: the entry is all there is. */
  readonly stateless?: readonly EventKind[];
  /** Why an actor may record nothing at this moment; null where the area has no objection. */
  readonly lapse?: (db: Reader, acting: Acting, now: Date) => Lapse | null;
}

/** Declare with `satisfies ProjectionOf<AccountEvent['kind']>`: a kind without its entry does not compile. */
export interface Projection {
  readonly name: string;
  readonly tables: string;
  readonly side?: string;
  readonly apply: { readonly [K in EventKind]?: Apply<K> };
  readonly stateless?: readonly EventKind[];
  readonly lapse?: (db: Reader, acting: Acting, now: Date) => Lapse | null;
}

/** One function per kind. Throws when two projections claim a kind: a bug in the areas. */
export class Dispatch {
  readonly #apply = new Map<EventKind, ((db: Writer, event: Event) => void) | null>();
  readonly #lapses: readonly NonNullable<Projection['lapse']>[];

  constructor(projections: readonly Projection[]) {
    this.#lapses = projections.flatMap(({ lapse }) => (lapse === undefined ? [] : [lapse]));
    for (const projection of projections) {
      for (const [kind, apply] of Object.entries(projection.apply)) this.#claim(kind as EventKind, apply as (db: Writer, event: Event) => void);
      for (const kind of projection.stateless ?? []) this.#claim(kind, null);
    }
  }

  get kinds(): ReadonlySet<EventKind> {
    return new Set(this.#apply.keys());
  }

  /** Throws for a kind that no projection names: an event without its state would be a silent loss. */
  apply(db: Writer, event: Event): void {
    const apply = this.#apply.get(event.body.kind);
    if (apply === undefined) throw new Error(`no projection for ${event.body.kind}`);
    apply?.(db, event);
  }

  lapse(db: Reader, acting: Acting, now: Date): Lapse | null {
    for (const lapse of this.#lapses) {
      const found = lapse(db, acting, now);
      if (found !== null) return found;
    }
    return null;
  }

  #claim(kind: EventKind, apply: ((db: Writer, event: Event) => void) | null): void {
    if (this.#apply.has(kind)) throw new Error(`two projections for ${kind}`);
    this.#apply.set(kind, apply);
  }
}

/** Names of the tables that a DDL text creates, in order. */
export function tablesOf(ddl: string): string[] {
  const scratch = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  try {
    scratch.exec(ddl);
    const rows = scratch.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid").all();
    return rows.map((row) => String(row['name']));
  } finally {
    scratch.close();
  }
}
