import { listWebhooks, registerWebhook, rotateWebhookSecret, type WebhookRegistered, type WebhooksAnswer } from '@purser/contract'
import { newWebhookSecret, rotatedSecret, type Webhook } from '../../alerts/index.ts'
import { fail, LIMITS, ok, type Result, refusal } from '../../kernel/index.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import type { Caller } from '../context.ts'
import { implement } from '../operation.ts'
import { webhookAnswer } from '../wire/webhook-answer.ts'
import { allowedTarget, eventsOf } from './subscription.ts'
import { watchThresholds } from './watch-thresholds.ts'
import { changeOf, noWebhook, webhookInReach } from './webhook-in-reach.ts'

/** Registers who is told. The secret is in this answer alone. A threshold that no budget has is listened for from here on. Audited. */
export const registerWebhookOperation = implement(
  registerWebhook,
  async ({ services, caller }, input): Promise<Result<WebhookRegistered>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    const agent = agentOf(caller, input.agent_id ?? null)
    if (!agent.ok) return agent
    const channel = input.channel ?? 'webhook'
    const target = allowedTarget(services, channel, input.url)
    if (!target.ok) return target
    const events = eventsOf(input.events ?? null)
    if (!events.ok) return events
    if ((await services.alerts.webhooks(organization.value)).length >= LIMITS.webhooksMax) {
      return fail(
        refusal('invalid_field', `an organization has at most ${LIMITS.webhooksMax} webhooks; remove one first`, { path: '/url' }),
      )
    }
    const now = services.now()
    const webhook: Webhook = {
      organization: organization.value,
      id: `wh_${services.newId()}`,
      channel,
      url: input.url,
      agent: agent.value,
      events: events.value,
      thresholdPct: input.config?.threshold_pct ?? null,
      secret: newWebhookSecret(services.randomBytes),
      previous: null,
      createdAt: now,
      updatedAt: now,
      disabled: null,
      failingSince: null,
      givenUp: 0,
    }
    await services.alerts.addWebhook(changeOf(caller, 'register_webhook', null, webhook))
    await watchThresholds(services, webhook.organization, caller.actor)
    return ok(withSecret(webhook))
  },
)

/** Signs with a new secret, and for a day with the old one beside it. Audited. */
export const rotateWebhookSecretOperation = implement(
  rotateWebhookSecret,
  async ({ services, caller }, input): Promise<Result<WebhookRegistered>> => {
    const found = await webhookInReach(services, caller, input)
    if (!found.ok) return found
    const { organization, id, channel } = found.value
    if (channel !== 'webhook') return fail(refusal('invalid_field', `messages to ${channel} are not signed`, { path: '/webhook_id' }))
    const secret = newWebhookSecret(services.randomBytes)
    const changed = await services.alerts.changeWebhook(organization, id, (before) =>
      changeOf(caller, 'rotate_webhook_secret', before, rotatedSecret(before, secret, services.now())),
    )
    return changed === null ? fail(noWebhook(id)) : ok(withSecret(changed))
  },
)

export const listWebhooksOperation = implement(listWebhooks, async ({ services, caller }, input): Promise<Result<WebhooksAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const agent = agentOf(caller, input.agent_id ?? null)
  if (!agent.ok) return agent
  const webhooks = await services.alerts.webhooks('organization' in scope.value ? scope.value.organization : null)
  const wanted = webhooks.filter((webhook) => agent.value === null || webhook.agent === agent.value)
  return ok({ webhooks: wanted.map(webhookAnswer) })
})

/** The key of an agent acts for that agent. */
function agentOf(caller: Caller, asked: string | null): Result<string | null> {
  if (caller.agent === null || asked === null || asked === caller.agent) return ok(asked ?? caller.agent)
  return fail(refusal('forbidden', `this key does not act for agent "${asked}"`, { path: '/agent_id' }))
}

function withSecret(webhook: Webhook): WebhookRegistered {
  return { ...webhookAnswer(webhook), secret: webhook.channel === 'webhook' ? webhook.secret : null }
}
