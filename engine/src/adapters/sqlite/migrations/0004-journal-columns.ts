/**
 * What a start and a reader of some days need without reading bodies: the key of an entry's id beside it (null in entries from before), and
 * for each 1024 entries the times of the earliest and latest call in them. Those of entries from before are not looked up, which
 * would take minutes where there are years of them: their spans hold any time, so they are read as they were until now.
 */
export const JOURNAL_COLUMNS = `
ALTER TABLE journal ADD COLUMN id_key INTEGER;

CREATE TABLE journal_spans (
  last_seq INTEGER PRIMARY KEY,
  earliest INTEGER,
  latest INTEGER
) STRICT;

INSERT INTO journal_spans
WITH RECURSIVE spans (last_seq) AS (
  SELECT 1024 UNION ALL SELECT last_seq + 1024 FROM spans WHERE last_seq + 1024 <= (SELECT max(seq) FROM journal)
)
SELECT last_seq, -9007199254740991, 9007199254740991 FROM spans WHERE last_seq <= (SELECT max(seq) FROM journal);
`
