/** Volume discounts as each organization has declared them last; who changed them is in the audit trail. */
export const DISCOUNTS = `
CREATE TABLE discounts (
  organization TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID, STRICT;
`
