import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from '../scalars.ts'
import { amount, callIds, missing, period } from './answer-parts.ts'

export const ForensicsAnswer = Type.Object(
  {
    period,
    examined: Type.Object({ calls: Type.Integer(), runs: Type.Integer() }),
    ...amount('excess', 'what calls cost more than usual, where it is exact; each call once.'),
    ...amount('estimated_excess', 'an estimate, of the cases that nothing exact is known of.'),
    failures: Type.Array(
      Type.Object({
        mode: Type.Union([
          Type.Literal('input_explosion'),
          Type.Literal('verbosity'),
          Type.Literal('retry_cascade'),
          Type.Literal('tool_call_avalanche'),
        ]),
        organization_id: Type.String(),
        agent_name: Nullable(Type.String()),
        action: Nullable(Type.String()),
        workflow_name: Nullable(Type.String()),
        measure: Type.String(),
        usual: Nullable(
          Type.Object({
            history: Type.Integer({ description: 'Calls or runs that it is told from.' }),
            median: Type.Number(),
            mad: Type.Number({ description: 'Median distance from the median.' }),
            threshold: Type.Number(),
          }),
        ),
        what: Type.String(),
        advice: Type.String(),
        ...amount('excess', 'of all its cases.'),
        cases_count: Type.Integer(),
        cases: Type.Array(
          Type.Object({
            value: Type.Number(),
            workflow_id: Nullable(Type.String()),
            call_ids: callIds,
            at: Nullable(Type.String()),
            ...amount('cost', 'what it has cost.'),
            ...amount('excess', 'more than usual.'),
            excess_by: Nullable(Type.Union([Type.Literal('priced'), Type.Literal('summed'), Type.Literal('estimated')])),
          }),
          { description: 'The furthest from usual first, at most 20.' },
        ),
      }),
    ),
    short_history: Type.Array(
      Type.Object({
        agent_name: Nullable(Type.String()),
        action: Nullable(Type.String()),
        workflow_name: Nullable(Type.String()),
        seen: Type.Integer(),
        needed: Type.Integer(),
      }),
      { description: 'Of what there are too few calls or runs to say what is usual.' },
    ),
    missing,
  },
  { $id: 'ForensicsAnswer' },
)

export type ForensicsAnswer = Static<typeof ForensicsAnswer>
