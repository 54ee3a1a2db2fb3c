import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { ActivityQuery, ActivityRow } from '../../../calls/index.ts'
import { SUM_TYPE } from '../columns.ts'
import { bind, bindings, callConditions, wholeNumber } from '../conditions.ts'
import { picosOfText } from './read-text.ts'
import { rowsAsText } from './rows-as-text.ts'

/**
 * Calls of a stretch of time by session (else run) and agent: a text, which `activityRows` reads. Rows lie in the order of time, so that only those of the
 * stretch are read.
 */
export async function activityText(connection: DuckDBConnection, query: ActivityQuery): Promise<string> {
  const to = bindings()
  const conditions = callConditions(to, query)
  const sums = query.since.flatMap((from, index) => {
    const since = `FILTER (called_at >= ${wholeNumber(from)})`
    return [
      `coalesce(sum(calls) ${since}, 0)::BIGINT AS calls_${index}`,
      `coalesce(sum(unpriced) ${since}, 0)::BIGINT AS unpriced_${index}`,
      `coalesce(sum(cost) ${since}, 0)::${SUM_TYPE} AS cost_${index}`,
    ]
  })
  const facts = ['min(called_at) AS first_at', 'max(called_at) AS last_at', 'coalesce(sum(cost), 0) AS spent', ...sums]
  const groups = `SELECT organization, session_id, CASE WHEN session_id IS NULL THEN run_id END AS run, agent, ${facts.join(', ')}
    FROM store.calls WHERE ${conditions} GROUP BY 1, 2, 3, 4`
  const order = 'spent DESC, organization, session_id, run, agent'
  const from = `(SELECT * FROM (${groups}) ORDER BY ${order} LIMIT ${bind(to, BigInt(query.limit), BIGINT)})`
  const shown = query.since.flatMap((_, index) => [`calls_${index}`, `unpriced_${index}`, `cost_${index}::VARCHAR`])
  const columns = ['organization', 'session_id', 'run', 'agent', 'first_at', 'last_at', ...shown]
  return await rowsAsText(connection, { columns, from, order }, to)
}

/** A row in the order of the columns: three sums for each time that was asked about. */
type Row = readonly [
  organization: string,
  sessionId: string | null,
  runId: string | null,
  agent: string | null,
  firstCallAt: number,
  lastCallAt: number,
  ...sums: (number | string)[],
]

export function activityRows(text: string): ActivityRow[] {
  return (JSON.parse(text) as Row[]).map(([organization, sessionId, runId, agent, firstCallAt, lastCallAt, ...sums]) => ({
    organization,
    sessionId,
    runId,
    agent,
    firstCallAt,
    lastCallAt,
    sums: Array.from({ length: sums.length / 3 }, (_, index) => {
      const [calls, unpriced, cost] = sums.slice(index * 3)
      return { calls: Number(calls), unpriced: Number(unpriced), cost: picosOfText(cost) }
    }),
  }))
}
