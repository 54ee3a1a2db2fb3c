/**
 * Breakers, what they have seen lately, and the states of agents. The organization is first in every key. Rows of breakers are for a while
 * only: the index finds those that say nothing any more.
 */
export const BREAKERS = `
CREATE TABLE breakers (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE breaker_rows (
  organization TEXT NOT NULL,
  breaker TEXT NOT NULL,
  value TEXT NOT NULL,
  part TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, breaker, value, part)
) WITHOUT ROWID, STRICT;

CREATE INDEX breaker_rows_by_expiry ON breaker_rows (organization, expires_at);

CREATE TABLE agent_states (
  organization TEXT NOT NULL,
  agent TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  breaker TEXT,
  since INTEGER NOT NULL,
  PRIMARY KEY (organization, agent)
) WITHOUT ROWID, STRICT;
`
