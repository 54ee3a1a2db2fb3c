import { type DeliveryReplayed, getWebhookLogs, replayDelivery, testWebhook, type WebhookLogs, type WebhookTested } from '@purser/contract'
import { pingAlert } from '../../alerts/index.ts'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { attemptAnswer } from '../wire/webhook-answer.ts'
import { noWebhook, webhookInReach } from './webhook-in-reach.ts'

const LOGS = 50

/** Sends a ping at once, also to a webhook that is disabled, and answers with what came back. Nothing is tried again. */
export const testWebhookOperation = implement(testWebhook, async ({ services, caller }, input): Promise<Result<WebhookTested>> => {
  const found = await webhookInReach(services, caller, input)
  if (!found.ok) return found
  const attempt = await services.dispatcher.sendNow(pingAlert(found.value, services.now(), services.newId()), found.value)
  return attempt === null ? fail(noWebhook(input.webhook_id)) : ok({ webhook_id: found.value.id, ...attemptAnswer(attempt) })
})

export const getWebhookLogsOperation = implement(getWebhookLogs, async ({ services, caller }, input): Promise<Result<WebhookLogs>> => {
  const found = await webhookInReach(services, caller, input)
  if (!found.ok) return found
  const { organization, id } = found.value
  const attempts = await services.alerts.attempts({ organization, webhook: id }, input.limit ?? LOGS)
  return ok({ webhook_id: id, logs: attempts.map(attemptAnswer) })
})

/** Begins a delivery anew, with the whole schedule before it. One that is still waiting stays as it is. Changes no rule, so it is not audited; the log has it. */
export const replayDeliveryOperation = implement(replayDelivery, async ({ services, caller }, input): Promise<Result<DeliveryReplayed>> => {
  const found = await webhookInReach(services, caller, input)
  if (!found.ok) return found
  const { organization, id, disabled } = found.value
  if (disabled !== null) {
    const detail = `the webhook is disabled (${disabled.reason}); update it with enabled: true first`
    return fail(refusal('invalid_field', detail, { path: '/webhook_id' }))
  }
  const delivery = await services.alerts.replay({ organization, webhook: id }, input.delivery_id, services.now())
  if (delivery === null) {
    return fail(refusal('not_found', `there is no delivery "${input.delivery_id.slice(0, 80)}" to this webhook`, { path: '/delivery_id' }))
  }
  services.dispatcher.wake()
  return ok({ webhook_id: id, delivery_id: delivery.id, alert_id: delivery.alert, attempts: delivery.attempts })
})
