/** The store's own tables. The rest belongs to the areas (`Projection.tables`, `Projection.side`). */

/** `PRAGMA user_version`. Raised by a change of these tables or of any `side` table. */
export const SCHEMA_VERSION = 1;

export const CORE_TABLES = `
  -- The log. entry: RFC 8785 form of the event, UTF-8.
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    entry BLOB NOT NULL CHECK (length(entry) <= 65535)
  ) STRICT;
  CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
  CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

  -- Texts that the log knows by commitment only. The key is a row of its own so that it can be destroyed.
  CREATE TABLE sealed_texts (commitment TEXT PRIMARY KEY, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL) STRICT;
  CREATE TABLE sealed_keys (commitment TEXT PRIMARY KEY REFERENCES sealed_texts (commitment), key BLOB NOT NULL) STRICT;

  CREATE TABLE blobs (id TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

  -- name → value: digest of the projected DDL and the tables it made.
  CREATE TABLE store_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
