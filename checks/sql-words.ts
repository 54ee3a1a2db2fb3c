import type { PublishedName } from '../engine/src/adapters/duckdb/published.ts'
import { FAMILIES } from '../engine/src/adapters/duckdb/rollup/rollup.ts'

interface Words {
  /** What a row is. */
  readonly about: string
  readonly example: string
}

/** What people need to know of each published table and view, and a query to begin with. */
export const TABLES: Readonly<Record<PublishedName, Words>> = {
  agent_calls: {
    about: 'A row for each call, its cost with all later adjustments.',
    example:
      'SELECT call_id, agent_name, model, total_tokens, cost_usd, cost_status\nFROM agent_calls WHERE NOT success ORDER BY called_at DESC LIMIT 20',
  },
  workflows: {
    about: 'A row for each execution of a workflow. Sums are over its own calls, not over those of executions below it.',
    example:
      "SELECT workflow_name, workflow_id, total_cost_usd, error_code\nFROM workflows WHERE status = 'failed' ORDER BY total_cost_usd DESC",
  },
  user_sessions: {
    about: 'A row for each session of a user.',
    example:
      'SELECT user_id, count(*) AS sessions, sum(total_cost_usd) AS cost_usd\nFROM user_sessions GROUP BY user_id ORDER BY cost_usd DESC',
  },
  cost_attribution: {
    about:
      'Sums of calls for each value of a dimension, by hour, day and month of UTC. Choose one dimension and one period, or calls are counted again.',
    example: "SELECT * FROM cost_attribution\nWHERE dimension = 'user' AND period_type = 'day' ORDER BY total_cost_usd DESC",
  },
  caching_opportunities: {
    about:
      'Requests with one fingerprint and model that one agent made more than once. Only calls that report a `prompt_fingerprint` are here.',
    example: 'SELECT * FROM caching_opportunities\nWHERE potential_savings_usd > 1.0 ORDER BY potential_savings_usd DESC',
  },
  optimization_recommendations: {
    about:
      'What `find_opportunities` says of the last 30 days, computed when a query names this table. Asked for all organizations: of the 50 that spent most.',
    example: "SELECT priority, subject, recommendation, potential_savings_usd\nFROM optimization_recommendations WHERE priority = 'high'",
  },
  agent_performance: {
    about: 'A row for each agent, over all time. Calls without an agent are in none.',
    example: 'SELECT * FROM agent_performance\nWHERE success_rate < 0.95 ORDER BY total_cost_usd DESC',
  },
  v_top_spending_agents: { about: 'Agents over all time, highest cost first.', example: 'SELECT * FROM v_top_spending_agents LIMIT 10' },
  v_top_spending_users: { about: 'Users over all time, highest cost first.', example: 'SELECT * FROM v_top_spending_users LIMIT 10' },
  v_expensive_workflows: {
    about: 'Workflows by name over all time, highest cost first.',
    example: 'SELECT workflow_name, executions, avg_cost_per_execution_usd\nFROM v_expensive_workflows LIMIT 10',
  },
  v_top_caching_opportunities: {
    about: 'The rows of `caching_opportunities`, highest saving first.',
    example: 'SELECT * FROM v_top_caching_opportunities LIMIT 10',
  },
}

const DIMENSIONS = FAMILIES.flatMap(({ dimensions }) => (dimensions.length === 1 ? dimensions : []))

/** What a column holds: in every table, or in the one that is named. */
export const MEANINGS: Readonly<Partial<Record<PublishedName | 'any', Readonly<Record<string, string>>>>> = {
  any: {
    action: 'what the call was for',
    agent_name: 'the agent that made the calls',
    avg_cost_per_call_usd: 'cost by calls of a known price, approximate; null: no call has one',
    avg_cost_per_execution_usd: 'known costs by executions, approximate; null: every call is unpriced',
    avg_latency_ms: 'of the calls that report one',
    avg_tokens_per_call: 'approximate; null: no call reported its tokens',
    cache_read_tokens: 'part of the input, read from the cache',
    cache_write_tokens: 'part of the input, written to the cache',
    call_id: 'id of the call',
    call_ids: 'calls behind it, at most 100',
    called_at: 'when the call was made',
    calls: 'calls',
    computed_at: 'when it was computed',
    cost_center: 'the cost center it belongs to',
    cost_status: 'exact, estimated, ambiguous, partial, unpriced or attested',
    cost_usd: 'null: unpriced',
    current_cost_usd: 'known cost of the calls it is about',
    dimension: `one of ${DIMENSIONS.join(', ')}`,
    duration_seconds:
      'from start to end; null while one of them is not known, when the stated start is later than the end, or when no time was stated and a call lies outside of both',
    ended_at: 'null: not reported',
    error_code: 'null: none was reported',
    executions: 'executions of the workflow',
    failed_calls: 'calls without success',
    failed_executions: 'executions that ended without success',
    first_seen_at: 'the first of the calls',
    input_tokens: 'with cached ones',
    key_id: 'the key that reported it; null in local mode',
    last_seen_at: 'the last of the calls',
    latency_ms: 'null: not reported',
    model: 'the model that served it, else the one that was asked for',
    model_requested: 'the model that was asked for',
    occurrences: 'times the request was made',
    organization_id: 'whose row it is',
    output_tokens: 'with reasoning',
    parent_call_id: 'the call that led to it',
    parent_workflow_id: 'the execution it is nested in',
    period_start: 'first moment of the period, UTC',
    period_type: 'hour, day or month',
    potential_savings_usd: 'null: it cannot be computed',
    priority: 'high, medium or low',
    project: 'the project it belongs to',
    prompt_fingerprint: 'equal for equal requests; the text is not kept',
    reasoning_tokens: 'part of the output',
    recommendation: 'what to do, in words',
    recorded_at: 'when it was posted',
    seller: 'who invoices',
    session_id: 'the session of a user',
    source: 'what reported it, e.g. api, sdk, import:claude-code',
    started_at: 'null: only mentioned by calls, or not reported',
    status: 'succeeded, failed, running, or unknown: only calls have named it',
    subject: 'the agent or model it is about; null: no single one',
    success: 'null: not ended',
    success_rate: 'share of calls with success, 0 to 1',
    tags: "labels of your own: `tags['env']`",
    team: 'the team it belongs to',
    tier: 'service tier that was billed',
    total_calls: 'calls',
    total_cost_usd: 'known costs, with adjustments; null: every call is unpriced',
    total_tokens: 'input and output; null: no call reported its tokens',
    type: 'expensive_agent, expensive_model, failed_workflows or repeated_calls',
    unmetered_calls: 'calls that did not report all of their tokens',
    unpriced_calls: 'calls that the cost does not cover',
    unpriced_repetitions: 'calls but the first that the saving does not cover',
    usage_evidence: 'how the token counts are known: reported, assumed or missing',
    user_id: 'the user it was for',
    value: 'value of the dimension; null: calls that do not say',
    workflow_count: 'executions in the session',
    workflow_id: 'id of the execution',
    workflow_name: 'name of the workflow: what the start of the execution says; while that is not known, what its calls say',
  },
  agent_calls: { success: 'whether the call succeeded' },
  user_sessions: {
    duration_seconds:
      'from start to end; from the first to the last call where those are not reported; null, never negative, when they are out of order or tell nothing, see workflows',
  },
  caching_opportunities: {
    potential_savings_usd: 'known cost of all but the first call; null: each of them is unpriced',
  },
  v_top_caching_opportunities: {
    potential_savings_usd: 'known cost of all but the first call; null: each of them is unpriced',
  },
}
