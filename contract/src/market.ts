import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdText } from './scalars.ts'

const organization = { organization_id: Type.Optional(Nullable(Id)) }

const service = {
  service_id: Type.String(),
  organization_id: Type.String(),
  agent_name: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  price_usd: UsdText,
  tags: Type.Array(Type.String()),
  created_at: Time,
}

/** What an agent offers to others. */
export const Service = Type.Object(service, { $id: 'Service' })

export const PublishService = Type.Object(
  {
    service_id: Type.Optional(Nullable(Id)),
    agent_name: Name,
    name: Name,
    description: Type.Optional(Nullable(Type.String({ maxLength: 4_000 }))),
    price_usd: UsdInput,
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 32 })),
    ...organization,
  },
  { $id: 'PublishService', additionalProperties: false },
)

export const ServicesQuery = Type.Object(
  {
    query: Type.Optional(Type.String({ maxLength: 512, description: 'Words that its name, description or tags have. All of them.' })),
    agent_name: Type.Optional(Name),
    max_price_usd: Type.Optional(UsdInput),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    ...organization,
  },
  { $id: 'ServicesQuery', additionalProperties: false },
)

export const ServicesAnswer = Type.Object(
  { services: Type.Array(Type.Ref('Service'), { description: 'Cheapest first.' }), total: Type.Integer() },
  { $id: 'ServicesAnswer' },
)

export const WithdrawService = Type.Object({ service_id: Id, ...organization }, { $id: 'WithdrawService', additionalProperties: false })

export const SubmitMetrics = Type.Object(
  {
    metrics_id: Type.Optional(Nullable(Id)),
    agent_name: Name,
    metrics: Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.Number(), { minProperties: 1, maxProperties: 64 }),
    escrow_id: Type.Optional(Nullable(Id)),
    timestamp: Type.Optional(Nullable(Time)),
    ...organization,
  },
  { $id: 'SubmitMetrics', additionalProperties: false },
)

export const MetricsSubmitted = Type.Object(
  {
    metrics_id: Type.String(),
    organization_id: Type.String(),
    agent_name: Type.String(),
    metrics: Type.Record(Type.String(), Type.Number()),
    escrow_id: Nullable(Type.String()),
    at: Time,
    replayed: Type.Boolean(),
  },
  { $id: 'MetricsSubmitted' },
)

export const MetricsQuery = Type.Object(
  { agent_name: Type.Optional(Name), from: Type.Optional(Time), to: Type.Optional(Time), ...organization },
  { $id: 'MetricsQuery', additionalProperties: false },
)

export const MetricsAnswer = Type.Object(
  {
    agents: Type.Array(
      Type.Object({
        agent_name: Type.String(),
        reports: Type.Integer(),
        averages: Type.Record(Type.String(), Type.Number(), { description: 'Of each figure the mean of what was reported.' }),
        last_at: Time,
      }),
    ),
  },
  { $id: 'MetricsAnswer' },
)

export type Service = Static<typeof Service>
export type ServicesAnswer = { services: Service[]; total: number }
export type MetricsSubmitted = Static<typeof MetricsSubmitted>
export type MetricsAnswer = Static<typeof MetricsAnswer>
