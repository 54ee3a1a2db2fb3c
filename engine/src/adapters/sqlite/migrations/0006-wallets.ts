/**
 * Which entries of the journal concern the wallet of an agent, so that its statement can be read; and what agents offer each other.
 * The organization is first in every key.
 */
export const WALLETS = `
CREATE TABLE wallet_entries (
  organization TEXT NOT NULL,
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organization, agent, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE services (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE metrics (
  organization TEXT NOT NULL,
  agent TEXT NOT NULL,
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, agent, at, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX metrics_by_id ON metrics (organization, id);
`
