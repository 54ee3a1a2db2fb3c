/**
 * Budgets, what is counted in them, and what is held. The organization is first in every key, so that a database can be split by it. A
 * hold that has expired stays, without a deadline to look for, until its call is settled. Of a run it is kept
 * when it became known what it hangs from: null in runs from before.
 */
export const BUDGETS = `
ALTER TABLE runs ADD COLUMN started_seq INTEGER;

CREATE TABLE budgets (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE counters (
  organization TEXT NOT NULL,
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  start INTEGER NOT NULL,
  spent TEXT NOT NULL,
  held TEXT NOT NULL,
  told_to TEXT NOT NULL,
  PRIMARY KEY (organization, budget, value, start)
) WITHOUT ROWID, STRICT;

CREATE TABLE holds (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  deadline INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX holds_by_id ON holds (id);
CREATE INDEX holds_by_deadline ON holds (deadline) WHERE deadline IS NOT NULL;
`
