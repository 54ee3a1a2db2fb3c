import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, UsdNumber, UsdText } from './scalars.ts'

/** The part of time and of the fleet a question is about. Filters take one value or several separated by commas. */
export const Scope = {
  organization_id: Type.Optional(Id),
  period: Type.Optional(
    Type.String({ maxLength: 32, description: 'Back from now: 24h, 7d, 30d, 12w; or today, month, quarter, year. Default: all time.' }),
  ),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, inclusive.' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, exclusive.' })),
  zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of days and months. Default UTC.' })),
  agent: Type.Optional(Type.String({ maxLength: 2048 })),
  model: Type.Optional(Type.String({ maxLength: 2048 })),
  user: Type.Optional(Type.String({ maxLength: 2048 })),
  team: Type.Optional(Type.String({ maxLength: 2048 })),
  project: Type.Optional(Type.String({ maxLength: 2048 })),
  cost_center: Type.Optional(Type.String({ maxLength: 2048 })),
  workflow: Type.Optional(Type.String({ maxLength: 2048 })),
}
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 }))

export const AnalyticsQuery = Type.Object({ ...Scope, limit }, { $id: 'AnalyticsQuery', additionalProperties: false })
export const WorkflowQuery = Type.Object(
  { ...Scope, workflow_name: Type.String({ minLength: 1, maxLength: 256 }) },
  { $id: 'WorkflowQuery', additionalProperties: false },
)
export const ChainQuery = Type.Object(
  { organization_id: Type.Optional(Id), workflow_id: Id },
  { $id: 'ChainQuery', additionalProperties: false },
)
export const AttributionQuery = Type.Object(
  {
    ...Scope,
    limit,
    group_by: Type.String({
      maxLength: 300,
      description:
        'organization, agent, model, seller, workflow, run, session, user, team, project, cost_center, action, key, source, status, error, or tag:<name>.',
    }),
  },
  { $id: 'AttributionQuery', additionalProperties: false },
)
export const ReportQuery = Type.Object(
  {
    ...Scope,
    limit,
    group_by: Type.Optional(Type.String({ maxLength: 600, description: 'Dimensions separated by commas. Default: agent,model.' })),
    bucket: Type.Optional(
      Type.Union([Type.Literal('hour'), Type.Literal('day'), Type.Literal('week'), Type.Literal('month'), Type.Literal('none')]),
    ),
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
  },
  { $id: 'ReportQuery', additionalProperties: false },
)
export const CallQuery = Type.Object({ organization_id: Type.Optional(Id), call_id: Id }, { $id: 'CallQuery', additionalProperties: false })

const unpricedCalls = Type.Integer({ description: 'Calls the cost does not cover, because nothing is known of their price.' })
/** Of a line: what is unknown is null, never zero. */
const knownCost = Type.Union([UsdNumber, Type.Null()], {
  description: 'US dollars: the known costs of its calls. Null when every call is unpriced; 0 when it has no calls.',
})
const spend = {
  cost: knownCost,
  cost_exact: Type.Union([UsdText, Type.Null()], { description: 'The same, exact. Null together with `cost`.' }),
  unpriced_calls: unpricedCalls,
}
const unmeteredCalls = Type.Integer({ description: 'Calls that did not report their tokens, or not all of them.' })
const knownTokens = Type.Union([Type.Integer(), Type.Null()], {
  description: 'The tokens that were reported. Null when no call reported any; 0 when there are no calls.',
})
const total = {
  total_cost: knownCost,
  total_cost_exact: Type.Union([UsdText, Type.Null()], { description: 'The same, exact. Null together with `total_cost`.' }),
  unpriced_calls: unpricedCalls,
}
const totalUsd = {
  total_cost_usd: knownCost,
  total_cost_exact: Type.Union([UsdText, Type.Null()], { description: 'The same, exact. Null together with `total_cost_usd`.' }),
  unpriced_calls: unpricedCalls,
}
const tokens = { tokens: knownTokens, unmetered_calls: unmeteredCalls }
const totalTokens = { total_tokens: knownTokens, unmetered_calls: unmeteredCalls }
const line = Type.Object({ calls: Type.Integer(), cost: knownCost, unpriced_calls: unpricedCalls })

const remainder = Type.Object({ calls: Type.Integer(), ...tokens, ...spend })
/** What stands beside the lines, so that they and it add up to the total exactly. */
const rest = {
  unattributed: Type.Object({ ...remainder.properties }, { description: 'Calls that do not say.' }),
  others: Type.Union([remainder, Type.Null()], { description: 'What the limit left out; null when nothing was.' }),
}

export const AgentsAnswer = Type.Object(
  {
    agents: Type.Record(
      Type.String(),
      Type.Object({
        calls: Type.Integer(),
        ...tokens,
        ...spend,
        models_used: Type.Array(Type.String()),
        failed_calls: Type.Integer(),
        avg_latency_ms: Nullable(Type.Number()),
      }),
    ),
    ...rest,
    ...total,
  },
  { $id: 'AgentsAnswer' },
)

export const ModelsAnswer = Type.Object(
  {
    models: Type.Record(
      Type.String(),
      Type.Object({
        calls: Type.Integer(),
        input_tokens: knownTokens,
        output_tokens: knownTokens,
        cache_read_tokens: knownTokens,
        cache_write_tokens: knownTokens,
        reasoning_tokens: knownTokens,
        unmetered_calls: unmeteredCalls,
        ...spend,
        failed_calls: Type.Integer(),
      }),
    ),
    ...rest,
    ...total,
  },
  { $id: 'ModelsAnswer' },
)

export const SessionsAnswer = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        session_id: Type.String(),
        user_id: Nullable(Type.String()),
        ...totalUsd,
        ...totalTokens,
        total_calls: Type.Integer(),
        workflow_count: Type.Integer(),
        duration_seconds: Nullable(Type.Number()),
        started_at: Nullable(Type.String()),
        ended_at: Nullable(Type.String()),
      }),
    ),
    truncated: Type.Boolean(),
  },
  { $id: 'SessionsAnswer' },
)

export const WorkflowAnswer = Type.Object(
  {
    workflow_name: Type.String(),
    total_executions: Type.Integer(),
    successful: Type.Integer(),
    failed: Type.Integer(),
    running: Type.Integer(),
    success_rate: Nullable(Type.Number({ description: 'Of the executions that ended; null when none has.' })),
    ...totalUsd,
    avg_cost_per_execution: Nullable(Type.Number()),
    ...totalTokens,
    avg_tokens_per_execution: Nullable(Type.Number()),
    total_calls: Type.Integer(),
    avg_calls_per_execution: Nullable(Type.Number()),
    avg_duration_seconds: Nullable(Type.Number()),
  },
  { $id: 'WorkflowAnswer' },
)

export const ChainNode = Type.Recursive(
  (Self) =>
    Type.Object({
      call_id: Type.String(),
      agent_name: Nullable(Type.String()),
      model: Nullable(Type.String()),
      tokens: knownTokens,
      cost: Nullable(UsdNumber),
      cost_exact: Nullable(UsdText),
      status: Type.String(),
      success: Type.Boolean(),
      latency_ms: Nullable(Type.Number()),
      workflow_id: Nullable(Type.String()),
      parent_missing: Type.Optional(Type.Boolean({ description: 'The parent this call names has not arrived.' })),
      depth: Type.Optional(
        Type.Integer({ description: 'True depth of a call that stands higher here, because the tree would be too deep.' }),
      ),
      children: Type.Array(Self),
    }),
  { $id: 'ChainNode' },
)

export const ChainAnswer = Type.Object(
  {
    workflow_id: Type.String(),
    workflow_name: Nullable(Type.String()),
    status: Type.String({ description: 'succeeded, failed, running, or unknown: only calls have named it.' }),
    total_calls: Type.Integer(),
    ...total,
    max_chain_depth: Type.Integer(),
    call_tree: Type.Unsafe<Static<typeof ChainNode>[]>(Type.Array(Type.Ref('ChainNode'))),
    critical_path: Type.Array(
      Type.Object({ agent: Nullable(Type.String()), call_id: Type.String(), cost: Nullable(UsdNumber), tokens: knownTokens }),
    ),
    critical_path_cost: Type.Union([UsdNumber, Type.Null()], {
      description: 'The known costs on the path; null when none of them is known.',
    }),
    nested_workflows: Type.Array(
      Type.Object({
        workflow_id: Type.String(),
        workflow_name: Nullable(Type.String()),
        parent_workflow_id: Nullable(Type.String()),
        cost: knownCost,
        calls: Type.Integer(),
        unpriced_calls: unpricedCalls,
      }),
    ),
    truncated: Type.Boolean(),
  },
  { $id: 'ChainAnswer' },
)

export const AttributionAnswer = Type.Object(
  {
    group_by: Type.String(),
    attribution: Type.Record(
      Type.String(),
      Type.Object({ ...spend, ...tokens, calls: Type.Integer(), executions: Type.Optional(Type.Integer()) }),
    ),
    ...rest,
    ...total,
  },
  {
    $id: 'AttributionAnswer',
    description: 'The lines, `unattributed` and `others` add up to the total exactly.',
  },
)

export const OpportunitiesAnswer = Type.Object(
  {
    opportunities: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          type: Type.Union([
            Type.Literal('expensive_agent'),
            Type.Literal('expensive_model'),
            Type.Literal('failed_workflows'),
            Type.Literal('repeated_calls'),
            Type.Literal('batch_tier'),
            Type.Literal('prompt_caching'),
            Type.Literal('shorter_context'),
          ]),
          priority: Type.Union([Type.Literal('high'), Type.Literal('medium'), Type.Literal('low')]),
          agent: Type.Optional(Type.String()),
          model: Type.Optional(Type.String()),
          alternative_model: Type.Optional(Type.String()),
          count: Type.Optional(Type.Integer()),
          current_cost: UsdNumber,
          wasted_cost: Type.Optional(UsdNumber),
          recommendation: Type.String(),
          assumption: Type.String(),
          potential_savings: Nullable(UsdNumber),
          potential_savings_exact: Nullable(UsdText),
          savings_range: Nullable(
            Type.Object(
              { low_usd: UsdText, high_usd: UsdText, from_to: Type.String() },
              { description: 'Between what the saving lies, each end a sum over calls. Null where no saving is known.' },
            ),
          ),
          risk: Type.Object({
            level: Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high')]),
            detail: Type.String(),
          }),
          state: Type.Union([Type.Literal('open'), Type.Literal('accepted'), Type.Literal('done')], {
            description: 'What was decided on it; one that was dismissed is not shown.',
          }),
          calls: Type.Object(
            { count: Type.Integer(), unpriced: Type.Integer(), examined: Type.Integer(), call_ids: Type.Array(Type.String()) },
            { description: 'The calls behind it. The saving is of those examined; neither it nor the cost holds those unpriced.' },
          ),
          workflow_ids: Type.Optional(Type.Array(Type.String())),
        },
        { additionalProperties: true },
      ),
    ),
    total_potential_savings: UsdNumber,
    total_potential_savings_exact: UsdText,
    period: Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) }),
  },
  { $id: 'OpportunitiesAnswer' },
)

export const OverviewAnswer = Type.Object(
  {
    period: Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) }),
    summary: Type.Object({
      ...totalUsd,
      ...totalTokens,
      total_calls: Type.Integer(),
      avg_cost_per_call: Nullable(Type.Number()),
      failed_calls: Type.Integer(),
      uncertain_calls: Type.Integer(),
      cache_read_share: Nullable(Type.Number()),
    }),
    top_agents: Type.Record(Type.String(), line),
    top_models: Type.Record(Type.String(), line),
    daily: Type.Array(Type.Object({ date: Type.String(), ...line.properties })),
    optimization: Type.Object({
      opportunities_count: Type.Integer(),
      potential_savings_usd: UsdNumber,
      as_of: Type.String({ description: 'When the opportunities were computed: now, as is the rest of the answer.' }),
    }),
  },
  { $id: 'OverviewAnswer' },
)

export const ReportAnswer = Type.Object(
  {
    period: Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) }),
    group_by: Type.Array(Type.String()),
    rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description:
        '`cost_usd` and `cost_usd_exact` of a row are null when every call of it is unpriced, its tokens when no call of it reported any.',
    }),
    ...totalUsd,
    total_calls: Type.Integer(),
    ...totalTokens,
    truncated: Type.Boolean(),
  },
  { $id: 'ReportAnswer' },
)

export type AnalyticsQuery = Static<typeof AnalyticsQuery>
export type WorkflowQuery = Static<typeof WorkflowQuery>
export type ChainQuery = Static<typeof ChainQuery>
export type AttributionQuery = Static<typeof AttributionQuery>
export type ReportQuery = Static<typeof ReportQuery>
export type CallQuery = Static<typeof CallQuery>
export type AgentsAnswer = Static<typeof AgentsAnswer>
export type ModelsAnswer = Static<typeof ModelsAnswer>
export type SessionsAnswer = Static<typeof SessionsAnswer>
export type WorkflowAnswer = Static<typeof WorkflowAnswer>
export type ChainNode = Static<typeof ChainNode>
export type ChainAnswer = Static<typeof ChainAnswer>
export type AttributionAnswer = Static<typeof AttributionAnswer>
export type OpportunitiesAnswer = Static<typeof OpportunitiesAnswer>
export type OverviewAnswer = Static<typeof OverviewAnswer>
export type ReportAnswer = Static<typeof ReportAnswer>
