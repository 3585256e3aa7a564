/** The side table of `Idempotency-Key`: what a creation did and what it answered. */

export const IDEMPOTENCY_TABLE = `
  -- entry: number of the first entry of its transaction. answer: JSON; null where it is not known. at: milliseconds.
  CREATE TABLE idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, entry INTEGER NOT NULL, answer TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (at);
`;
