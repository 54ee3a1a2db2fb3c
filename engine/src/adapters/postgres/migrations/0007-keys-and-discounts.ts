import { ofBooks, ofOrganizations } from './row-security.ts'

/**
 * Keys that sign have no secret of ours; when a key was last used stands apart from its body, because a use is no change of a key. Nonces of signed
 * requests, so that each passes once, whichever node it is sent to. Volume discounts as each organization has declared them last.
 */
export const KEYS_AND_DISCOUNTS = `
ALTER TABLE purser.keys ALTER COLUMN sha256 DROP NOT NULL, ADD COLUMN last_used_at BIGINT;
UPDATE purser.keys SET body = jsonb_set(body::jsonb, '{publicKey}', 'null')::text WHERE NOT body::jsonb ? 'publicKey';

CREATE TABLE purser.nonces (
  key TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C" NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (key, nonce)
);
CREATE INDEX nonces_by_time ON purser.nonces (until);
${ofBooks('nonces', 'changed')}

CREATE TABLE purser.discounts (organization TEXT COLLATE "C" PRIMARY KEY, body TEXT COLLATE "C" NOT NULL);
${ofOrganizations('discounts', 'changed')}
`
