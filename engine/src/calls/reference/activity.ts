import { measuresOfRow, sumMeasures } from '../measures.ts'
import type { ActivityQuery, ActivityRow } from '../ports.ts'
import type { CallRow } from '../records.ts'
import { compare, matching, type ReferenceData } from './rows.ts'

/** Calls by organization, session (else run) and agent, those that have spent most first. */
export function activityOf(data: ReferenceData, query: ActivityQuery): ActivityRow[] {
  const groups = new Map<string, CallRow[]>()
  for (const row of matching(data.calls, query)) {
    const id = JSON.stringify([row.organization, row.sessionId, row.sessionId === null ? row.runId : null, row.agent])
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  return [...groups]
    .map(([id, rows]) => ({ id, cost: sumMeasures(rows.map(measuresOfRow)).cost, row: activityRow(rows, query) }))
    .sort((left, right) => compare(right.cost, left.cost) || compare(left.id, right.id))
    .slice(0, query.limit)
    .map(({ row }) => row)
}

function activityRow(rows: readonly CallRow[], { since }: ActivityQuery): ActivityRow {
  const [first] = rows as readonly [CallRow, ...CallRow[]]
  const { organization, sessionId, runId, agent } = first
  const times = rows.map(({ at }) => at)
  return {
    organization,
    sessionId,
    runId: sessionId === null ? runId : null,
    agent,
    firstCallAt: Math.min(...times),
    lastCallAt: Math.max(...times),
    sums: since.map((from) => {
      const { calls, unpriced, cost } = sumMeasures(rows.filter(({ at }) => at >= from).map(measuresOfRow))
      return { calls, unpriced, cost }
    }),
  }
}
