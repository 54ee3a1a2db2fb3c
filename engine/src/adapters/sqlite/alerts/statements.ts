import type { Database, Statement } from 'better-sqlite3'
import type { Delivery } from '../../../alerts/index.ts'

export interface DeliveryRow {
  readonly organization: string
  readonly id: string
  readonly webhook: string
  readonly alert: string
  readonly state: string
  readonly attempts: number
  readonly round: number
  readonly due_at: number | null
  readonly created_at: number
}

export function deliveryOf({ state, due_at, created_at, ...row }: DeliveryRow): Delivery {
  return { ...row, state: state as Delivery['state'], dueAt: due_at, createdAt: created_at }
}

type Ids = [organization: string, id: string]

type DeliveryValues = [string, string, string, string, string, number, number, number | null, number]

export interface AlertStatements {
  readonly watermark: Statement<[], number>
  readonly follow: Statement<[through: number, from: number]>
  readonly addAlert: Statement<[string, string, number, string, string]>
  readonly alert: Statement<Ids, string>
  readonly alerts: Statement<[{ organization: string | null; before: string | null; limit: number }], string>
  readonly putWebhook: Statement<[string, string, number, string]>
  readonly webhook: Statement<Ids, string>
  readonly webhookById: Statement<[string], string>
  readonly webhooks: Statement<[], string>
  readonly webhooksOf: Statement<[string], string>
  readonly removeWebhook: Statement<Ids>
  readonly removeDeliveries: Statement<Ids>
  readonly removeAttempts: Statement<Ids>
  readonly addDelivery: Statement<DeliveryValues>
  readonly delivery: Statement<Ids, DeliveryRow>
  readonly changeDelivery: Statement<[string, number, number, number | null, string, string]>
  readonly failWaiting: Statement<Ids>
  readonly dueTargets: Statement<[number], { organization: string; webhook: string }>
  readonly due: Statement<[string, string, number, number], DeliveryRow>
  readonly nextDue: Statement<[], number | null>
  readonly waiting: Statement<[], { waiting: number; oldest: number | null }>
  readonly addAttempt: Statement<[string, string, number, string, number, string]>
  readonly attempts: Statement<[string, string, number], string>
  readonly pruneAttempts: Statement<[number]>
  readonly pruneDeliveries: Statement<[number]>
  readonly pruneAlerts: Statement<[number]>
}

/** All statements of the alert store, prepared once. */
export function prepareAlerts(database: Database): AlertStatements {
  const text = <P extends unknown[]>(sql: string): Statement<P, string> => database.prepare<P, string>(sql).pluck()
  const deliveries = <P extends unknown[]>(sql: string): Statement<P, DeliveryRow> => database.prepare<P, DeliveryRow>(sql)
  return {
    watermark: database.prepare<[], number>('SELECT seq FROM alert_watermark').pluck(),
    follow: database.prepare<[through: number, from: number]>('UPDATE alert_watermark SET seq = ? WHERE seq = ?'),
    addAlert: database.prepare<[string, string, number, string, string]>(
      'INSERT INTO alerts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    alert: text<Ids>('SELECT body FROM alerts WHERE organization = ? AND id = ?'),
    alerts: text<[{ organization: string | null; before: string | null; limit: number }]>(
      `SELECT body FROM alerts
       WHERE (@organization IS NULL OR organization = @organization) AND type <> 'ping'
         AND (@before IS NULL
           OR (at, id) < (SELECT at, id FROM alerts WHERE id = @before AND (@organization IS NULL OR organization = @organization)))
       ORDER BY at DESC, id DESC LIMIT @limit`,
    ),
    putWebhook: database.prepare<[string, string, number, string]>(
      'INSERT INTO webhooks VALUES (?, ?, ?, ?) ON CONFLICT (organization, id) DO UPDATE SET body = excluded.body',
    ),
    webhook: text<Ids>('SELECT body FROM webhooks WHERE organization = ? AND id = ?'),
    webhookById: text<[string]>('SELECT body FROM webhooks WHERE id = ? ORDER BY organization LIMIT 1'),
    webhooks: text<[]>('SELECT body FROM webhooks ORDER BY created_at, id'),
    webhooksOf: text<[string]>('SELECT body FROM webhooks WHERE organization = ? ORDER BY created_at, id'),
    removeWebhook: database.prepare<Ids>('DELETE FROM webhooks WHERE organization = ? AND id = ?'),
    removeDeliveries: database.prepare<Ids>('DELETE FROM deliveries WHERE organization = ? AND webhook = ?'),
    removeAttempts: database.prepare<Ids>('DELETE FROM delivery_attempts WHERE organization = ? AND webhook = ?'),
    addDelivery: database.prepare<DeliveryValues>('INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    delivery: deliveries<Ids>('SELECT * FROM deliveries WHERE organization = ? AND id = ?'),
    changeDelivery: database.prepare<[string, number, number, number | null, string, string]>(
      'UPDATE deliveries SET state = ?, attempts = ?, round = ?, due_at = ? WHERE organization = ? AND id = ?',
    ),
    failWaiting: database.prepare<Ids>(
      `UPDATE deliveries SET state = 'failed', due_at = NULL WHERE organization = ? AND webhook = ? AND due_at IS NOT NULL`,
    ),
    dueTargets: database.prepare<[number], { organization: string; webhook: string }>(
      `SELECT organization, id AS webhook FROM webhooks w
       WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.organization = w.organization AND d.webhook = w.id AND d.due_at <= ?)`,
    ),
    due: deliveries<[string, string, number, number]>(
      'SELECT * FROM deliveries WHERE organization = ? AND webhook = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?',
    ),
    nextDue: database.prepare<[], number | null>('SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL').pluck(),
    waiting: database.prepare<[], { waiting: number; oldest: number | null }>(
      'SELECT count(*) AS waiting, min(created_at) AS oldest FROM deliveries WHERE due_at IS NOT NULL',
    ),
    addAttempt: database.prepare<[string, string, number, string, number, string]>(
      'INSERT INTO delivery_attempts VALUES (?, ?, ?, ?, ?, ?)',
    ),
    attempts: text<[string, string, number]>(
      'SELECT body FROM delivery_attempts WHERE organization = ? AND webhook = ? ORDER BY at DESC, delivery, number DESC LIMIT ?',
    ),
    pruneAttempts: database.prepare<[number]>('DELETE FROM delivery_attempts WHERE at < ?'),
    pruneDeliveries: database.prepare<[number]>('DELETE FROM deliveries WHERE created_at < ? AND due_at IS NULL'),
    pruneAlerts: database.prepare<[number]>(
      `DELETE FROM alerts WHERE at < ?
       AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.organization = alerts.organization AND d.alert = alerts.id)`,
    ),
  }
}
