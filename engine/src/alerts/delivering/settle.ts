import type { Millis } from '../../kernel/index.ts'
import type { Sent, Settlement } from '../ports.ts'
import type { Alert, Attempt, Delivery, Webhook } from '../records.ts'
import { disabledAlert } from '../telling/own-alerts.ts'
import { routed } from '../telling/routing.ts'
import { retryDelayMs } from './schedule.ts'

/** An attempt that was made, and what it met. */
export interface Attempted {
  readonly alert: Alert
  readonly sent: Sent
  /** When it ended. */
  readonly at: Millis
  readonly durationMs: number
  /** From 0 up to 1, for the jitter. */
  readonly random: number
}

/** A receiver that has failed for so long is not bothered any more. */
const FAILING_MS_MAX = 5 * 86_400_000
/** Deliveries given up one after the other, each after the whole schedule. */
const GIVEN_UP_MAX = 3
/** The receiver says: never again. */
const GONE = 410

/** What becomes of a delivery and its webhook after an attempt. A test changes nothing of the webhook and is not tried again. */
export function settled(delivery: Delivery, webhook: Webhook, all: readonly Webhook[], attempted: Attempted): Settlement {
  const next = nextOf(delivery, webhook, attempted)
  const { alert, at } = attempted
  const attempt = attemptOf(next, attempted)
  if (alert.type === 'ping') return { delivery: next, attempt, webhook: null, alerts: [], deliveries: [] }
  const changed = healthOf(webhook, next, attempted)
  if (changed.disabled === null || webhook.disabled !== null) {
    return { delivery: next, attempt, webhook: changed, alerts: [], deliveries: [] }
  }
  const ended: Delivery = { ...next, state: 'failed', dueAt: null }
  const others = all.filter(({ id }) => id !== webhook.id)
  const told = routed([disabledAlert(changed, at, changed.disabled.reason)], others, at)
  return { delivery: ended, attempt: attemptOf(ended, attempted), webhook: changed, ...told }
}

function nextOf(delivery: Delivery, webhook: Webhook, { alert, sent, at, random }: Attempted): Delivery {
  const made = { ...delivery, attempts: delivery.attempts + 1, round: delivery.round + 1 }
  // Delivered by another attempt meanwhile, begun when this one seemed lost: a failure does not undo it.
  if (sent.error === null || delivery.state === 'delivered') return { ...made, state: 'delivered', dueAt: null }
  const tryAgain = alert.type !== 'ping' && webhook.disabled === null && sent.code !== GONE
  const delay = tryAgain ? retryDelayMs(made.round, random, sent.retryAfterMs) : null
  return delay === null ? { ...made, state: 'failed', dueAt: null } : { ...made, state: 'waiting', dueAt: at + delay }
}

function attemptOf(after: Delivery, { alert, sent, at, durationMs }: Attempted): Attempt {
  const { organization, webhook, id, attempts, state, dueAt } = after
  return {
    organization,
    webhook,
    delivery: id,
    alert: alert.id,
    type: alert.type,
    number: attempts,
    at,
    status: sent.error === null ? 'delivered' : state === 'waiting' ? 'retrying' : 'failed',
    code: sent.code,
    error: sent.error,
    durationMs,
    nextAt: dueAt,
  }
}

function healthOf(webhook: Webhook, after: Delivery, { sent, at }: Attempted): Webhook {
  if (sent.error === null) return { ...webhook, failingSince: null, givenUp: 0 }
  const failing = { ...webhook, failingSince: webhook.failingSince ?? at, givenUp: webhook.givenUp + (after.state === 'failed' ? 1 : 0) }
  if (webhook.disabled !== null) return webhook
  const reason = whyDisabled(failing, sent, at)
  return reason === null ? failing : { ...failing, disabled: { at, reason } }
}

function whyDisabled({ failingSince, givenUp }: Webhook, { code }: Sent, at: Millis): string | null {
  if (code === GONE) return 'the receiver answered 410, it is gone'
  if (failingSince !== null && at - failingSince >= FAILING_MS_MAX) return 'every attempt has failed for five days'
  return givenUp >= GIVEN_UP_MAX ? `${GIVEN_UP_MAX} deliveries in a row were given up` : null
}
