import { BIGINT, type DuckDBConnection, DuckDBListValue, DuckDBStructValue, type DuckDBValue } from '@duckdb/node-api'
import type { CallQuery, RepeatRow } from '../../calls/index.ts'
import { type Picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { picosOf, REQUEST_HASH } from './columns.ts'
import { type Bindings, bind, bindings, callConditions, scopeCondition } from './conditions.ts'
import { REPEAT_CALL_NAMES, repeatGroups } from './fold-repeats.ts'
import { textOf } from './read-rows.ts'

/**
 * Repeated requests, dearest repetition first. Without filters they are kept ready; with filters the groups are made from the matching
 * rows of the requests that are known to occur again. What of those listed was made in failed runs is looked up with them.
 */
export async function repeats(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<RepeatRow[]> {
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const order = 'repeated_cost DESC, fingerprint, organization, model, agent'
  const listed = (groups: string): string => `listed AS MATERIALIZED (SELECT * FROM (${groups}) ORDER BY ${order} LIMIT ${limit})`
  const reader = await connection.runAndReadAll(
    `WITH ${tables(to, query, limit, listed)},
      failed AS (SELECT ${GROUP}, call_id, run_id, coalesce(sum(cost), 0)::DECIMAL(38,12) AS cost
        FROM members SEMI JOIN store.failed_runs USING (organization, run_id)
        GROUP BY ${GROUP}, call_id, run_id),
      wasted AS (SELECT ${GROUP}, list({'call': call_id, 'run': run_id, 'cost': cost} ORDER BY run_id, call_id) AS wasted_calls
        FROM failed GROUP BY ${GROUP})
    SELECT listed.organization, listed.fingerprint, listed.agent, listed.model, calls, cost, repeated_cost, unpriced, repeated_unpriced, call_ids,
      wasted_calls
    FROM listed LEFT JOIN wasted ON listed.organization = wasted.organization AND listed.fingerprint = wasted.fingerprint
      AND listed.model IS NOT DISTINCT FROM wasted.model AND listed.agent IS NOT DISTINCT FROM wasted.agent
    ORDER BY ${order.replaceAll(/fingerprint|organization|model|agent/g, 'listed.$&')}`,
    to.values,
    to.types,
  )
  return reader.getRows().map(repeatRowOf)
}

const GROUP = 'organization, fingerprint, model, agent'

function repeatRowOf(row: readonly DuckDBValue[]): RepeatRow {
  const [organization, fingerprint, agent, model, calls, cost, repeatedCost, unpriced, repeatedUnpriced, callIds, wasted] = row
  const ids = callIds instanceof DuckDBListValue ? callIds.items.map(String) : []
  return {
    organization: String(organization),
    fingerprint: String(fingerprint),
    agent: textOf(agent),
    model: textOf(model),
    calls: Number(calls),
    cost: picosOf(cost ?? null),
    repeatedCost: picosOf(repeatedCost ?? null),
    unpriced: Number(unpriced),
    repeatedUnpriced: Number(repeatedUnpriced),
    callIds: ids,
    inFailedRuns: wasted instanceof DuckDBListValue ? byRun(wasted.items, ids[0]) : [],
  }
}

/** Of the calls that failed runs have made, all but the one that was needed. */
function byRun(calls: readonly DuckDBValue[], firstCallId: string | undefined): RepeatRow['inFailedRuns'] {
  const runs = new Map<string, Picos>()
  for (const item of calls) {
    if (!(item instanceof DuckDBStructValue) || String(item.entries.call) === firstCallId) continue
    const runId = String(item.entries.run)
    runs.set(runId, sumPicos([runs.get(runId) ?? ZERO, picosOf(item.entries.cost ?? null)]))
  }
  return [...runs].map(([runId, spent]) => ({ runId, cost: spent }))
}

/** `members`: rows of the calls that the groups are made of; `listed`: the groups. */
function tables(to: Bindings, query: CallQuery, limit: string, listed: (groups: string) => string): string {
  const filters = query.where ?? []
  if (query.from === undefined && query.to === undefined && filters.length === 0) {
    const scope = scopeCondition(to, query.scope)
    const members = `members AS (SELECT * FROM store.repeat_calls WHERE ${scope} AND ${REQUEST_HASH} IN (SELECT ${REQUEST_HASH} FROM listed))`
    return `${listed(`SELECT * FROM store.repeats WHERE ${scope}`)}, ${members}`
  }
  const isKept = filters.every((filter) => REPEAT_DIMENSIONS.includes(filter.dimension))
  const members = isKept ? dearestRepeats(callConditions(to, query), limit) : knownRepeats(to, query)
  return `members AS MATERIALIZED (${members}), ${listed(repeatGroups('members', ''))}`
}

/** The rows of repeated requests hold what most filters are about. */
const REPEAT_DIMENSIONS: readonly string[] = ['organization', 'agent', 'model']

function knownRepeats(to: Bindings, query: CallQuery): string {
  const known = `SELECT ${REQUEST_HASH} FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  return `SELECT ${REPEAT_CALL_NAMES.join(', ')} FROM store.calls WHERE ${callConditions(to, query)} AND ${REQUEST_HASH} IN (${known})`
}

/**
 * The rows of the groups whose repetitions cost most, those of equal cost with them: found by numbers alone, so that texts and lists are
 * made of few. Requests that share a hash count as one here, and are told apart by whoever groups the rows. Most requests that are known to
 * occur again do so at another time or for another agent: counting leaves them out before anything is compared.
 */
function dearestRepeats(conditions: string, limit: string): string {
  const rows = `SELECT rows.* FROM store.repeat_calls AS rows`
  const again = `SELECT ${REQUEST_HASH}, agent FROM store.repeat_calls WHERE ${conditions} GROUP BY ${REQUEST_HASH}, agent HAVING sum(calls) > 1`
  const calls = `SELECT ${REQUEST_HASH}, agent, call_seq, min(called_at) AS called_at, sum(calls) AS calls, coalesce(sum(cost), 0) AS cost
    FROM (${rows} ${ofGroups(again)} WHERE ${conditions}) GROUP BY ${REQUEST_HASH}, agent, call_seq`
  const groups = `SELECT ${REQUEST_HASH}, agent, sum(cost) - arg_min(cost, (called_at, call_seq)) AS repeated_cost
    FROM (${calls}) GROUP BY ${REQUEST_HASH}, agent HAVING sum(calls) > 1`
  const dearest = `SELECT ${REQUEST_HASH}, agent FROM (${groups}) QUALIFY rank() OVER (ORDER BY repeated_cost DESC) <= ${limit}`
  return `${rows} ${ofGroups(dearest)} WHERE ${conditions}`
}

function ofGroups(groups: string): string {
  return `SEMI JOIN (${groups}) AS chosen ON rows.${REQUEST_HASH} = chosen.${REQUEST_HASH} AND rows.agent IS NOT DISTINCT FROM chosen.agent`
}
