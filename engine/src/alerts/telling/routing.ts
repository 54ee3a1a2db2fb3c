import { type Millis, sha256Hex } from '../../kernel/index.ts'
import { type BudgetRule, EVERY_VALUE } from '../../ledger/index.ts'
import type { Told } from '../ports.ts'
import { type Alert, type Delivery, EVERY_EVENT, type EventType, type Webhook } from '../records.ts'

/** Alerts and the webhooks that want them. What only listeners are told is kept only when there is one. */
export function routed(alerts: readonly Alert[], webhooks: readonly Webhook[], now: Millis): Told {
  const kept: Alert[] = []
  const deliveries: Delivery[] = []
  for (const alert of alerts) {
    const wanted = webhooks.filter((webhook) => wants(webhook, alert))
    if (wanted.length > 0 || !alert.watched) kept.push(alert)
    deliveries.push(...wanted.map((webhook) => deliveryOf(alert, webhook, now)))
  }
  return { alerts: kept, deliveries }
}

/** Whether a webhook is told of an alert: of its organization, its agent, its events, its threshold, and since it is there. */
export function wants(webhook: Webhook, alert: Alert): boolean {
  return (
    webhook.organization === alert.organization &&
    webhook.disabled === null &&
    webhook.createdAt <= alert.at &&
    (webhook.agent === null || webhook.agent === alert.agent) &&
    alert.type !== 'ping' &&
    hasEvent(webhook, alert.type) &&
    wantsThreshold(webhook, alert)
  )
}

function wantsThreshold({ thresholdPct }: Webhook, alert: Alert): boolean {
  if (alert.thresholdPct === null) return true
  return thresholdPct === null ? !alert.watched : thresholdPct === alert.thresholdPct
}

function hasEvent({ events }: Webhook, type: EventType): boolean {
  return events.includes(EVERY_EVENT) || events.includes(type)
}

/** The thresholds that webhooks ask of a budget and that it does not have itself, ascending. */
export function watchedOf(rule: BudgetRule, webhooks: readonly Webhook[]): readonly number[] {
  const watched = new Set<number>()
  for (const webhook of webhooks) {
    const { thresholdPct, organization, disabled, agent } = webhook
    if (thresholdPct === null || disabled !== null || organization !== rule.organization || !hasEvent(webhook, 'budget.threshold')) continue
    if ((agent === null || isAbout(rule, agent)) && !rule.thresholds.includes(thresholdPct)) watched.add(thresholdPct)
  }
  return [...watched].sort((a, b) => a - b)
}

function isAbout({ dimension, value }: BudgetRule, agent: string): boolean {
  return dimension === 'agent' && (value === EVERY_VALUE || value === agent)
}

/** One alert goes to one webhook once: its id says so. */
export function deliveryOf(alert: Alert, webhook: Webhook, dueAt: Millis): Delivery {
  const { organization, id } = webhook
  return {
    organization,
    id: `delivery_${sha256Hex(JSON.stringify([alert.id, id])).slice(0, ID_CHARS)}`,
    webhook: id,
    alert: alert.id,
    state: 'waiting',
    attempts: 0,
    round: 0,
    dueAt,
    createdAt: dueAt,
  }
}

const ID_CHARS = 32
