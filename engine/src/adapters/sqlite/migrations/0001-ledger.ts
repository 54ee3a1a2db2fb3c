/**
 * Journal, what the ledger knows of runs, sessions and accounts, and the index of ids. Amounts are decimal text of picos: SQLite's integers
 * end at 9.2 million dollars of them. Runs and sessions are keyed by id first, so that one of them is found without its organization.
 */
export const LEDGER = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE organizations (organization TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  kind TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE posted_ids (
  segment INTEGER NOT NULL,
  key INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (segment, key, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE posted_segments (segment INTEGER PRIMARY KEY, keys INTEGER NOT NULL) STRICT;

CREATE TABLE adjustments (
  call_seq INTEGER NOT NULL REFERENCES journal (seq),
  seq INTEGER NOT NULL REFERENCES journal (seq),
  PRIMARY KEY (call_seq, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE runs (
  id TEXT NOT NULL,
  organization TEXT NOT NULL,
  parent_run TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  success INTEGER,
  error_code TEXT,
  agent TEXT, user TEXT, session TEXT, workflow TEXT, team TEXT, project TEXT, cost_center TEXT, action TEXT,
  tags TEXT NOT NULL,
  PRIMARY KEY (id, organization)
) WITHOUT ROWID, STRICT;

CREATE TABLE sessions (
  id TEXT NOT NULL,
  organization TEXT NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  agent TEXT, user TEXT, session TEXT, workflow TEXT, team TEXT, project TEXT, cost_center TEXT, action TEXT,
  tags TEXT NOT NULL,
  PRIMARY KEY (id, organization)
) WITHOUT ROWID, STRICT;

CREATE TABLE accounts (
  organization TEXT NOT NULL,
  account TEXT NOT NULL,
  debits TEXT NOT NULL,
  credits TEXT NOT NULL,
  PRIMARY KEY (organization, account)
) WITHOUT ROWID, STRICT;
`
