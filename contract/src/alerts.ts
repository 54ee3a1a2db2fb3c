import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, Time } from './scalars.ts'

const Url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'https://… for webhook and slack; mailto:name@example.com for email. http:// only to this machine, in local mode.',
})

const Events = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  minItems: 1,
  maxItems: 20,
  description:
    'budget.threshold (spending has reached a percent of a limit), budget.exhausted (a hard budget had no room for a call and refused it: told once in its period, and again when its limit was raised), breaker.opened, agent.paused, agent.stopped, agent.resumed, anomaly.found (an agent spends what is not normal for it; only where a rule asks for it), webhook.disabled, or * for all, also those to come. All when left out.',
})

const Config = Type.Object(
  {
    threshold_pct: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 1,
          maximum: 100,
          description: 'Be told at this percent of a limit and at no other, also where the budget does not have that threshold.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
)

const OrganizationId = Type.Optional(Nullable(Id))
const WebhookId = Type.String({ minLength: 1, maxLength: 256 })

export const WebhookRegister = Type.Object(
  {
    url: Url,
    channel: Type.Optional(
      Type.Union([Type.Literal('webhook'), Type.Literal('slack'), Type.Literal('email')], {
        description:
          'webhook: signed (Standard Webhooks 1.0). slack: what Slack and its like understand. email: by SMTP. webhook when left out.',
      }),
    ),
    events: Type.Optional(Nullable(Events)),
    config: Type.Optional(Nullable(Config)),
    agent_id: Type.Optional(Nullable(Id)),
    organization_id: OrganizationId,
  },
  { $id: 'WebhookRegister', additionalProperties: false },
)

const webhook = {
  webhook_id: Type.String(),
  organization_id: Type.String(),
  agent_id: Nullable(Type.String()),
  channel: Type.String(),
  url: Type.String({ description: 'Of slack only where it leads: the rest is a secret.' }),
  events: Type.Array(Type.String()),
  config: Type.Object({ threshold_pct: Type.Optional(Type.Integer()) }),
  status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
  disabled_reason: Nullable(Type.String()),
  failing_since: Nullable(Time),
  created_at: Time,
  updated_at: Time,
}

export const WebhookAnswer = Type.Object(webhook, { $id: 'Webhook' })

export const WebhookRegistered = Type.Object(
  {
    ...webhook,
    secret: Nullable(
      Type.String({ description: 'What messages are signed with: shown in this answer and in no other. Null where nothing is signed.' }),
    ),
  },
  { $id: 'WebhookRegistered' },
)

export const WebhooksQuery = Type.Object(
  { organization_id: OrganizationId, agent_id: Type.Optional(Nullable(Id)) },
  { $id: 'WebhooksQuery', additionalProperties: false },
)

export const WebhooksAnswer = Type.Object({ webhooks: Type.Array(Type.Ref('Webhook')) }, { $id: 'WebhooksAnswer' })

export const WebhookUpdate = Type.Object(
  {
    webhook_id: WebhookId,
    url: Type.Optional(Nullable(Url)),
    events: Type.Optional(Nullable(Events)),
    config: Type.Optional(Nullable(Config)),
    enabled: Type.Optional(Type.Boolean({ description: 'true begins anew with a webhook that was disabled; so does another url.' })),
    organization_id: OrganizationId,
  },
  { $id: 'WebhookUpdate', additionalProperties: false, description: 'What is left out stays. config is replaced as a whole.' },
)

export const WebhookNamed = Type.Object(
  { webhook_id: WebhookId, organization_id: OrganizationId },
  { $id: 'WebhookNamed', additionalProperties: false },
)

export const WebhookDeleted = Type.Object(
  { webhook_id: Type.String(), organization_id: Type.String(), deleted: Type.Literal(true) },
  { $id: 'WebhookDeleted' },
)

const attempt = {
  timestamp: Time,
  delivery_id: Type.String(),
  alert_id: Type.String(),
  event: Type.String(),
  attempt: Type.Integer(),
  delivery_status: Type.Union([Type.Literal('delivered'), Type.Literal('retrying'), Type.Literal('failed')]),
  response_code: Nullable(Type.Integer()),
  error: Nullable(Type.String()),
  duration_ms: Type.Integer(),
  next_attempt_at: Nullable(Time),
}

export const WebhookTested = Type.Object({ webhook_id: Type.String(), ...attempt }, { $id: 'WebhookTested' })

export const WebhookLogsQuery = Type.Object(
  {
    webhook_id: WebhookId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    organization_id: OrganizationId,
  },
  { $id: 'WebhookLogsQuery', additionalProperties: false },
)

export const WebhookLogs = Type.Object(
  { webhook_id: Type.String(), logs: Type.Array(Type.Object(attempt), { description: 'Each attempt, newest first.' }) },
  { $id: 'WebhookLogs' },
)

export const DeliveryReplay = Type.Object(
  { webhook_id: WebhookId, delivery_id: WebhookId, organization_id: OrganizationId },
  { $id: 'DeliveryReplay', additionalProperties: false },
)

export const DeliveryReplayed = Type.Object(
  { webhook_id: Type.String(), delivery_id: Type.String(), alert_id: Type.String(), attempts: Type.Integer() },
  { $id: 'DeliveryReplayed' },
)

export const AlertsQuery = Type.Object(
  {
    organization_id: OrganizationId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    before: Type.Optional(Nullable(Type.String({ maxLength: 64, description: 'Go on after this alert: `next` of the answer before.' }))),
  },
  { $id: 'AlertsQuery', additionalProperties: false },
)

export const AlertsAnswer = Type.Object(
  {
    alerts: Type.Array(
      Type.Object({
        alert_id: Type.String(),
        organization_id: Type.String(),
        event: Type.String(),
        timestamp: Time,
        agent_id: Nullable(Type.String()),
        title: Type.String(),
        text: Type.String(),
        data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
      }),
      { description: 'Newest first.' },
    ),
    next: Nullable(Type.String()),
  },
  { $id: 'AlertsAnswer' },
)

export type WebhookAnswer = Static<typeof WebhookAnswer>
export type WebhookRegistered = Static<typeof WebhookRegistered>
export type WebhooksAnswer = { webhooks: WebhookAnswer[] }
export type WebhookDeleted = Static<typeof WebhookDeleted>
export type WebhookTested = Static<typeof WebhookTested>
export type WebhookLogs = Static<typeof WebhookLogs>
export type DeliveryReplayed = Static<typeof DeliveryReplayed>
export type AlertsAnswer = Static<typeof AlertsAnswer>
