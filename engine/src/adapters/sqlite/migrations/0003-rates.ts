/** Rate cards and currency rates: appended, never changed, but for the time of a retraction. */
export const RATES = `
CREATE TABLE rate_cards (
  id TEXT PRIMARY KEY,
  organization TEXT,
  seller TEXT NOT NULL,
  model TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  retracted_at INTEGER,
  body TEXT NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX rate_cards_by_model ON rate_cards (organization, seller, model);
CREATE TABLE fx_rates (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
`
