import { ofBooks, ofOrganizations } from './row-security.ts'

/**
 * Keys (never their secrets) and the hash-chained trail of changes to rules about money. What concerns the whole installation has the organization `\*`.
 * `rules` has one row: whoever writes to the trail locks it, after the head of the ledger where both are needed. It knows the end of the trail, and
 * how often keys and rates have changed, so that a node sees with one question whether what it keeps of them in memory still holds.
 */
export const KEYS_AND_AUDIT = `
CREATE TABLE purser.rules (
  one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
  audit_seq BIGINT NOT NULL,
  keys_version BIGINT NOT NULL,
  rates_version BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO purser.rules (audit_seq, keys_version, rates_version) VALUES (0, 0, 0);
${ofBooks('rules', 'changed')}

CREATE TABLE purser.keys (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id),
  UNIQUE (organization, sha256)
);
CREATE INDEX keys_by_id ON purser.keys (id);
CREATE INDEX keys_by_sha256 ON purser.keys (sha256);
${ofOrganizations('keys', 'changed')}

CREATE TABLE purser.audit (
  organization TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  target TEXT COLLATE "C" NOT NULL,
  before TEXT COLLATE "C",
  after TEXT COLLATE "C",
  previous_hash TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, seq)
);
CREATE INDEX audit_by_seq ON purser.audit (seq);
${ofOrganizations('audit', 'appended')}
`
