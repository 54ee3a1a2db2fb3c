import type { Database } from 'better-sqlite3'
import type { Alert, AlertStore, Attempt, Claimed, Delivery, Settlement, Told, Webhook, WebhookChange } from '../../../alerts/index.ts'
import { assert } from '../../../kernel/index.ts'
import type { AuditDraft, AuditEntry } from '../../../ledger/index.ts'
import { type AlertStatements, deliveryOf, prepareAlerts } from './statements.ts'

/** Alerts on SQLite, beside the journal that they come from. A change of a webhook and the entry that says who made it are one transaction. */
export function sqliteAlertStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): AlertStore {
  const statements = prepareAlerts(database)
  return {
    watermark: async () => statements.watermark.get() ?? 0,
    alerts: async (organization, limit, before) =>
      statements.alerts.all({ organization, before, limit }).map((body) => JSON.parse(body) as Alert),
    webhooks: async (organization) => webhooksOf(statements, organization),
    webhook: async (organization, id) =>
      webhookOf(organization === null ? statements.webhookById.get(id) : statements.webhook.get(organization, id)),
    dueTargets: async (now) => statements.dueTargets.all(now),
    nextDue: async () => statements.nextDue.get() ?? null,
    attempts: async ({ organization, webhook }, limit) =>
      statements.attempts.all(organization, webhook, limit).map((body) => JSON.parse(body) as Attempt),
    backlog: async () => {
      const { waiting, oldest } = statements.waiting.get() ?? { waiting: 0, oldest: null }
      const webhooks = webhooksOf(statements, null)
      const failing = webhooks.filter(({ disabled, failingSince }) => disabled === null && failingSince !== null).length
      return { waiting, oldestAt: oldest, failing, disabled: webhooks.filter(({ disabled }) => disabled !== null).length }
    },
    ...writing(database, statements, appendAudit),
  }
}

type Writing = 'follow' | 'tell' | 'addWebhook' | 'changeWebhook' | 'removeWebhook' | 'claim' | 'settle' | 'replay' | 'prune'

function writing(database: Database, statements: AlertStatements, appendAudit: (entry: AuditDraft) => unknown): Pick<AlertStore, Writing> {
  const durably = async <T>(work: () => T): Promise<T> => database.transaction(work).immediate()
  const change = ({ webhook, audit }: WebhookChange): Webhook => {
    putWebhook(statements, webhook)
    appendAudit(audit)
    return webhook
  }
  return {
    follow: ({ from, through, organizations }, tell) =>
      durably(() => {
        if (statements.follow.run(through, from).changes === 0) return false
        write(statements, tell(organizations.flatMap((organization) => webhooksOf(statements, organization))))
        return true
      }),
    tell: (told) => durably(() => write(statements, told)),
    addWebhook: (added) => durably(() => void change(added)),
    changeWebhook: (organization, id, decide) =>
      durably(() => {
        const webhook = webhookOf(statements.webhook.get(organization, id))
        const changed = webhook === null ? null : decide(webhook)
        return changed === null ? webhook : change(changed)
      }),
    removeWebhook: (organization, id, audit) =>
      durably(() => {
        if (statements.removeWebhook.run(organization, id).changes === 0) return false
        statements.removeDeliveries.run(organization, id)
        statements.removeAttempts.run(organization, id)
        appendAudit(audit)
        return true
      }),
    claim: (target, limit, now, until) => durably(() => claim(statements, target, limit, now, until)),
    settle: ({ organization, id }, decide) => durably(() => settle(statements, organization, id, decide)),
    replay: ({ organization, webhook }, id, now) =>
      durably(() => {
        const row = statements.delivery.get(organization, id)
        if (row === undefined || row.webhook !== webhook) return null
        const delivery = deliveryOf(row)
        if (delivery.dueAt !== null) return delivery
        return keep(statements, { ...delivery, state: 'waiting', round: 0, dueAt: now })
      }),
    prune: (before) =>
      durably(() => {
        statements.pruneAttempts.run(before)
        statements.pruneDeliveries.run(before)
        statements.pruneAlerts.run(before)
      }),
  }
}

function claim(
  statements: AlertStatements,
  { organization, webhook: id }: Parameters<AlertStore['claim']>[0],
  limit: number,
  now: number,
  until: number,
): Claimed[] {
  const webhook = webhookOf(statements.webhook.get(organization, id))
  if (webhook === null) return []
  return statements.due.all(organization, id, now, limit).map((row) => {
    const body = statements.alert.get(organization, row.alert)
    assert(body !== undefined, 'what is delivered is there')
    return { delivery: keep(statements, { ...deliveryOf(row), dueAt: until }), alert: JSON.parse(body) as Alert, webhook }
  })
}

function settle(
  statements: AlertStatements,
  organization: string,
  id: string,
  decide: Parameters<AlertStore['settle']>[1],
): Settlement | null {
  const row = statements.delivery.get(organization, id)
  const webhook = row === undefined ? null : webhookOf(statements.webhook.get(organization, row.webhook))
  if (row === undefined || webhook === null) return null
  const settlement = decide(deliveryOf(row), webhook, webhooksOf(statements, organization))
  const { attempt } = settlement
  if (settlement.webhook !== null) {
    putWebhook(statements, settlement.webhook)
    if (settlement.webhook.disabled !== null && webhook.disabled === null) statements.failWaiting.run(organization, webhook.id)
  }
  keep(statements, settlement.delivery)
  statements.addAttempt.run(organization, attempt.webhook, attempt.at, attempt.delivery, attempt.number, JSON.stringify(attempt))
  write(statements, settlement)
  return settlement
}

function write(statements: AlertStatements, { alerts, deliveries }: Told): void {
  for (const alert of alerts) statements.addAlert.run(alert.organization, alert.id, alert.at, alert.type, JSON.stringify(alert))
  for (const { organization, id, webhook, alert, state, attempts, round, dueAt, createdAt } of deliveries) {
    statements.addDelivery.run(organization, id, webhook, alert, state, attempts, round, dueAt, createdAt)
  }
}

function keep(statements: AlertStatements, delivery: Delivery): Delivery {
  const { organization, id, state, attempts, round, dueAt } = delivery
  statements.changeDelivery.run(state, attempts, round, dueAt, organization, id)
  return delivery
}

function putWebhook(statements: AlertStatements, webhook: Webhook): void {
  statements.putWebhook.run(webhook.organization, webhook.id, webhook.createdAt, JSON.stringify(webhook))
}

function webhooksOf(statements: AlertStatements, organization: string | null): Webhook[] {
  const bodies = organization === null ? statements.webhooks.all() : statements.webhooksOf.all(organization)
  return bodies.map((body) => JSON.parse(body) as Webhook)
}

function webhookOf(body: string | undefined): Webhook | null {
  return body === undefined ? null : (JSON.parse(body) as Webhook)
}
