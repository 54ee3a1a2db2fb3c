import { ofBooks, ofOrganizations } from './row-security.ts'

/**
 * Alerts, who is told of them, and how that went. `due_at` is set while a delivery waits. The journal is followed from here on. Whoever writes here
 * locks the watermark first: alerts are few, and nodes that deliver beside each other then cannot wait in a ring.
 */
export const ALERTS = `
CREATE TABLE purser.alert_watermark (one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one), seq BIGINT NOT NULL);
INSERT INTO purser.alert_watermark (seq) SELECT seq FROM purser.ledger_head;
${ofBooks('alert_watermark', 'changed')}

CREATE TABLE purser.alerts (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX alerts_by_time ON purser.alerts (organization, at, id);
${ofOrganizations('alerts', 'changed')}

CREATE TABLE purser.webhooks (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX webhooks_by_id ON purser.webhooks (id);
${ofOrganizations('webhooks', 'changed')}

CREATE TABLE purser.deliveries (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  webhook TEXT COLLATE "C" NOT NULL,
  alert TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  round BIGINT NOT NULL,
  due_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX deliveries_by_target ON purser.deliveries (organization, webhook, due_at);
CREATE INDEX deliveries_due ON purser.deliveries (due_at) WHERE due_at IS NOT NULL;
${ofOrganizations('deliveries', 'changed')}

CREATE TABLE purser.delivery_attempts (
  organization TEXT COLLATE "C" NOT NULL,
  webhook TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  delivery TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, webhook, at, delivery, number)
);
${ofOrganizations('delivery_attempts', 'changed')}
`
