/** One transaction as its caller sees it, and the recorder that gives events their place in the log. */
import type { Commitment } from '#contract/commitment.ts';
import { canonical } from '#contract/canonical.ts';
import { type Actor, type Event, EventBody, MAX_ENTRY_BYTES } from '#contract/event.ts';
import { newId } from '#contract/id.ts';
import type { Db, Writer } from './db.ts';
import type { Dispatch } from './projection.ts';
import { seal } from './seal.ts';
import { NoStanding, type Acting } from './standing.ts';

export interface Tx {
  /** Reads, and writes to side tables. Projected tables refuse a write from here: they change through events. */
  readonly db: Writer;
  /** The time of every event of this transaction. Never before the previous event's, even if the clock was set back. */
  readonly now: Date;
  readonly actor: Actor;
  readonly random: (bytes: number) => Uint8Array;
  /**
   * Appends an event and applies it to the projected tables at once. Throws on a body that the schema refuses or an entry
   * over 65,535 bytes: both are bugs of the caller, who bounds its input and puts anything large in by digest. Throws
   * `NoStanding` where the actor may not act at this moment.
   */
  record(body: EventBody): Event;
  /** Keeps a text encrypted beside the log. @returns the commitment that may stand in an event. */
  seal(text: string): Commitment;
  /** Keeps bytes that are already sealed or need no sealing. @returns an id of random bits, which may stand in an event. */
  putBlob(bytes: Uint8Array): string;
  dropBlob(id: string): void;
}

interface RecorderParts {
  readonly db: Db;
  readonly dispatch: Dispatch;
  readonly applying: { on: boolean };
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
}

/** Where the log stands; restored when a transaction is rolled back. */
export interface Position {
  readonly size: number;
  readonly lastTime: number;
}

export class Recorder {
  readonly #parts: RecorderParts;
  #position: Position;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#position = readPosition(parts.db);
  }

  get size(): number {
    return this.#position.size;
  }

  get position(): Position {
    return this.#position;
  }

  restore(position: Position): void {
    this.#position = position;
  }

  begin({ credential, ...actor }: Acting): Tx {
    const { db, dispatch, clock, random } = this.#parts;
    const now = new Date(Math.max(clock().getTime(), this.#position.lastTime));
    // The first event needs the credential; one that follows may be of a transaction that has ended it.
    let acting: Acting = credential === undefined ? actor : { ...actor, credential };
    return {
      db, now, actor, random,
      record: (body) => {
        // INVARIANT (who acts may act): the log names nobody whose account is disabled at that place.
        const lapse = dispatch.lapse(db, acting, now);
        if (lapse !== null) throw new NoStanding(lapse);
        acting = actor;
        return this.#record(actor, now, body);
      },
      seal: (text) => seal(db, text, random),
      putBlob: (bytes) => {
        const id = newId('blob', random);
        db.run('INSERT INTO blobs (id, bytes) VALUES (?, ?)', id, bytes);
        return id;
      },
      dropBlob: (id) => {
        db.run('DELETE FROM blobs WHERE id = ?', id);
      },
    };
  }

  #record(actor: Actor, now: Date, body: EventBody): Event {
    const { db, dispatch, applying } = this.#parts;
    const seq = this.#position.size;
    const event: Event = { v: 1, seq, time: now.toISOString(), actor, body: EventBody.parse(body) };
    const entry = Buffer.from(canonical(event), 'utf8');
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry of kind ${body.kind} has ${entry.length} bytes, at most ${MAX_ENTRY_BYTES} fit`);
    db.run('INSERT INTO events (seq, kind, entry) VALUES (?, ?, ?)', seq, body.kind, entry);
    this.#position = { size: seq + 1, lastTime: now.getTime() };
    applying.on = true;
    try {
      dispatch.apply(db, event);
    } finally {
      applying.on = false;
    }
    return event;
  }
}

function readPosition(db: Db): Position {
  const last = db.get<{ seq: number; entry: Uint8Array }>('SELECT seq, entry FROM events ORDER BY seq DESC LIMIT 1');
  if (last === undefined) return { size: 0, lastTime: 0 };
  const { time } = JSON.parse(Buffer.from(last.entry).toString('utf8')) as Event;
  return { size: last.seq + 1, lastTime: Date.parse(time) };
}
