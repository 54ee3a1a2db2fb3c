import { deleteWebhook, updateWebhook, type WebhookAnswer, type WebhookDeleted } from '@purser/contract'
import type { Webhook } from '../../alerts/index.ts'
import { fail, type Millis, ok, type Result } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { webhookAnswer } from '../wire/webhook-answer.ts'
import { allowedTarget, eventsOf } from './subscription.ts'
import { watchThresholds } from './watch-thresholds.ts'
import { auditOf, changeOf, noWebhook, webhookInReach } from './webhook-in-reach.ts'

/** Changes what is said and leaves the rest. Another address, or `enabled`, begins anew with a webhook that was disabled. Audited. */
export const updateWebhookOperation = implement(updateWebhook, async ({ services, caller }, input): Promise<Result<WebhookAnswer>> => {
  const found = await webhookInReach(services, caller, input)
  if (!found.ok) return found
  const { organization, id, channel } = found.value
  const url = input.url ?? null
  const target = url === null ? ok('') : allowedTarget(services, channel, url)
  if (!target.ok) return target
  const events = input.events === undefined || input.events === null ? ok(null) : eventsOf(input.events)
  if (!events.ok) return events
  const changed = await services.alerts.changeWebhook(organization, id, (before) => {
    const now = services.now()
    const after: Webhook = {
      ...before,
      url: url ?? before.url,
      events: events.value ?? before.events,
      thresholdPct: input.config === undefined || input.config === null ? before.thresholdPct : (input.config.threshold_pct ?? null),
      updatedAt: now,
    }
    return changeOf(caller, 'update_webhook', before, enabled(after, input.enabled, url !== null && url !== before.url, now))
  })
  if (changed === null) return fail(noWebhook(id))
  await watchThresholds(services, organization, caller.actor)
  services.dispatcher.wake()
  return ok(webhookAnswer(changed))
})

function enabled(webhook: Webhook, asked: boolean | undefined, moved: boolean, now: Millis): Webhook {
  if (asked === false) return { ...webhook, disabled: webhook.disabled ?? { at: now, reason: 'disabled by its owner' } }
  return asked === true || moved ? { ...webhook, disabled: null, failingSince: null, givenUp: 0 } : webhook
}

/** Removes a webhook. Audited. */
export const deleteWebhookOperation = implement(deleteWebhook, async ({ services, caller }, input): Promise<Result<WebhookDeleted>> => {
  const found = await webhookInReach(services, caller, input)
  if (!found.ok) return found
  const { organization, id } = found.value
  const audit = auditOf(caller, 'delete_webhook', { before: found.value, after: null, at: services.now() })
  if (!(await services.alerts.removeWebhook(organization, id, audit))) return fail(noWebhook(id))
  await watchThresholds(services, organization, caller.actor)
  return ok({ webhook_id: id, organization_id: organization, deleted: true })
})
