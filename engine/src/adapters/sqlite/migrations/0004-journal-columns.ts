/**
 * What a start and a reader of some days need without reading bodies: the key of an entry's id beside it (null in entries from before), and
 * for each thousand entries the times of the first and last call in them. Positions in a body are those of its version 1.
 */
export const JOURNAL_COLUMNS = `
ALTER TABLE journal ADD COLUMN id_key INTEGER;

CREATE TABLE journal_spans (
  last_seq INTEGER PRIMARY KEY,
  earliest INTEGER,
  latest INTEGER
) STRICT;

INSERT INTO journal_spans
SELECT max(seq),
  min(CASE kind WHEN 'call' THEN body ->> '$[4][4]' END),
  max(CASE kind WHEN 'call' THEN body ->> '$[4][4]' END)
FROM journal
WHERE seq <= (SELECT max(seq) FROM journal) / 1024 * 1024
GROUP BY (seq - 1) / 1024;
`
