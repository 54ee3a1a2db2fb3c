import type { Alert, AlertStore, Attempt, Claimed, Delivery, Settlement, Told, Webhook, WebhookChange } from '../../../alerts/index.ts'
import { assert } from '../../../kernel/index.ts'
import type { AuditDraft } from '../../../ledger/index.ts'
import { appendAudits } from '../audit-store.ts'
import type { Ask, Pool } from '../connect/pool.ts'
import type { Reads } from '../connect/reads.ts'
import { nameIn, textIn } from '../rows/row-kinds.ts'
import { storedText } from '../rows/stored-text.ts'
import { addTold, deliveryOf, keepDelivery, putWebhook, SELECT_DELIVERIES, webhookIn, webhooksIn } from './alert-rows.ts'

/** Alerts on PostgreSQL, beside the journal that they come from. A change of a webhook and the entry that says who made it are one transaction. */
export function postgresAlertStore(books: Pool, reads: Reads): AlertStore {
  return {
    watermark: async () => Number((await books.ask('SELECT seq FROM alert_watermark'))[0]?.seq ?? 0),
    alerts: async (organization, limit, before) => {
      const cursor = before === null ? null : storedText(before)
      const later = `($1::text IS NULL OR (at, id) < (SELECT first.at, first.id FROM alerts AS first WHERE first.id = $1::text LIMIT 1))`
      const order = 'ORDER BY at DESC, id DESC LIMIT $2::bigint'
      const rows = await reads(organization, 'SELECT body FROM alerts', {
        and: `type <> 'ping' AND ${later}`,
        order,
        values: [cursor, String(limit)],
      })
      return rows.map((row) => JSON.parse(textIn(row, 'body')) as Alert)
    },
    webhooks: async (organization) =>
      (await reads(organization, 'SELECT body FROM webhooks', { order: 'ORDER BY created_at, id' })).map(
        (row) => JSON.parse(textIn(row, 'body')) as Webhook,
      ),
    webhook: async (organization, id) => {
      const rows = await reads(organization, 'SELECT body FROM webhooks', {
        and: 'id = $1::text',
        order: 'ORDER BY organization LIMIT 1',
        values: [storedText(id)],
      })
      return rows[0] === undefined ? null : (JSON.parse(textIn(rows[0], 'body')) as Webhook)
    },
    dueTargets: async (now) =>
      (await books.ask(DUE_TARGETS, [String(now)])).map((row) => ({
        organization: nameIn(row, 'organization'),
        webhook: nameIn(row, 'webhook'),
      })),
    nextDue: async () => {
      const due = (await books.ask('SELECT min(due_at) AS due FROM deliveries WHERE due_at IS NOT NULL'))[0]?.due ?? null
      return due === null ? null : Number(due)
    },
    attempts: async ({ organization, webhook }, limit) => {
      const rows = await reads(organization, 'SELECT body FROM delivery_attempts', {
        and: 'webhook = $1::text',
        order: 'ORDER BY at DESC, delivery, number DESC LIMIT $2::bigint',
        values: [storedText(webhook), String(limit)],
      })
      return rows.map((row) => JSON.parse(textIn(row, 'body')) as Attempt)
    },
    backlog: async () => {
      const [row] = await books.ask('SELECT count(*) AS waiting, min(created_at) AS oldest FROM deliveries WHERE due_at IS NOT NULL')
      const webhooks = await webhooksIn(books.ask, null)
      const failing = webhooks.filter(({ disabled, failingSince }) => disabled === null && failingSince !== null).length
      const oldest = row?.oldest ?? null
      const disabled = webhooks.filter((webhook) => webhook.disabled !== null).length
      return { waiting: Number(row?.waiting ?? 0), oldestAt: oldest === null ? null : Number(oldest), failing, disabled }
    },
    ...writing(books),
  }
}

const DUE_TARGETS = `SELECT organization, id AS webhook FROM webhooks AS w
  WHERE EXISTS (SELECT FROM deliveries AS d WHERE d.organization = w.organization AND d.webhook = w.id AND d.due_at <= $1::bigint)`

type Writing = 'follow' | 'tell' | 'addWebhook' | 'changeWebhook' | 'removeWebhook' | 'claim' | 'settle' | 'replay' | 'prune'

function writing(books: Pool): Pick<AlertStore, Writing> {
  const durably = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    books.transaction(async (ask) => {
      await ask('SELECT seq FROM alert_watermark FOR UPDATE')
      return await work(ask)
    })
  const change = async (ask: Ask, { webhook, audit }: WebhookChange): Promise<Webhook> => {
    await putWebhook(ask, webhook)
    await appendAudits(ask, [audit])
    return webhook
  }
  return {
    follow: ({ from, through, organizations }, tell) =>
      durably(async (ask) => {
        const moved = await ask('UPDATE alert_watermark SET seq = $1::bigint WHERE seq = $2::bigint RETURNING seq', [
          String(through),
          String(from),
        ])
        if (moved.length === 0) return false
        const webhooks: Webhook[] = []
        for (const organization of organizations) webhooks.push(...(await webhooksIn(ask, organization)))
        await addTold(ask, tell(webhooks))
        return true
      }),
    tell: (told: Told) => durably((ask) => addTold(ask, told)),
    addWebhook: (added) =>
      durably(async (ask) => {
        await change(ask, added)
      }),
    changeWebhook: (organization, id, decide) =>
      durably(async (ask) => {
        const webhook = await webhookIn(ask, organization, id)
        const changed = webhook === null ? null : decide(webhook)
        return changed === null ? webhook : await change(ask, changed)
      }),
    removeWebhook: (organization, id, audit) => durably((ask) => removeWebhook(ask, [storedText(organization), storedText(id)], audit)),
    claim: (target, limit, now, until) => durably((ask) => claim(ask, target, limit, now, until)),
    settle: ({ organization, id }, decide) => durably((ask) => settle(ask, organization, id, decide)),
    replay: ({ organization, webhook }, id, now) =>
      durably(async (ask) => {
        const delivery = await deliveryIn(ask, organization, id)
        if (delivery === null || delivery.webhook !== webhook) return null
        return delivery.dueAt === null ? await keepDelivery(ask, { ...delivery, state: 'waiting', round: 0, dueAt: now }) : delivery
      }),
    prune: (before) =>
      durably(async (ask) => {
        const values = [String(before)]
        await ask('DELETE FROM delivery_attempts WHERE at < $1::bigint', values)
        await ask('DELETE FROM deliveries WHERE created_at < $1::bigint AND due_at IS NULL', values)
        await ask(PRUNE_ALERTS, values)
      }),
  }
}

const PRUNE_ALERTS = `DELETE FROM alerts WHERE at < $1::bigint
  AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.organization = alerts.organization AND d.alert = alerts.id)`

async function removeWebhook(ask: Ask, key: readonly string[], audit: AuditDraft): Promise<boolean> {
  const removed = await ask('DELETE FROM webhooks WHERE organization = $1::text AND id = $2::text RETURNING id', key)
  if (removed.length === 0) return false
  await ask('DELETE FROM deliveries WHERE organization = $1::text AND webhook = $2::text', key)
  await ask('DELETE FROM delivery_attempts WHERE organization = $1::text AND webhook = $2::text', key)
  await appendAudits(ask, [audit])
  return true
}

async function deliveryIn(ask: Ask, organization: string, id: string): Promise<Delivery | null> {
  const [row] = await ask(`${SELECT_DELIVERIES} WHERE organization = $1::text AND id = $2::text`, [
    storedText(organization),
    storedText(id),
  ])
  return row === undefined ? null : deliveryOf(row)
}

async function claim(
  ask: Ask,
  { organization, webhook: id }: Parameters<AlertStore['claim']>[0],
  limit: number,
  now: number,
  until: number,
): Promise<Claimed[]> {
  const webhook = await webhookIn(ask, organization, id)
  if (webhook === null) return []
  const due = await ask(
    `${SELECT_DELIVERIES} WHERE organization = $1::text AND webhook = $2::text AND due_at <= $3::bigint ORDER BY due_at, id LIMIT $4::bigint`,
    [storedText(organization), storedText(id), String(now), String(limit)],
  )
  const claimed: Claimed[] = []
  for (const row of due) {
    const delivery = deliveryOf(row)
    const [alert] = await ask('SELECT body FROM alerts WHERE organization = $1::text AND id = $2::text', [
      storedText(organization),
      storedText(delivery.alert),
    ])
    assert(alert !== undefined, 'what is delivered is there')
    const taken = await keepDelivery(ask, { ...delivery, dueAt: until })
    claimed.push({ delivery: taken, alert: JSON.parse(textIn(alert, 'body')) as Alert, webhook })
  }
  return claimed
}

async function settle(ask: Ask, organization: string, id: string, decide: Parameters<AlertStore['settle']>[1]): Promise<Settlement | null> {
  const delivery = await deliveryIn(ask, organization, id)
  const webhook = delivery === null ? null : await webhookIn(ask, organization, delivery.webhook)
  if (delivery === null || webhook === null) return null
  const settlement = decide(delivery, webhook, await webhooksIn(ask, organization))
  const { attempt } = settlement
  if (settlement.webhook !== null) {
    await putWebhook(ask, settlement.webhook)
    if (settlement.webhook.disabled !== null && webhook.disabled === null) {
      await ask(FAIL_WAITING, [storedText(organization), storedText(webhook.id)])
    }
  }
  await keepDelivery(ask, settlement.delivery)
  const [of, to, what] = [organization, attempt.webhook, attempt.delivery].map(storedText)
  const values = [of ?? '', to ?? '', String(attempt.at), what ?? '', String(attempt.number), JSON.stringify(attempt)]
  await ask('INSERT INTO delivery_attempts VALUES ($1::text, $2::text, $3::bigint, $4::text, $5::bigint, $6::text)', values)
  await addTold(ask, settlement)
  return settlement
}

const FAIL_WAITING = `UPDATE deliveries SET state = 'failed', due_at = NULL
  WHERE organization = $1::text AND webhook = $2::text AND due_at IS NOT NULL`
