import { formatInstant, type Millis } from '../../kernel/index.ts'
import type { Alert, Webhook } from '../records.ts'
import { alertId } from './alerts-of.ts'

/** What the other webhooks are told of one that was disabled. Its address is not among it: it may be a secret. */
export function disabledAlert(webhook: Webhook, at: Millis, reason: string): Alert {
  const { organization, id, agent, channel, failingSince } = webhook
  return {
    organization,
    id: alertId(organization, 'disabled', id, at),
    type: 'webhook.disabled',
    at,
    agent,
    thresholdPct: null,
    watched: false,
    title: `Webhook ${id} is disabled`,
    text: `Nothing is sent to it any more: ${reason}. Correct the receiver, then update the webhook with enabled: true.`,
    facts: {
      organization_id: organization,
      agent_id: agent,
      webhook_id: id,
      channel,
      reason,
      failing_since: failingSince === null ? null : formatInstant(failingSince),
      disabled_at: formatInstant(at),
    },
  }
}

/** What the test button sends. */
export function pingAlert(webhook: Webhook, at: Millis, unique: string): Alert {
  const { organization, id, agent } = webhook
  return {
    organization,
    id: alertId(organization, 'ping', unique),
    type: 'ping',
    at,
    agent,
    thresholdPct: null,
    watched: false,
    title: 'Test of a webhook',
    text: `Purser reaches webhook ${id}. Nothing has happened.`,
    facts: { organization_id: organization, agent_id: agent, webhook_id: id },
  }
}
