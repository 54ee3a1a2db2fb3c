import { BIGINT, type DuckDBConnection, DuckDBListValue, type DuckDBValue, LIST, listValue } from '@duckdb/node-api'
import type { CallQuery, RepeatRow } from '../../calls/index.ts'
import { type Picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { picosOf, REQUEST_HASH } from './columns.ts'
import { type Bindings, bind, bindings, callConditions, scopeCondition } from './conditions.ts'
import { repeatGroups } from './fold-repeats.ts'

type RepeatQuery = CallQuery & { readonly limit: number }

/**
 * Repeated requests, dearest repetition first. Without filters they are kept ready; with filters the groups are made from the matching
 * rows of the requests that are known to occur again.
 */
export async function repeats(connection: DuckDBConnection, query: RepeatQuery): Promise<RepeatRow[]> {
  const filtered = query.from !== undefined || query.to !== undefined || (query.where ?? []).length > 0
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const groups = filtered ? filteredRepeats(to, query, limit) : `SELECT * FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  const reader = await connection.runAndReadAll(
    `SELECT organization, fingerprint, agent, model, calls, cost, repeated_cost, unpriced, repeated_unpriced, call_ids, ${REQUEST_HASH}
      FROM (${groups}) ORDER BY repeated_cost DESC, fingerprint, organization, model, agent LIMIT ${limit}`,
    to.values,
    to.types,
  )
  const rows = reader.getRows()
  const inFailedRuns = await callsInFailedRuns(
    connection,
    query,
    rows.map((row) => BigInt(String(row[10]))),
  )
  return rows.map((row) => repeatRowOf(row, inFailedRuns))
}

function repeatRowOf(row: readonly DuckDBValue[], inFailedRuns: ReadonlyMap<string, readonly FailedCall[]>): RepeatRow {
  const [organization, fingerprint, agent, model, calls, cost, repeatedCost, unpriced, repeatedUnpriced, callIds] = row
  const ids = callIds instanceof DuckDBListValue ? callIds.items.map(String) : []
  const wasted = new Map<string, Picos>()
  for (const call of inFailedRuns.get(groupKey(organization, fingerprint, agent, model)) ?? []) {
    if (call.callId !== ids[0]) wasted.set(call.runId, sumPicos([wasted.get(call.runId) ?? ZERO, call.cost]))
  }
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
    inFailedRuns: [...wasted].map(([runId, spent]) => ({ runId, cost: spent })),
  }
}

interface FailedCall {
  readonly callId: string
  readonly runId: string
  readonly cost: Picos
}

/** Calls of some requests that were made in runs that failed, by group, those of the first run first. */
async function callsInFailedRuns(
  connection: DuckDBConnection,
  query: CallQuery,
  hashes: readonly bigint[],
): Promise<Map<string, FailedCall[]>> {
  const found = new Map<string, FailedCall[]>()
  if (hashes.length === 0) return found
  const to = bindings()
  const reader = await connection.runAndReadAll(
    `SELECT organization, fingerprint, agent, model, call_id, run_id, coalesce(sum(cost), 0)::DECIMAL(38,12)
      FROM (SELECT * FROM store.${tableOf(query)} WHERE ${callConditions(to, query)}
        AND ${REQUEST_HASH} IN (SELECT unnest(${bind(to, listValue([...hashes]), LIST(BIGINT))})))
      SEMI JOIN (SELECT organization, run_id FROM store.runs WHERE success = FALSE) AS failed USING (organization, run_id)
      GROUP BY ALL ORDER BY run_id`,
    to.values,
    to.types,
  )
  for (const [organization, fingerprint, agent, model, callId, runId, cost] of reader.getRows()) {
    const key = groupKey(organization, fingerprint, agent, model)
    const call = { callId: String(callId), runId: String(runId), cost: picosOf(cost ?? null) }
    found.set(key, [...(found.get(key) ?? []), call])
  }
  return found
}

function groupKey(...of: readonly (DuckDBValue | undefined)[]): string {
  return JSON.stringify(of.map(textOf))
}

/**
 * The rows of the groups whose repetitions cost most, those of equal cost with them: found by numbers alone, so that texts and lists are
 * made of few. Requests that share a hash count as one here, and are told apart by whoever groups the rows.
 */
function dearestRepeats(conditions: string, limit: string): string {
  const calls = `SELECT ${REQUEST_HASH}, agent, call_seq, min(called_at) AS called_at, sum(calls) AS calls, coalesce(sum(cost), 0) AS cost
    FROM store.repeat_calls WHERE ${conditions} GROUP BY ${REQUEST_HASH}, agent, call_seq`
  const groups = `SELECT ${REQUEST_HASH}, agent, sum(cost) - arg_min(cost, (called_at, call_seq)) AS repeated_cost
    FROM (${calls}) GROUP BY ${REQUEST_HASH}, agent HAVING sum(calls) > 1`
  const dearest = `SELECT ${REQUEST_HASH}, agent FROM (${groups}) QUALIFY rank() OVER (ORDER BY repeated_cost DESC) <= ${limit}`
  return `SELECT rows.* FROM store.repeat_calls AS rows SEMI JOIN (${dearest}) AS dearest
    ON rows.${REQUEST_HASH} = dearest.${REQUEST_HASH} AND rows.agent IS NOT DISTINCT FROM dearest.agent WHERE ${conditions}`
}

/** The rows of repeated requests hold what most filters are about. */
const REPEAT_DIMENSIONS: readonly string[] = ['organization', 'agent', 'model']

function tableOf(query: CallQuery): 'repeat_calls' | 'calls' {
  return (query.where ?? []).every((filter) => REPEAT_DIMENSIONS.includes(filter.dimension)) ? 'repeat_calls' : 'calls'
}

function filteredRepeats(to: Bindings, query: CallQuery, limit: string): string {
  if (tableOf(query) === 'repeat_calls') return repeatGroups(`(${dearestRepeats(callConditions(to, query), limit)})`, `${REQUEST_HASH}, `)
  const known = `SELECT ${REQUEST_HASH} FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  return repeatGroups(
    `(SELECT * FROM store.calls WHERE ${callConditions(to, query)} AND ${REQUEST_HASH} IN (${known}))`,
    `${REQUEST_HASH}, `,
  )
}

function textOf(value: DuckDBValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
