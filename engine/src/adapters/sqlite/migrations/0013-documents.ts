/** What organizations declare, are sent and draw up. A document that was removed stays, without its body, so that its versions count on. */
export const DOCUMENTS = `
CREATE TABLE documents (
  organization TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body TEXT,
  PRIMARY KEY (organization, kind, id)
) STRICT;
CREATE INDEX documents_by_time ON documents (kind, organization, at, id);
`
