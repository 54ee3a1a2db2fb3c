import { type FleetClient, get } from '../client.ts'
import { listed, required } from './wallets.ts'

const TIERS = { warning: 75, critical: 90, exhausted: 100 } as const

/** An alert for each of three thresholds; the ids of the webhooks. */
export async function alertTiers(client: FleetClient): Promise<string[]> {
  const ids: string[] = []
  for (const [label, percent] of Object.entries(TIERS)) {
    const webhook = await client.registerWebhook(`https://your-app.example.com/alerts/${label}`, ['budget.threshold'], {
      threshold_pct: percent,
    })
    ids.push(String(required(webhook, 'webhook_id')))
  }
  return ids
}

/** What is registered, one line each. */
export async function auditWebhooks(client: FleetClient): Promise<string[]> {
  return listed(await client.listWebhooks(), 'webhooks').map((webhook) => {
    const config = JSON.stringify(get(webhook, 'config', {}))
    return `${String(required(webhook, 'webhook_id'))} ${String(required(webhook, 'url'))} ${JSON.stringify(required(webhook, 'events'))} ${config}`
  })
}

/** What became of the messages of a webhook. */
export async function deliveryLog(client: FleetClient, webhookId: string): Promise<string[]> {
  return listed(await client.getWebhookLogs(webhookId, 20), 'logs').map((entry) => {
    const code = String(get(entry, 'response_code', 'N/A'))
    return `${String(required(entry, 'timestamp'))} ${String(required(entry, 'delivery_status'))} HTTP ${code}`
  })
}

/** Removes every webhook of an agent that is taken out of service. */
export async function cleanUp(client: FleetClient): Promise<number> {
  const webhooks = listed(await client.listWebhooks(), 'webhooks')
  for (const webhook of webhooks) await client.deleteWebhook(String(required(webhook, 'webhook_id')))
  return webhooks.length
}
