import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, UsdInput, UsdNumber, UsdText } from '../scalars.ts'
import { Spent } from './parts.ts'

const Window = Type.String({
  pattern: '^[1-9]\\d{0,5}[smh]$',
  description: 'The observation window, back from now: from 1m to 24h, for example 90s, 15m, 2h. Default 15m.',
})
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'The dearest so many. Default 1000.' }))
const burnRate = Nullable(
  Type.Number({ description: 'US dollars an hour, as observed: an estimate. Null where the price of none of the calls is known.' }),
)

export const BurnRatesQuery = Type.Object(
  { window: Type.Optional(Window), organizationId: Type.Optional(Id), limit },
  { $id: 'BurnRatesQuery', additionalProperties: false },
)

const Velocity = Type.Object({
  windowSeconds: Type.Integer(),
  observedSeconds: Type.Integer({
    description: 'What the rate is over: the window, or less where the session is younger, but never less than five minutes.',
  }),
  ...Spent,
  burnRateUsdPerHour: burnRate,
})
export const BurnRate = Type.Object(
  {
    scope: Type.Union(
      (['session', 'run', 'agent', 'none'] as const).map((scope) => Type.Literal(scope)),
      { description: 'What the entry is of. Calls that name no session are by their run, else by their agent, else together.' },
    ),
    sessionId: Nullable(Type.String()),
    runId: Nullable(Type.String({ description: 'Only for calls without a session.' })),
    agentId: Nullable(Type.String({ description: 'The agent that has spent most of it.' })),
    organizationId: Type.String(),
    ...Velocity.properties,
    firstCallAt: Type.String({ description: 'The first call that was looked at: within twice the longest window.' }),
    lastCallAt: Type.String(),
    windows: Type.Array(Velocity, { description: 'The same over several windows, shortest first.' }),
    agents: Type.Array(Type.Object({ agentId: Nullable(Type.String()), ...Spent, burnRateUsdPerHour: burnRate }), {
      description: 'Who spends it, dearest first.',
    }),
  },
  { $id: 'BurnRate' },
)
export const BurnRatesAnswer = Type.Array(Type.Ref('BurnRate'), {
  $id: 'BurnRatesAnswer',
  description: 'One entry per active session, highest burn rate first. Active: it has not ended and has made a call within the window.',
})

export const ActiveAnomaliesQuery = Type.Object(
  {
    window: Type.Optional(Window),
    organizationId: Type.Optional(Id),
    limit,
    details: Type.Optional(Type.Boolean({ description: 'Adds to each entry what it was computed from.' })),
  },
  { $id: 'ActiveAnomaliesQuery', additionalProperties: false },
)
export const ActiveAnomaly = Type.Object(
  {
    sessionId: Nullable(Type.String({ description: 'Null: the calls name no session; `details` says the run.' })),
    agentId: Type.String(),
    burnRateUsdPerHour: Type.Number(),
    baselineUsdPerHour: Type.Number(),
    anomalyRatio: Type.Number(),
    details: Type.Optional(
      Type.Object({
        organizationId: Type.String(),
        scope: BurnRate.properties.scope,
        runId: Nullable(Type.String()),
        windowSeconds: Type.Integer(),
        observedSeconds: Type.Integer(),
        ...Spent,
        multiplier: Type.Number(),
        baselineSource: Type.Union([Type.Literal('set'), Type.Literal('learned')]),
      }),
    ),
  },
  { $id: 'ActiveAnomaly' },
)
export const ActiveAnomaliesAnswer = Type.Array(Type.Ref('ActiveAnomaly'), {
  $id: 'ActiveAnomaliesAnswer',
  description:
    'Agents that burn more in a session than their baseline times the multiplier, highest ratio first. Empty: nothing is out of the ordinary.',
})

export const ANOMALY_MULTIPLIER_DEFAULT = 3
const multiplier = Type.Number({
  exclusiveMinimum: 1,
  maximum: 1_000,
  description: `Above how many baselines a burn rate is an anomaly. Default ${ANOMALY_MULTIPLIER_DEFAULT}.`,
})
export const BurnAnomalySettingsQuery = Type.Object(
  { organizationId: Type.Optional(Id) },
  { $id: 'BurnAnomalySettingsQuery', additionalProperties: false },
)
export const BurnAnomalySettingsSet = Type.Object(
  { organizationId: Type.Optional(Nullable(Id)), multiplier },
  { $id: 'BurnAnomalySettingsSet', additionalProperties: false },
)
export const BurnAnomalySettings = Type.Object(
  { organizationId: Type.String(), multiplier, setAt: Nullable(Type.String({ description: 'Null: it is the default.' })) },
  { $id: 'BurnAnomalySettings' },
)

export const BurnBaselineSet = Type.Object(
  {
    agentId: Name,
    organizationId: Type.Optional(Nullable(Id)),
    baselineUsdPerHour: UsdInput,
  },
  {
    $id: 'BurnBaselineSet',
    additionalProperties: false,
    description: 'What an agent spends in an hour when all is well: above zero. It replaces the one before.',
  },
)
export const BurnBaseline = Type.Object(
  {
    agentId: Type.String(),
    organizationId: Type.String(),
    baselineUsdPerHour: UsdNumber,
    baselineUsdPerHourExact: UsdText,
    setAt: Type.String(),
    agentSeen: Type.Boolean({ description: 'Whether a call of an agent of this name was ever recorded: a misspelt name is seen here.' }),
  },
  { $id: 'BurnBaseline' },
)
export const BurnBaselinesQuery = Type.Object(
  { organizationId: Type.Optional(Id) },
  { $id: 'BurnBaselinesQuery', additionalProperties: false },
)
export const BurnBaselinesAnswer = Type.Array(Type.Ref('BurnBaseline'), {
  $id: 'BurnBaselinesAnswer',
  description: 'By organization and agent.',
})
export const BurnBaselineRemove = Type.Object(
  { agentId: Name, organizationId: Type.Optional(Id) },
  { $id: 'BurnBaselineRemove', additionalProperties: false },
)
export const BurnBaselineRemoved = Type.Object(
  { agentId: Type.String(), organizationId: Type.String(), removed: Type.Boolean() },
  { $id: 'BurnBaselineRemoved' },
)

export type BurnRate = Static<typeof BurnRate>
export type ActiveAnomaly = Static<typeof ActiveAnomaly>
export type BurnAnomalySettings = Static<typeof BurnAnomalySettings>
export type BurnBaseline = Static<typeof BurnBaseline>
export type BurnBaselineRemoved = Static<typeof BurnBaselineRemoved>
