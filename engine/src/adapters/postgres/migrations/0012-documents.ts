import { ofOrganizations } from './row-security.ts'

/** What organizations declare, are sent and draw up. A document that was removed stays, without its body, so that its versions count on. */
export const DOCUMENTS = `
CREATE TABLE purser.documents (
  organization TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT COLLATE "C",
  PRIMARY KEY (organization, kind, id)
);
CREATE INDEX documents_by_time ON purser.documents (kind, organization, at, id);
${ofOrganizations('documents', 'changed')}
`
