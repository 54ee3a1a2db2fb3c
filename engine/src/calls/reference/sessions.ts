import { measuresOfRow, sumMeasures } from '../measures.ts'
import type { CallStore } from '../ports.ts'
import type { CallRow, SessionRow } from '../records.ts'
import { compare, isInScope, isWithin, matching, type ReferenceData, type SessionFacts } from './rows.ts'

type SessionsQuery = Parameters<CallStore['sessions']>[0]

/**
 * Sessions with a call that the query matches, and, when nothing is filtered, sessions without calls that began within its time.
 * Newest first, or the costliest first.
 */
export function sessionsOf(data: ReferenceData, query: SessionsQuery): SessionRow[] {
  const calls = matching(data.calls, query)
  const offset = query.offset ?? 0
  return allSessionFacts(data)
    .filter((facts) => isInScope(facts.organization, query.scope))
    .flatMap((facts) => {
      const ofSession = (call: CallRow): boolean => call.organization === facts.organization && call.sessionId === facts.sessionId
      const own = calls.filter(ofSession)
      const isEmpty = (query.where ?? []).length === 0 && !data.calls.some(ofSession)
      const isListed = own.length > 0 || (isEmpty && facts.startedAt !== null && isWithin(facts.startedAt, query))
      return isListed ? [withSums(facts, own, runsIn(data, facts))] : []
    })
    .sort((left, right) => (query.orderBy === 'cost' ? compare(right.cost, left.cost) : 0) || byTime(right, left))
    .slice(offset, offset + query.limit)
}

function byTime(left: SessionRow, right: SessionRow): number {
  const timeOf = (session: SessionRow): number => session.startedAt ?? session.firstCallAt ?? 0
  return compare(timeOf(left), timeOf(right)) || compare(left.sessionId, right.sessionId)
}

/** Runs that say they belong to the session, and runs that only its calls have named. */
function runsIn(data: ReferenceData, facts: SessionFacts): number {
  const started = (data.runs ?? []).filter((run) => run.organization === facts.organization)
  const own = started.filter((run) => run.sessionId === facts.sessionId).map((run) => run.runId)
  const named = data.calls
    .filter((call) => call.organization === facts.organization && call.sessionId === facts.sessionId)
    .flatMap((call) => (call.runId === null || started.some((run) => run.runId === call.runId) ? [] : [call.runId]))
  return new Set([...own, ...named]).size
}

function allSessionFacts(data: ReferenceData): SessionFacts[] {
  const known = new Map((data.sessions ?? []).map((session) => [JSON.stringify([session.organization, session.sessionId]), session]))
  for (const call of data.calls) {
    if (call.sessionId === null) continue
    const id = JSON.stringify([call.organization, call.sessionId])
    if (known.has(id)) continue
    known.set(id, { organization: call.organization, sessionId: call.sessionId, userId: call.userId, startedAt: null, endedAt: null })
  }
  return [...known.values()]
}

function withSums(facts: SessionFacts, calls: readonly CallRow[], runs: number): SessionRow {
  const times = calls.map((call) => call.at).sort(compare)
  return {
    durationKnown: true,
    ...facts,
    ...sumMeasures(calls.map(measuresOfRow)),
    firstCallAt: times[0] ?? null,
    lastCallAt: times.at(-1) ?? null,
    runs,
  }
}
