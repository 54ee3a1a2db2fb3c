import { BIGINT, type DuckDBConnection, DuckDBListValue, DuckDBStructValue, type DuckDBValue } from '@duckdb/node-api'
import type { CallQuery, RepeatRow } from '../../calls/index.ts'
import { type Picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { picosOf, REQUEST_HASH, SUM_TYPE } from './columns.ts'
import { type Bindings, bind, bindings, callConditions, scopeCondition } from './conditions.ts'
import { IS_REPETITION, linked, REPEAT_CALL_NAMES, repeatGroups, repeatsSince } from './fold-repeats.ts'
import { textOf } from './read-rows.ts'

/**
 * Repeated requests, dearest repetition first. Without filters they are kept ready; with filters the groups are made from the matching
 * rows of the requests that are known to occur again. What of those listed was made in failed runs is looked up with them.
 */
export async function repeats(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<RepeatRow[]> {
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const filters = query.where ?? []
  const isKept = filters.every((filter) => REPEAT_DIMENSIONS.includes(filter.dimension))
  const since = isKept ? repeatsSince(query.from) : IS_REPETITION
  const rows = isKept ? dearestRepeats(callConditions(to, query), since, limit) : linked(`(${knownRepeats(to, query)})`)
  const wasted = `list({'run': run_id, 'cost': coalesce(cost, 0)::${SUM_TYPE}} ORDER BY run_id) FILTER (in_failed_run AND ${since}) AS wasted_calls`
  const reader = await connection.runAndReadAll(
    `WITH members AS (SELECT rows.*, failed.run_id IS NOT NULL AS in_failed_run FROM (${rows}) AS rows
      LEFT JOIN store.failed_runs AS failed ON failed.organization = rows.organization AND failed.run_id = rows.run_id)
    SELECT organization, fingerprint, agent, model, calls, cost, repeated_cost, unpriced, repeated_unpriced, call_ids, wasted_calls
    FROM (${repeatGroups('members', since, '', [wasted])}) ORDER BY repeated_cost DESC, fingerprint, organization, model, agent LIMIT ${limit}`,
    to.values,
    to.types,
  )
  return reader.getRows().map(repeatRowOf)
}

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
    inFailedRuns: wasted instanceof DuckDBListValue ? byRun(wasted.items) : [],
  }
}

/** Of the repetitions that failed runs have made. */
function byRun(calls: readonly DuckDBValue[]): RepeatRow['inFailedRuns'] {
  const runs = new Map<string, Picos>()
  for (const item of calls) {
    if (!(item instanceof DuckDBStructValue)) continue
    const runId = String(item.entries.run)
    runs.set(runId, sumPicos([runs.get(runId) ?? ZERO, picosOf(item.entries.cost ?? null)]))
  }
  return [...runs].map(([runId, spent]) => ({ runId, cost: spent }))
}

/** The rows of repeated requests hold what most filters are about. */
const REPEAT_DIMENSIONS: readonly string[] = ['organization', 'agent', 'model']

function knownRepeats(to: Bindings, query: CallQuery): string {
  const known = `SELECT ${REQUEST_HASH} FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  return `SELECT ${REPEAT_CALL_NAMES.join(', ')} FROM store.calls WHERE ${callConditions(to, query)} AND ${REQUEST_HASH} IN (${known})`
}

/**
 * The rows of the groups whose repetitions cost most, those of equal cost with them: found by numbers alone, so that texts and lists are
 * made of few. Requests that share a hash count as one here, and are told apart by whoever groups the rows.
 */
function dearestRepeats(conditions: string, since: string, limit: string): string {
  const groups = `SELECT ${REQUEST_HASH}, agent, coalesce(sum(cost), 0) AS repeated_cost FROM store.repeat_calls
    WHERE ${conditions} AND ${since} GROUP BY ${REQUEST_HASH}, agent`
  const dearest = `SELECT ${REQUEST_HASH}, agent FROM (${groups}) QUALIFY rank() OVER (ORDER BY repeated_cost DESC) <= ${limit}`
  const chosen = `SELECT rows.rowid FROM store.repeat_calls AS rows SEMI JOIN (${dearest}) AS chosen
    ON rows.${REQUEST_HASH} = chosen.${REQUEST_HASH} AND rows.agent IS NOT DISTINCT FROM chosen.agent WHERE ${conditions}`
  return `SELECT * FROM store.repeat_calls WHERE rowid IN (${chosen})`
}
