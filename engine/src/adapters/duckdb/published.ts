import { measuresOfCalls, measuresOfSums } from './measure-columns.ts'
import { DIMENSION_COLUMNS, FAMILIES, HOUR_MS, LONG_PERIODS, type RollupFamily } from './rollup/rollup.ts'
import { durationKnown, lastedMs, startedAt, workflowOf } from './run-facts.ts'

/** Variables of a connection that say whose rows the published views show. Without them they show none. */
export const SCOPE_VARIABLE = 'purser_organization'
export const EVERYONE_VARIABLE = 'purser_everyone'

/** The tables and views that people query with SQL. Names and the columns our references use are a promise; see the layer's README. */
export const PUBLISHED = [
  'agent_calls',
  'workflows',
  'user_sessions',
  'cost_attribution',
  'caching_opportunities',
  'optimization_recommendations',
  'agent_performance',
  'v_top_spending_agents',
  'v_top_spending_users',
  'v_expensive_workflows',
  'v_top_caching_opportunities',
] as const

export type PublishedName = (typeof PUBLISHED)[number]

/** Each view reads only rows of the connection's organization. The variables are constants to the planner, so the filter is as fast as a literal. */
function inScope(alias = ''): string {
  const prefix = alias === '' ? '' : `${alias}.`
  return `(getvariable('${EVERYONE_VARIABLE}') OR ${prefix}organization = getvariable('${SCOPE_VARIABLE}'))`
}

const TOKENS = 'input_tokens + output_tokens'

/** `knownCost` of the layer of calls, in SQL: null when there are calls and the price of none of them is known. */
function knownCost(cost = 'cost', calls = 'calls', unpriced = 'unpriced'): string {
  return `CASE WHEN ${calls} > 0 AND ${unpriced} >= ${calls} AND coalesce(${cost}, 0) = 0 THEN NULL ELSE ${cost} END::DECIMAL(38,12)`
}

/** `knownTokens` of the layer of calls, in SQL: null when there are calls and none of them reported its tokens. */
function knownTokens(tokens = TOKENS, calls = 'calls', unmetered = 'unmetered'): string {
  return `CASE WHEN ${calls} > 0 AND ${unmetered} >= ${calls} AND ${tokens} = 0 THEN NULL ELSE ${tokens} END::BIGINT`
}

/** The same of one call: a count of zero that nobody reported. */
function reportedTokens(tokens: string): string {
  return `CASE WHEN usage_evidence = 'missing' AND ${tokens} = 0 THEN NULL ELSE ${tokens} END`
}

const REPORTED_TOKENS = ['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens']
  .map((name) => `${reportedTokens(name)} AS ${name}`)
  .join(', ')

const SUMMED_COST = knownCost('sum(cost)', 'sum(calls)', 'sum(unpriced)')

/** One row a call, its cost with all adjustments. Null `cost_usd`: unpriced. */
const AGENT_CALLS = `
  SELECT call_id, organization AS organization_id, run_id AS workflow_id, workflow AS workflow_name, session_id, user_id,
    agent AS agent_name, model, model_requested, seller, parent_call_id, make_timestamp_ms(called_at) AS called_at,
    make_timestamp_ms(recorded_at) AS recorded_at, ${REPORTED_TOKENS},
    ${reportedTokens(TOKENS)} AS total_tokens, usage_evidence,
    CASE WHEN status = 'unpriced' THEN NULL ELSE coalesce(cost, 0) + coalesce(correction, 0) END::DECIMAL(38,12) AS cost_usd,
    status AS cost_status, latency_ms, success, error_code, team, project, cost_center, action, key_id, source, tier, tags,
    fingerprint AS prompt_fingerprint
  FROM store.calls LEFT JOIN (SELECT call_seq, sum(cost) AS correction FROM store.calls WHERE calls = 0 GROUP BY call_seq) USING (call_seq)
  WHERE calls = 1 AND ${inScope()}`

const WORKFLOWS = `
  SELECT run_id AS workflow_id, ${workflowOf()} AS workflow_name, organization AS organization_id, parent_run_id AS parent_workflow_id, session_id,
    user_id, team, project, cost_center, make_timestamp_ms(${startedAt()}) AS started_at, make_timestamp_ms(ended_at) AS ended_at,
    (${lastedMs(`(${startedAt()})`, 'ended_at', durationKnown())}) / 1000.0 AS duration_seconds,
    CASE WHEN success THEN 'succeeded' WHEN NOT success THEN 'failed' WHEN started_at IS NULL THEN 'unknown' ELSE 'running' END AS status,
    success, error_code,
    ${knownCost()} AS total_cost_usd, ${knownTokens()} AS total_tokens, calls AS total_calls, failed AS failed_calls,
    unpriced AS unpriced_calls, unmetered AS unmetered_calls
  FROM store.runs WHERE ${inScope()}`

const USER_SESSIONS = `
  SELECT session_id, organization AS organization_id,
    CASE WHEN started_at IS NULL AND ended_at IS NULL THEN caller_user_id ELSE user_id END AS user_id,
    make_timestamp_ms(${startedAt()}) AS started_at, make_timestamp_ms(ended_at) AS ended_at,
    (${lastedMs(`coalesce(${startedAt()}, first_call_at)`, 'coalesce(ended_at, last_call_at)', durationKnown())}) / 1000.0 AS duration_seconds,
    ${knownCost()} AS total_cost_usd, ${knownTokens()} AS total_tokens, calls AS total_calls, failed AS failed_calls,
    unpriced AS unpriced_calls, unmetered AS unmetered_calls,
    coalesce(workflow_count, 0) AS workflow_count
  FROM store.sessions LEFT JOIN (SELECT organization, session_id, count(*) AS workflow_count FROM store.runs
    WHERE session_id IS NOT NULL GROUP BY organization, session_id) USING (organization, session_id)
  WHERE ${inScope()}`

/** The columns of `cost_attribution` that are sums, of sums that have the names of measures. */
const ATTRIBUTED = `${knownCost()} AS total_cost_usd, calls, failed AS failed_calls, ${knownTokens('input_tokens')} AS input_tokens,
  ${knownTokens('output_tokens')} AS output_tokens, ${knownTokens()} AS total_tokens, unpriced AS unpriced_calls, unmetered AS unmetered_calls`

/**
 * Days and months from the rollup of a dimension, hours from its calls: few ask for those, and then of a short time. Most days have one
 * row of each value already; only those that folds have added to since they were last joined are summed.
 */
function attribution({ table, dimensions: [dimension = 'organization'] }: RollupFamily): string[] {
  const select = (period: string, start: string, from: string): string =>
    `SELECT '${dimension}' AS dimension, value, '${period}' AS period_type, ${start} AS period_start, organization AS organization_id,
      ${ATTRIBUTED} FROM ${from} WHERE calls <> 0 OR cost <> 0`
  const summed = (measures: string, start: string, value: string, from: string): string =>
    `(SELECT ${value} AS value, ${start} AS start, organization, ${measures} FROM ${from} AND ${inScope()} GROUP BY 1, 2, 3)`
  const days = `store.${table} WHERE period = 'day'`
  const unjoined = `SELECT start FROM ${days} AND fold_seq > 0`
  const joined = `(SELECT * FROM ${days} AND start NOT IN (${unjoined}) AND ${inScope()})`
  const hour = `called_at // ${HOUR_MS} * ${HOUR_MS}`
  const month = "date_trunc('month', make_timestamp_ms(start))"
  return [
    select('hour', AT_START, summed(measuresOfCalls(), hour, DIMENSION_COLUMNS[dimension], 'store.calls WHERE TRUE')),
    select('day', AT_START, joined),
    select('day', AT_START, summed(measuresOfSums(), 'start', 'value', `${days} AND start IN (${unjoined})`)),
    select('month', 'start', summed(measuresOfSums(), month, 'value', days)),
  ]
}

const AT_START = 'make_timestamp_ms(start)'

const COST_ATTRIBUTION = FAMILIES.filter((family) => family.dimensions.length === 1)
  .flatMap(attribution)
  .join(' UNION ALL ')

const CACHING_OPPORTUNITIES = `
  SELECT agent AS agent_name, model, organization AS organization_id, fingerprint AS prompt_fingerprint, calls AS occurrences,
    ${knownCost()} AS total_cost_usd, ${knownCost('repeated_cost', '(calls - 1)', 'repeated_unpriced')} AS potential_savings_usd,
    unpriced AS unpriced_calls, repeated_unpriced AS unpriced_repetitions, make_timestamp_ms(first_at) AS first_seen_at,
    make_timestamp_ms(last_at) AS last_seen_at
  FROM store.repeats WHERE ${inScope()}`

const RECOMMENDATIONS = `
  SELECT type, priority, subject, current_cost AS current_cost_usd, recommendation, potential_savings AS potential_savings_usd, call_ids,
    make_timestamp_ms(computed_at) AS computed_at, organization AS organization_id
  FROM store.recommendations WHERE ${inScope()}`

/** Sums of one rollup family over all time, a row for each value. */
function totalsOf(family: string, columns: string): string {
  return `SELECT ${columns} FROM (
      SELECT value, organization, sum(calls)::BIGINT AS calls, sum(failed)::BIGINT AS failed, sum(unpriced)::BIGINT AS unpriced,
        sum(unmetered)::BIGINT AS unmetered, sum(cost) AS cost, sum(${TOKENS})::BIGINT AS tokens, sum(latency_ms)::BIGINT AS latency_ms,
        sum(latency_calls)::BIGINT AS latency_calls
      FROM store.rollup_${family} WHERE period = '${LONG_PERIODS[0]}' AND value IS NOT NULL AND ${inScope()}
      GROUP BY value, organization)
    WHERE calls <> 0 OR cost <> 0`
}

const TOTALS = `calls AS total_calls, failed AS failed_calls, unpriced AS unpriced_calls, ${knownTokens('tokens')} AS total_tokens,
  unmetered AS unmetered_calls,
  ${knownCost()} AS total_cost_usd, cost::DOUBLE / nullif(greatest(calls - unpriced, 0), 0) AS avg_cost_per_call_usd`

const VIEWS: Readonly<Record<PublishedName, string>> = {
  agent_calls: AGENT_CALLS,
  workflows: WORKFLOWS,
  user_sessions: USER_SESSIONS,
  cost_attribution: COST_ATTRIBUTION,
  caching_opportunities: CACHING_OPPORTUNITIES,
  optimization_recommendations: RECOMMENDATIONS,
  agent_performance: totalsOf(
    'agent',
    `value AS agent_name, organization AS organization_id, ${TOTALS}, (calls - failed) / nullif(calls, 0)::DOUBLE AS success_rate,
     latency_ms / nullif(latency_calls, 0)::DOUBLE AS avg_latency_ms, ${knownTokens('tokens')} / nullif(calls, 0)::DOUBLE AS avg_tokens_per_call`,
  ),
  v_top_spending_agents: `${totalsOf('agent', `value AS agent_name, organization AS organization_id, ${TOTALS}`)} ORDER BY cost DESC, value`,
  v_top_spending_users: `${totalsOf('user', `value AS user_id, organization AS organization_id, ${TOTALS}`)} ORDER BY cost DESC, value`,
  v_expensive_workflows: `
    SELECT ${workflowOf()} AS workflow_name, organization AS organization_id, count(*) AS executions, count(*) FILTER (NOT success) AS failed_executions,
      ${SUMMED_COST} AS total_cost_usd, (${SUMMED_COST})::DOUBLE / count(*) AS avg_cost_per_execution_usd,
      sum(calls)::BIGINT AS total_calls, ${knownTokens(`sum(${TOKENS})`, 'sum(calls)', 'sum(unmetered)')} AS total_tokens, sum(unpriced)::BIGINT AS unpriced_calls,
      sum(unmetered)::BIGINT AS unmetered_calls
    FROM store.runs WHERE ${workflowOf()} IS NOT NULL AND ${inScope()} GROUP BY ${workflowOf()}, organization ORDER BY total_cost_usd DESC, workflow_name`,
  v_top_caching_opportunities: `${CACHING_OPPORTUNITIES} ORDER BY repeated_cost DESC, fingerprint`,
}

/** Statements that make the views, in the schema that unqualified names are looked up in. */
export function createPublished(): string[] {
  return PUBLISHED.map((name) => `CREATE OR REPLACE VIEW main.${name} AS ${VIEWS[name]}`)
}
