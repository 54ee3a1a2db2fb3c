/** Keys (never their secrets) and the hash-chained trail of changes to rules about money. */
export const KEYS_AND_AUDIT = `
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  organization TEXT,
  sha256 TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX keys_by_organization ON keys (organization, created_at);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  organization TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  before TEXT,
  after TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_organization ON audit (organization, seq);
`
