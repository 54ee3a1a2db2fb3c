import { Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdText } from '../scalars.ts'
import { AgentField, AmountField, RoundedFrom } from './fields.ts'
import { tool } from './tool.ts'

const service = {
  service_id: Type.String(),
  agent_id: Type.String({ description: 'Who offers it and is paid for it.' }),
  name: Type.String(),
  description: Nullable(Type.String()),
  price: UsdText,
  tags: Type.Array(Type.String()),
  created_at: Time,
}

export const searchServicesTool = tool({
  tool: 'search_services',
  title: 'Find services of other agents',
  description:
    'Services that agents of the organization offer, the cheapest first: those whose name, description, agent or tags have all words of the query.',
  input: Type.Object(
    {
      ...AgentField,
      query: Type.Optional(Type.String({ maxLength: 512 })),
      max_price: Type.Optional(AmountField),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ services: Type.Array(Type.Object(service)), total: Type.Integer({ minimum: 0 }) }),
  permission: 'report',
  effect: 'read',
  metered: true,
  example: { query: 'document summarization' },
})

export const publishServiceTool = tool({
  tool: 'publish_service',
  title: 'Offer a service to other agents',
  description:
    'Offers a service of the agent at a price for each use, or changes its offer of the same service_id. Other agents find it, and estimate_cost knows its price by name.',
  input: Type.Object(
    {
      ...AgentField,
      name: Name,
      price: AmountField,
      description: Type.Optional(Type.String({ maxLength: 4_000 })),
      tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 32 })),
      service_id: Type.Optional(Id),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ ...service, ...RoundedFrom }),
  permission: 'report',
  effect: 'add',
  metered: true,
  idempotencyField: 'service_id',
  example: {
    agent_id: 'summarizer-01',
    name: 'summarize_document',
    price: '0.05',
    description: 'Summaries of documents',
    tags: ['summary'],
  },
})

export const submitMetricsTool = tool({
  tool: 'submit_metrics',
  title: 'Report figures of an agent’s work',
  description:
    'Keeps figures that the agent states about its own work, such as accuracy; with an escrow_id as the proof of the work that the escrow pays.',
  input: Type.Object(
    {
      ...AgentField,
      metrics: Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.Number(), { minProperties: 1, maxProperties: 64 }),
      escrow_id: Type.Optional(Id),
      metrics_id: Type.Optional(Id),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    metrics_id: Type.String(),
    agent_id: Type.String(),
    metrics: Type.Record(Type.String(), Type.Number()),
    escrow_id: Nullable(Type.String()),
    submitted_at: Time,
    replayed: Type.Boolean(),
  }),
  permission: 'report',
  effect: 'add',
  metered: true,
  idempotencyField: 'metrics_id',
  example: { metrics: { accuracy: 0.95 } },
})
