/**
 * Alerts, who is told of them, and how that went. The organization is first in every key, so that a database can be split by it. `due_at` is
 * set while a delivery waits. The journal is followed from here on: what was posted before this has told nobody.
 */
export const ALERTS = `
CREATE TABLE alert_watermark (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
INSERT INTO alert_watermark SELECT 1, coalesce(max(seq), 0) FROM journal;

CREATE TABLE alerts (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX alerts_by_time ON alerts (organization, at, id);

CREATE TABLE webhooks (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX webhooks_by_id ON webhooks (id);

CREATE TABLE deliveries (
  organization TEXT NOT NULL,
  id TEXT NOT NULL,
  webhook TEXT NOT NULL,
  alert TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  round INTEGER NOT NULL,
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX deliveries_by_target ON deliveries (organization, webhook, due_at);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE delivery_attempts (
  organization TEXT NOT NULL,
  webhook TEXT NOT NULL,
  at INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  number INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organization, webhook, at, delivery, number)
) WITHOUT ROWID, STRICT;
`
