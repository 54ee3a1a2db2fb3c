import { Type } from '@sinclair/typebox'
import { Id, Nullable, Time } from '../scalars.ts'
import { AgentField } from './fields.ts'
import { tool } from './tool.ts'

const Url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'https://…; http:// only to this machine, on a local server without keys.',
})
const Events = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  minItems: 1,
  maxItems: 20,
  description: 'budget.threshold, budget.exhausted (a call was refused), webhook.disabled, …, or * for all.',
})
const Config = Type.Object(
  {
    threshold_pct: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Be told at this percent of a limit and at no other.' }),
    ),
  },
  { additionalProperties: false },
)

const webhook = {
  webhook_id: Type.String(),
  agent_id: Nullable(Type.String()),
  url: Type.String(),
  events: Type.Array(Type.String()),
  config: Type.Object({ threshold_pct: Type.Optional(Type.Integer()) }),
  status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
  created_at: Time,
}

export const registerWebhookTool = tool({
  tool: 'register_webhook',
  title: 'Be told when a cap is nearly used up',
  description:
    'Registers an address that is told when spending of the agent reaches a threshold of a budget, once in each period. Messages are signed (Standard Webhooks 1.0) with the secret of this answer, which is shown this once.',
  input: Type.Object(
    { ...AgentField, url: Url, events: Type.Optional(Events), config: Type.Optional(Config) },
    { additionalProperties: false },
  ),
  answer: Type.Object({ ...webhook, secret: Nullable(Type.String()) }),
  permission: 'manage',
  effect: 'add',
  example: {
    agent_id: 'researcher-01',
    url: 'https://example.com/alerts/warning',
    events: ['budget.threshold'],
    config: { threshold_pct: 75 },
  },
})

export const listWebhooksTool = tool({
  tool: 'list_webhooks',
  title: 'Who is told about an agent',
  description: 'The webhooks that are about an agent.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object({ webhooks: Type.Array(Type.Object(webhook)) }),
  permission: 'manage',
  effect: 'read',
  example: { agent_id: 'researcher-01' },
})

export const updateWebhookTool = tool({
  tool: 'update_webhook',
  title: 'Change a webhook',
  description:
    'Changes the address, events or threshold of a webhook. What is left out stays; config is replaced as a whole. Another address begins anew with one that was disabled.',
  input: Type.Object(
    { ...AgentField, webhook_id: Id, url: Type.Optional(Url), events: Type.Optional(Events), config: Type.Optional(Config) },
    { additionalProperties: false },
  ),
  answer: Type.Object(webhook),
  permission: 'manage',
  effect: 'replace',
  idempotent: true,
  example: { webhook_id: 'wh_1', config: { threshold_pct: 60 } },
})

export const deleteWebhookTool = tool({
  tool: 'delete_webhook',
  title: 'Remove a webhook',
  description: 'Removes a webhook, its log, and what was on its way to it.',
  input: Type.Object({ ...AgentField, webhook_id: Id }, { additionalProperties: false }),
  answer: Type.Object({ webhook_id: Type.String(), deleted: Type.Literal(true) }),
  permission: 'manage',
  effect: 'replace',
  example: { webhook_id: 'wh_1' },
})

export const getWebhookLogsTool = tool({
  tool: 'get_webhook_logs',
  title: 'What became of the messages of a webhook',
  description: 'Every attempt to reach a webhook, the newest first.',
  input: Type.Object(
    { ...AgentField, webhook_id: Id, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 50 })) },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    webhook_id: Type.String(),
    logs: Type.Array(
      Type.Object({
        timestamp: Time,
        event: Type.String(),
        delivery_id: Type.String(),
        attempt: Type.Integer(),
        delivery_status: Type.Union([Type.Literal('delivered'), Type.Literal('retrying'), Type.Literal('failed')]),
        response_code: Type.Optional(Type.Integer({ description: 'Left out when nothing answered.' })),
        error: Type.Optional(Type.String()),
        next_attempt_at: Type.Optional(Time),
      }),
    ),
  }),
  permission: 'manage',
  effect: 'read',
  example: { webhook_id: 'wh_1', limit: 20 },
})
