import type { WebhookAnswer, WebhookLogs } from '@purser/contract'
import type { Attempt, Webhook } from '../../alerts/index.ts'
import { formatInstant } from '../../kernel/index.ts'
import { timeText } from './measures-answer.ts'

/** A webhook in the spelling of the wire, without its secrets. */
export function webhookAnswer(webhook: Webhook): WebhookAnswer {
  const { organization, id, agent, channel, events, thresholdPct, disabled, failingSince, createdAt, updatedAt } = webhook
  return {
    webhook_id: id,
    organization_id: organization,
    agent_id: agent,
    channel,
    url: shownUrl(webhook),
    events: [...events],
    config: thresholdPct === null ? {} : { threshold_pct: thresholdPct },
    status: disabled === null ? 'active' : 'disabled',
    disabled_reason: disabled?.reason ?? null,
    failing_since: timeText(failingSince),
    created_at: formatInstant(createdAt),
    updated_at: formatInstant(updatedAt),
  }
}

/** Whoever knows the address of a Slack channel may write to it. */
function shownUrl({ channel, url }: Webhook): string {
  return channel === 'slack' ? `${new URL(url).origin}/…` : url
}

export function attemptAnswer(attempt: Attempt): WebhookLogs['logs'][number] {
  const { at, delivery, alert, type, number, status, code, error, durationMs, nextAt } = attempt
  return {
    timestamp: formatInstant(at),
    delivery_id: delivery,
    alert_id: alert,
    event: type,
    attempt: number,
    delivery_status: status,
    response_code: code,
    error,
    duration_ms: durationMs,
    next_attempt_at: timeText(nextAt),
  }
}
