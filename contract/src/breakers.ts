import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdText } from './scalars.ts'

const Measure = Type.Union(
  (['cost', 'calls', 'repeats', 'fan_out', 'depth', 'errors'] as const).map((measure) => Type.Literal(measure)),
  {
    description:
      'cost: dollars in the window. calls: calls in it. repeats: equal calls of one agent in it (same prompt_fingerprint). fan_out: calls of one run in it. depth: how many runs a call is nested in. errors: calls in it that failed one after the other.',
  },
)

const Action = Type.Union([Type.Literal('throttle'), Type.Literal('block'), Type.Literal('pause')], {
  description:
    'throttle: calls wait until the window has room (429 with Retry-After). block: calls are refused until the cooldown is over (403). pause: the agent is paused until somebody resumes it.',
})

const Seconds = Type.Integer({ minimum: 1, maximum: 2_678_400 })

export const BreakerSet = Type.Object(
  {
    breaker_id: Type.Optional(Nullable(Id)),
    organization_id: Type.Optional(Nullable(Id)),
    name: Type.Optional(Nullable(Name)),
    dimension: Type.String({
      minLength: 1,
      maxLength: 260,
      description:
        'organization, agent, team, project, cost_center, user, session, workflow, run (with all runs below it), model, seller, key, action, or tag:<name>.',
    }),
    value: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'One value, or * (also when left out): each value is watched by itself.' }),
    ),
    measure: Measure,
    limit: Type.Optional(
      Nullable(
        Type.Integer({
          maximum: 1_000_000_000,
          description: 'So many calls pass within the window; for depth, so many nested runs. Not for cost.',
        }),
      ),
    ),
    limit_usd: Type.Optional(Nullable(UsdInput)),
    window_seconds: Type.Optional(Nullable(Seconds)),
    action: Action,
    cooldown_seconds: Type.Optional(Nullable(Seconds)),
  },
  {
    $id: 'BreakerSet',
    additionalProperties: false,
    description: 'limit_usd goes with cost, limit with all others; window_seconds with all but depth; cooldown_seconds with block.',
  },
)

const breaker = {
  breaker_id: Type.String(),
  organization_id: Type.String(),
  name: Nullable(Type.String()),
  dimension: Type.String(),
  value: Type.String(),
  measure: Type.String(),
  limit: Nullable(Type.Integer()),
  limit_usd: Nullable(UsdText),
  window_seconds: Nullable(Type.Integer()),
  action: Type.String(),
  cooldown_seconds: Nullable(Type.Integer()),
  created_at: Time,
}

export const Breaker = Type.Object(breaker, { $id: 'Breaker' })

export const BreakerWasSet = Type.Object(
  { breaker: Type.Ref('Breaker'), replaced: Nullable(Type.Ref('Breaker')) },
  { $id: 'BreakerWasSet' },
)

/** A breaker that is open for one value. */
export const OpenBreaker = Type.Object(
  {
    breaker_id: Type.String(),
    organization_id: Type.String(),
    name: Nullable(Type.String()),
    dimension: Type.String(),
    value: Type.String(),
    measure: Type.String(),
    action: Type.String(),
    agent_name: Nullable(Type.String({ description: 'Of repeats, whose calls are repeated.' })),
    prompt_fingerprint: Nullable(Type.String()),
    workflow_id: Nullable(Type.String({ description: 'Of fan_out, the run.' })),
    counted: Nullable(Type.Integer()),
    counted_usd: Nullable(UsdText),
    since: Nullable(Time),
    until: Nullable(Time),
  },
  { $id: 'OpenBreaker' },
)

export const BreakersQuery = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    dimension: Type.Optional(Type.String({ maxLength: 260 })),
    measure: Type.Optional(Type.String({ maxLength: 16 })),
  },
  { $id: 'BreakersQuery', additionalProperties: false },
)

export const BreakersAnswer = Type.Object(
  { breakers: Type.Array(Type.Object({ ...breaker, open: Type.Array(Type.Ref('OpenBreaker')) })) },
  { $id: 'BreakersAnswer' },
)

export const BreakerRemove = Type.Object(
  { breaker_id: Id, organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'BreakerRemove', additionalProperties: false },
)

export const BreakerRemoved = Type.Object({ breaker_id: Type.String(), organization_id: Type.String() }, { $id: 'BreakerRemoved' })

export type BreakerSet = Static<typeof BreakerSet>
export type Breaker = Static<typeof Breaker>
export type OpenBreaker = Static<typeof OpenBreaker>
export type BreakerRemoved = Static<typeof BreakerRemoved>
export type BreakerWasSet = { breaker: Breaker; replaced: Breaker | null }
export type BreakersAnswer = { breakers: (Breaker & { open: OpenBreaker[] })[] }
