import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable } from '../scalars.ts'

const Weight = Type.Union([Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,12})?$' }), Type.Number({ minimum: 0, maximum: 1_000_000_000 })])
const SharedCalls = Type.Array(
  Type.Object(
    {
      dimension: Type.String({ minLength: 1, maxLength: 260, description: 'agent, model, workflow, team, cost_center, …, tag:<name>.' }),
      in: Type.Array(Nullable(Type.String({ maxLength: 256 })), {
        minItems: 1,
        maxItems: 1_000,
        description: 'One of these; null: calls that do not say.',
      }),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 8, description: 'Which calls are shared: those that match all of these.' },
)
const rule = {
  name: Type.Optional(Nullable(Name)),
  dimension: Type.String({
    minLength: 1,
    maxLength: 260,
    description: 'Whose values bear the cost: cost_center, project, team, or any other dimension.',
  }),
  shared: SharedCalls,
  method: Type.Union([Type.Literal('percent'), Type.Literal('weights'), Type.Literal('even'), Type.Literal('proportional')], {
    description:
      'percent: fixed percentages, what is missing to 100 stays unattributed; weights: in these proportions; even; proportional: to what they have spent, called or used themselves.',
  }),
  basis: Type.Optional(
    Nullable(
      Type.Union([Type.Literal('cost'), Type.Literal('calls'), Type.Literal('tokens')], {
        description: 'For proportional; cost when left out.',
      }),
    ),
  ),
  targets: Type.Optional(
    Nullable(
      Type.Array(Type.Object({ value: Name, weight: Type.Optional(Nullable(Weight)) }, { additionalProperties: false }), {
        maxItems: 10_000,
        description:
          'Who bears it, with a percentage or weight each. Left out for even and proportional: everybody with calls of their own.',
      }),
    ),
  ),
  from: Type.Optional(Nullable(Type.String({ maxLength: 40, description: 'From this time or date of a call on.' }))),
  to: Type.Optional(Nullable(Type.String({ maxLength: 40, description: 'Before this time or date of a call.' }))),
}

export const AllocationRuleSet = Type.Object(
  {
    rule_id: Type.Optional(Nullable(Id)),
    position: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 0,
          maximum: 1_000_000,
          description: 'Rules are applied in the order of their position, then of their id. 100 when left out.',
        }),
      ),
    ),
    ...rule,
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'AllocationRuleSet', additionalProperties: false },
)
export const AllocationRuleAnswer = Type.Object(
  {
    rule_id: Type.String(),
    organization_id: Type.String(),
    position: Type.Integer(),
    name: Nullable(Type.String()),
    dimension: Type.String(),
    shared: SharedCalls,
    method: rule.method,
    basis: Nullable(Type.String()),
    targets: Type.Array(Type.Object({ value: Type.String(), weight: Nullable(Type.String()) })),
    from: Nullable(Type.String()),
    to: Nullable(Type.String()),
  },
  { $id: 'AllocationRule' },
)
export const AllocationRulesQuery = Type.Object(
  { organization_id: Type.Optional(Id) },
  { $id: 'AllocationRulesQuery', additionalProperties: false },
)
export const AllocationRules = Type.Object(
  { rules: Type.Array(Type.Ref('AllocationRule'), { description: 'In the order in which they are applied.' }) },
  { $id: 'AllocationRules' },
)
export const AllocationRuleRemove = Type.Object(
  { rule_id: Id, organization_id: Type.Optional(Id) },
  { $id: 'AllocationRuleRemove', additionalProperties: false },
)
export const AllocationRuleRemoved = Type.Object(
  { rule_id: Type.String(), organization_id: Type.String() },
  { $id: 'AllocationRuleRemoved' },
)

export type AllocationRuleSet = Static<typeof AllocationRuleSet>
export type AllocationRuleAnswer = Static<typeof AllocationRuleAnswer>
export type AllocationRuleRemoved = Static<typeof AllocationRuleRemoved>
