import { measuresOfRow, sumMeasures } from '../measures.ts'
import type { CallQuery, CallStore, FailedRun, RunTotals, RunTotalsQuery } from '../ports.ts'
import type { CallRow, Dimension, RunRow } from '../records.ts'
import { compare, isInScope, isWithin, matching, type ReferenceData, type RunFacts } from './rows.ts'

type RunsQuery = Parameters<CallStore['runs']>[0]
type TreeQuery = Parameters<CallStore['tree']>[0]

/**
 * Runs with a call that the query matches, with the sums over those calls, and runs that have no calls at all and began within the
 * query's time. A run that only calls have named is listed with nothing known of it but its id and the workflow they name, so that its
 * money is seen.
 */
export function runsOf(data: ReferenceData, query: RunsQuery): RunRow[] {
  return matchingRuns(data, query)
    .filter((run) => query.workflow === undefined || run.workflow === query.workflow)
    .filter((run) => query.runIds === undefined || query.runIds.includes(run.runId))
    .filter((run) => query.failedOnly !== true || run.success === false)
    .sort((left, right) => (query.orderBy === 'cost' ? compare(right.cost, left.cost) || byTime(left, right) : byTime(right, left)))
    .slice(0, query.limit)
}

export function failedRunsOf(data: ReferenceData, query: CallQuery & { readonly limit: number }): FailedRun[] {
  const runs = runsOf(data, { ...query, failedOnly: true, orderBy: 'cost' })
  return runs.map(({ organization, runId, workflow, firstCallAt, lastCallAt, calls, unpriced, cost }) => {
    return { organization, runId, workflow, firstCallAt, lastCallAt, calls, unpriced, cost }
  })
}

/** Oldest first; equal times by id. */
function byTime(left: RunRow, right: RunRow): number {
  return compare(timeOf(left) ?? 0, timeOf(right) ?? 0) || compare(left.runId, right.runId)
}

function timeOf(run: RunRow): number | null {
  return run.startedAt ?? run.firstCallAt
}

/** `endedRuns` counts the runs with a known duration: the ones that `durationMs` sums over. An end before its start tells none. */
export function runTotalsOf(data: ReferenceData, { workflows, ...query }: RunTotalsQuery): RunTotals[] {
  return [...new Set(workflows)].sort(compare).flatMap((workflow) => {
    const runs = runsOf(data, { ...query, workflow, limit: Number.POSITIVE_INFINITY })
    return runs.length === 0 ? [] : [totalsOf(workflow, runs)]
  })
}

function totalsOf(workflow: string, runs: readonly RunRow[]): RunTotals {
  const durationsMs = runs.flatMap((run) =>
    !run.durationKnown || run.startedAt === null || run.endedAt === null || run.endedAt < run.startedAt
      ? []
      : [run.endedAt - run.startedAt],
  )
  return {
    ...sumMeasures(runs),
    workflow,
    runs: runs.length,
    succeeded: runs.filter((run) => run.success === true).length,
    failedRuns: runs.filter((run) => run.success === false).length,
    durationMs: durationsMs.reduce((sum, duration) => sum + duration, 0),
    endedRuns: durationsMs.length,
  }
}

/** A run, the runs below it through their parents, and their calls in the order of time. */
export function treeOf(data: ReferenceData, query: TreeQuery): { runs: RunRow[]; calls: CallRow[] } {
  const all = matchingRuns(data, { scope: query.scope, atLeast: query.atLeast })
  const found = all.filter((run) => run.runId === query.runId)
  // The list grows while it is walked; a run is added once, so a cycle of parents ends.
  for (const run of found) {
    for (const other of all) {
      const isChild = other.organization === run.organization && other.parentRunId === run.runId
      if (isChild && !found.includes(other)) found.push(other)
    }
  }
  const calls = matching(data.calls, { scope: query.scope, atLeast: query.atLeast })
    .filter((call) => found.some((run) => run.organization === call.organization && run.runId === call.runId))
    .sort((left, right) => compare(left.at, right.at) || left.seq - right.seq)
    .slice(0, query.limit)
  return { runs: found, calls }
}

function matchingRuns(data: ReferenceData, query: CallQuery): RunRow[] {
  const calls = matching(data.calls, query)
  return allRunFacts(data)
    .filter((facts) => isInScope(facts.organization, query.scope))
    .flatMap((facts) => {
      const ofRun = (call: CallRow): boolean => call.organization === facts.organization && call.runId === facts.runId
      const own = calls.filter(ofRun)
      const isListed = own.length > 0 || (!data.calls.some(ofRun) && startsWithin(facts, query))
      return isListed ? [withSums(facts, own)] : []
    })
}

/** A run without calls is matched by what it says of itself, and by no filter on what only calls say. */
function startsWithin(facts: RunFacts, query: CallQuery): boolean {
  if (facts.startedAt === null || !isWithin(facts.startedAt, query)) return false
  const said: Partial<Record<Dimension, string | null>> = {
    organization: facts.organization,
    workflow: facts.workflow,
    run: facts.runId,
    session: facts.sessionId,
    user: facts.userId,
    team: facts.team,
    project: facts.project,
    cost_center: facts.costCenter,
    error: facts.errorCode,
  }
  return (query.where ?? []).every((filter) => {
    const value = said[filter.dimension]
    return value !== undefined && filter.in.includes(value)
  })
}

/** A run whose start is not known is an execution of the workflow that the first of its calls to name one names. */
function allRunFacts(data: ReferenceData): RunFacts[] {
  return mentionedRuns(data).map((facts) => {
    if (facts.startedAt !== null || facts.workflow !== null) return facts
    const naming = data.calls.filter(
      (call) => call.organization === facts.organization && call.runId === facts.runId && call.workflow !== null,
    )
    const first = naming.sort((left, right) => left.seq - right.seq)[0]
    return { ...facts, workflow: first?.workflow ?? null }
  })
}

function mentionedRuns(data: ReferenceData): RunFacts[] {
  const known = new Map((data.runs ?? []).map((run) => [JSON.stringify([run.organization, run.runId]), run]))
  for (const call of data.calls) {
    if (call.runId === null) continue
    const id = JSON.stringify([call.organization, call.runId])
    if (!known.has(id)) known.set(id, unstartedRun(call.organization, call.runId))
  }
  return [...known.values()]
}

function unstartedRun(organization: string, runId: string): RunFacts {
  return {
    organization,
    runId,
    parentRunId: null,
    workflow: null,
    sessionId: null,
    userId: null,
    team: null,
    project: null,
    costCenter: null,
    startedAt: null,
    endedAt: null,
    success: null,
    errorCode: null,
  }
}

function withSums(facts: RunFacts, calls: readonly CallRow[]): RunRow {
  const times = calls.map((call) => call.at).sort(compare)
  return {
    durationKnown: true,
    ...facts,
    ...sumMeasures(calls.map(measuresOfRow)),
    firstCallAt: times[0] ?? null,
    lastCallAt: times.at(-1) ?? null,
  }
}
