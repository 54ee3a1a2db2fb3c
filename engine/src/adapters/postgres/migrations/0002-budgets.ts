import { ofOrganizations } from './row-security.ts'

/** Budgets, what is counted in them, and what is held. A hold that has expired stays, without a deadline to look for, until its call is settled. */
export const BUDGETS = `
CREATE TABLE purser.budgets (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
${ofOrganizations('budgets', 'changed')}

CREATE TABLE purser.counters (
  organization TEXT COLLATE "C" NOT NULL,
  budget TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  start BIGINT NOT NULL,
  spent NUMERIC(38, 12) NOT NULL,
  held NUMERIC(38, 12) NOT NULL,
  told_to NUMERIC(38, 12) NOT NULL,
  PRIMARY KEY (organization, budget, value, start)
) WITH (fillfactor = 50);
${ofOrganizations('counters', 'changed')}

CREATE TABLE purser.holds (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  deadline BIGINT,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX holds_by_id ON purser.holds (id);
CREATE INDEX holds_by_deadline ON purser.holds (deadline) WHERE deadline IS NOT NULL;
${ofOrganizations('holds', 'changed')}
`
