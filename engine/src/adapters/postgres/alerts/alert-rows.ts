import type { Delivery, Told, Webhook } from '../../../alerts/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import { nameIn, textIn } from '../rows/row-kinds.ts'
import { storedText } from '../rows/stored-text.ts'

export const SELECT_DELIVERIES = 'SELECT * FROM deliveries'

export function deliveryOf(row: Row): Delivery {
  const due = row.due_at ?? null
  return {
    organization: nameIn(row, 'organization'),
    id: nameIn(row, 'id'),
    webhook: nameIn(row, 'webhook'),
    alert: nameIn(row, 'alert'),
    state: textIn(row, 'state') as Delivery['state'],
    attempts: Number(row.attempts),
    round: Number(row.round),
    dueAt: due === null ? null : Number(due),
    createdAt: Number(row.created_at),
  }
}

/** What is there already stays as it is. */
export async function addTold(ask: Ask, { alerts, deliveries }: Told): Promise<void> {
  for (const alert of alerts) {
    await ask('INSERT INTO alerts VALUES ($1::text, $2::text, $3::bigint, $4::text, $5::text) ON CONFLICT DO NOTHING', [
      storedText(alert.organization),
      storedText(alert.id),
      String(alert.at),
      alert.type,
      JSON.stringify(alert),
    ])
  }
  for (const { organization, id, webhook, alert, state, attempts, round, dueAt, createdAt } of deliveries) {
    await ask(ADD_DELIVERY, [
      ...[organization, id, webhook, alert].map(storedText),
      state,
      String(attempts),
      String(round),
      dueAt === null ? null : String(dueAt),
      String(createdAt),
    ])
  }
}

const ADD_DELIVERY = `INSERT INTO deliveries
  VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint, $9::bigint) ON CONFLICT DO NOTHING`

export async function keepDelivery(ask: Ask, delivery: Delivery): Promise<Delivery> {
  const { organization, id, state, attempts, round, dueAt } = delivery
  await ask(
    `UPDATE deliveries SET state = $3::text, attempts = $4::bigint, round = $5::bigint, due_at = $6::bigint
     WHERE organization = $1::text AND id = $2::text`,
    [storedText(organization), storedText(id), state, String(attempts), String(round), dueAt === null ? null : String(dueAt)],
  )
  return delivery
}

export async function putWebhook(ask: Ask, webhook: Webhook): Promise<void> {
  await ask(
    `INSERT INTO webhooks VALUES ($1::text, $2::text, $3::bigint, $4::text) ON CONFLICT (organization, id) DO UPDATE SET body = excluded.body`,
    [storedText(webhook.organization), storedText(webhook.id), String(webhook.createdAt), JSON.stringify(webhook)],
  )
}

export async function webhookIn(ask: Ask, organization: string, id: string): Promise<Webhook | null> {
  const [row] = await ask('SELECT body FROM webhooks WHERE organization = $1::text AND id = $2::text', [
    storedText(organization),
    storedText(id),
  ])
  return row === undefined ? null : (JSON.parse(textIn(row, 'body')) as Webhook)
}

/** In the order of their creation; of all organizations for null. */
export async function webhooksIn(ask: Ask, organization: string | null): Promise<Webhook[]> {
  const of = organization === null ? '' : 'WHERE organization = $1::text'
  const rows = await ask(`SELECT body FROM webhooks ${of} ORDER BY created_at, id`, organization === null ? [] : [storedText(organization)])
  return rows.map((row) => JSON.parse(textIn(row, 'body')) as Webhook)
}
