/**
 * Keys without a secret of ours (they sign), and when each key was last used: apart from its body, because a use is no change of a key. The first
 * characters of an operator's own bootstrap secret are not kept any more.
 */
export const KEY_USES = `
CREATE TABLE keys_new (
  id TEXT PRIMARY KEY,
  organization TEXT,
  sha256 TEXT UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  body TEXT NOT NULL
) WITHOUT ROWID, STRICT;

INSERT INTO keys_new (id, organization, sha256, created_at, body)
SELECT id, organization, sha256, created_at, json_set(body, '$.publicKey', NULL) FROM keys;

UPDATE keys_new SET body = json_set(body, '$.prefix', 'ADMIN_KEY')
WHERE organization IS NULL AND body ->> '$.prefix' NOT LIKE 'finops\\_%' ESCAPE '\\';

DROP TABLE keys;
ALTER TABLE keys_new RENAME TO keys;
CREATE INDEX keys_by_organization ON keys (organization, created_at);
`
