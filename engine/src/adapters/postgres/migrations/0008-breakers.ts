import { ofOrganizations } from './row-security.ts'

/**
 * Breakers, what they have seen lately, and the states of agents. Rows of breakers are for a while only: the index finds those that say nothing
 * any more.
 */
export const BREAKERS = `
CREATE TABLE purser.breakers (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
${ofOrganizations('breakers', 'changed')}

CREATE TABLE purser.breaker_rows (
  organization TEXT COLLATE "C" NOT NULL,
  breaker TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  part TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, breaker, value, part)
) WITH (fillfactor = 50);
CREATE INDEX breaker_rows_by_expiry ON purser.breaker_rows (organization, expires_at);
${ofOrganizations('breaker_rows', 'changed')}

CREATE TABLE purser.agent_states (
  organization TEXT COLLATE "C" NOT NULL,
  agent TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, agent)
);
${ofOrganizations('agent_states', 'changed')}
`
