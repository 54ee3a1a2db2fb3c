import { ofOrganizations } from './row-security.ts'

/** Which entries of the journal concern the wallet of an agent, so that its statement can be read; and what agents offer each other. */
export const WALLETS = `
CREATE TABLE purser.wallet_entries (
  organization TEXT COLLATE "C" NOT NULL,
  agent TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (organization, agent, seq)
);
${ofOrganizations('wallet_entries', 'appended')}

CREATE TABLE purser.services (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
${ofOrganizations('services', 'changed')}

CREATE TABLE purser.metrics (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  agent TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX metrics_by_agent ON purser.metrics (organization, agent, at);
${ofOrganizations('metrics', 'appended')}
`
