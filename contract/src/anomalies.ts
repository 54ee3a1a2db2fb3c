import { type Static, Type } from '@sinclair/typebox'
import { Scope } from './analytics.ts'
import { Id, Nullable, UsdNumber, UsdText } from './scalars.ts'

const { organization_id, agent, model, user, team, project, cost_center, workflow } = Scope
const filters = { organization_id, agent, model, user, team, project, cost_center, workflow }
const groupBy = Type.Optional(
  Type.String({ maxLength: 300, description: 'Whose spend is looked at: a dimension, or tag:<name>. Default: agent.' }),
)
const Severity = Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high'), Type.Literal('critical')])
const CauseName = Type.Union(
  [
    Type.Literal('volume'),
    Type.Literal('input_size'),
    Type.Literal('output_size'),
    Type.Literal('cache_loss'),
    Type.Literal('model_swap'),
    Type.Literal('retries'),
    Type.Literal('price'),
    Type.Literal('other'),
  ],
  { description: 'other: what none of them explains, such as fees, tiers, corrections, prices that are not known.' },
)

export const AnomaliesQuery = Type.Object(
  {
    ...filters,
    period: Type.Optional(
      Type.String({ maxLength: 32, description: 'Back from now: 24h, 7d, 30d; today, week, month. Default: what goes on now.' }),
    ),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date: what went on since then.' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, exclusive.' })),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the hours of the week that are learned. Default UTC.' })),
    group_by: groupBy,
    direction: Type.Optional(
      Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('both')], { description: 'Default: up, more than expected.' }),
    ),
    severity_min: Type.Optional(Severity),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Findings, those with the dearest excess first. Default 25.' }),
    ),
  },
  { $id: 'AnomaliesQuery', additionalProperties: false },
)

const estimate = (description: string) => Type.Number({ description: `${description} US dollars, an estimate.` })
const insufficient = Type.Array(
  Type.Object({
    organization_id: Type.String(),
    value: Nullable(Type.String()),
    history_hours: Type.Number({ description: 'Since its first call.' }),
    needed_hours: Type.Number(),
    active_hours: Type.Integer({ description: 'Hours in which something was spent.' }),
    needed_active_hours: Type.Integer(),
  }),
  { description: 'Of these it cannot be said yet what is normal; nothing is guessed.' },
)
const about = {
  group_by: Type.String(),
  zone: Type.String(),
  insufficient_history: insufficient,
  truncated: Type.Boolean({ description: 'There are more than were looked at: those that spent most of late were.' }),
  as_of: Type.String(),
}

const AnomalyCause = Type.Object({
  likely: Nullable(CauseName),
  share: Type.Number({ description: 'Of all parts in the direction of the change, from 0 to 1.' }),
  confidence: Type.Union([Type.Literal('clear'), Type.Literal('mixed'), Type.Literal('unclear')]),
  before_usd: UsdNumber,
  before_exact: Type.String({ description: 'What the same hours of the weeks before have cost, brought to the same length.' }),
  change_usd: UsdNumber,
  change_exact: Type.String(),
  parts: Type.Array(Type.Object({ cause: CauseName, usd: UsdNumber, exact: UsdText }), {
    description: 'They add up to the change exactly. A negative part is a saving.',
  }),
  hours: Type.Integer(),
  hours_before: Type.Integer(),
  call_ids: Type.Array(Type.String(), { description: 'Calls behind it, at most 20, those that say most first.' }),
})

export const AnomalyFound = Type.Object({
  anomaly_id: Type.String(),
  organization_id: Type.String(),
  value: Nullable(Type.String({ description: 'The agent, or the value of group_by. Null: calls that do not say.' })),
  kind: Type.Union([Type.Literal('spike'), Type.Literal('shift'), Type.Literal('drift')], {
    description: 'spike: over within hours. shift: a level that came at once. drift: one that came slowly.',
  }),
  direction: Type.Union([Type.Literal('up'), Type.Literal('down')]),
  severity: Severity,
  state: Type.Union([Type.Literal('active'), Type.Literal('over'), Type.Literal('accepted')], {
    description: 'accepted: it lasted for a week and is the new normal.',
  }),
  since: Type.String(),
  detected_at: Type.String(),
  until: Nullable(Type.String()),
  observed_usd: Type.Union([UsdNumber, Type.Null()]),
  observed_exact: Nullable(UsdText),
  expected_usd: estimate('What its history leads one to expect of these hours.'),
  excess_usd: Nullable(estimate('Observed less expected.')),
  calls: Type.Integer(),
  unpriced_calls: Type.Integer(),
  confidence: Type.Object({
    words: Type.String(),
    deviations: Type.Number({ description: 'Robust standard deviations of such stretches.' }),
    stretch_hours: Type.Integer(),
    as_far: Type.Integer({ description: 'Of the stretches of its history, so many were as far out.' }),
    of: Type.Integer(),
  }),
  cause: Nullable(AnomalyCause),
})

export const AnomaliesAnswer = Type.Object(
  {
    anomalies: Type.Array(AnomalyFound),
    total: Type.Integer({ description: 'All that were found, also those that the limit left out.' }),
    examined: Type.Integer({ description: 'Whose spend was looked at.' }),
    period: Nullable(Type.Object({ from: Type.String(), to: Type.String() }, { description: 'Null: what goes on now.' })),
    ...about,
  },
  { $id: 'AnomaliesAnswer' },
)

export const LearnedBaselinesQuery = Type.Object(
  {
    ...filters,
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the hours of the week. Default UTC.' })),
    group_by: groupBy,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Those that spend most. Default 100.' })),
  },
  { $id: 'LearnedBaselinesQuery', additionalProperties: false },
)

export const LearnedBaselinesAnswer = Type.Object(
  {
    baselines: Type.Array(
      Type.Object({
        organization_id: Type.String(),
        value: Nullable(Type.String()),
        usd_per_hour: estimate('On average over the hours of a week.'),
        usd_this_hour: estimate('Expected in the hour of the week that it is now.'),
        hour_of_week: Type.Integer({ description: 'That hour: 0 for Monday 00:00 in the zone.' }),
        basis: Type.Union([Type.Literal('hour_of_week'), Type.Literal('hour_of_day'), Type.Literal('overall')], {
          description: 'What it is mainly known from.',
        }),
        weeks: Type.Integer({ description: 'In how many weeks that hour was seen.' }),
        busiest_usd_per_hour: estimate('Of the busiest hour of the week.'),
        busiest_hour_of_week: Type.Integer(),
        history_hours: Type.Number(),
      }),
    ),
    ...about,
  },
  { $id: 'LearnedBaselinesAnswer' },
)

/** What is done when an agent spends what is not normal for it. Without a rule nothing is done, and nothing is looked at. */
const action = Type.Union([Type.Literal('alert'), Type.Literal('throttle'), Type.Literal('pause')], {
  description:
    'alert: webhooks are told, once an episode. throttle: and a breaker lets the agent spend in an hour no more than twice what its busiest usual one costs, until the episode is over. pause: and the agent is paused until somebody resumes it.',
})
const ruleFields = {
  agent: Nullable(Type.String({ minLength: 1, maxLength: 256, description: 'Null: every agent that has no rule of its own.' })),
  action,
  severity_min: Severity,
  excess_usd_min: Nullable(Type.Number({ minimum: 0, maximum: 1_000_000_000, description: 'Less than so much too much is left alone.' })),
  zone: Type.String({ maxLength: 64 }),
}
export const AnomalyRuleSet = Type.Object(
  {
    organization_id: Type.Optional(Id),
    agent: Type.Optional(ruleFields.agent),
    action,
    severity_min: Type.Optional(Severity),
    excess_usd_min: Type.Optional(ruleFields.excess_usd_min),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the hours of the week. Default UTC.' })),
  },
  { $id: 'AnomalyRuleSet', additionalProperties: false },
)
export const AnomalyRule = Type.Object({ organization_id: Type.String(), ...ruleFields, set_at: Type.String() }, { $id: 'AnomalyRule' })
export const AnomalyRulesQuery = Type.Object(
  { organization_id: Type.Optional(Id) },
  { $id: 'AnomalyRulesQuery', additionalProperties: false },
)
export const AnomalyRulesAnswer = Type.Object(
  {
    rules: Type.Array(AnomalyRule),
    episodes: Type.Array(
      Type.Object({
        organization_id: Type.String(),
        agent: Type.String(),
        anomaly_id: Type.String(),
        since: Type.String(),
        severity: Severity,
        action,
        acted_at: Type.String(),
        over_at: Nullable(Type.String()),
        what: Type.String({ description: 'What was done, and how it ends.' }),
      }),
      { description: 'What was acted on, newest first.' },
    ),
  },
  { $id: 'AnomalyRulesAnswer' },
)
export const AnomalyRuleNamed = Type.Object(
  { organization_id: Type.Optional(Id), agent: Type.Optional(ruleFields.agent) },
  { $id: 'AnomalyRuleNamed', additionalProperties: false },
)
export const AnomalyRuleRemoved = Type.Object(
  { organization_id: Type.String(), agent: Nullable(Type.String()), removed: Type.Boolean() },
  { $id: 'AnomalyRuleRemoved' },
)

export type AnomaliesAnswer = Static<typeof AnomaliesAnswer>
export type AnomalyFound = Static<typeof AnomalyFound>
export type LearnedBaselinesAnswer = Static<typeof LearnedBaselinesAnswer>
export type AnomalyRule = Static<typeof AnomalyRule>
export type AnomalyRulesAnswer = Static<typeof AnomalyRulesAnswer>
export type AnomalyRuleRemoved = Static<typeof AnomalyRuleRemoved>
