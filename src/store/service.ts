/** Which secrets the service has committed to, and which texts were erased. */
import type { ServiceEvent } from '#contract/event/service.ts';
import type { Reader } from './db.ts';
import type { ProjectionOf } from './projection.ts';

export const serviceProjection = {
  name: 'service',
  tables: `
    CREATE TABLE committed_keys (key TEXT NOT NULL, digest TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, digest)) STRICT;
    CREATE TABLE shredded_texts (commitment TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
  `,
  apply: {
    'key.committed': (db, { seq, body }) => {
      db.run('INSERT INTO committed_keys (key, digest, seq) VALUES (?, ?, ?)', body.key, body.digest, seq);
    },
    'text.shredded': (db, { seq, body }) => {
      db.run('INSERT INTO shredded_texts (commitment, seq) VALUES (?, ?)', body.commitment, seq);
    },
  },
  stateless: ['service.started', 'service.stopped', 'log.exported'],
} satisfies ProjectionOf<Extract<ServiceEvent['kind'], 'key.committed' | 'text.shredded'>>;

/** The digest that the log last named for a key; null where it never did. */
export function committedKey(db: Reader, key: string): string | null {
  return db.get<{ digest: string }>('SELECT digest FROM committed_keys WHERE key = ? ORDER BY seq DESC LIMIT 1', key)?.digest ?? null;
}
