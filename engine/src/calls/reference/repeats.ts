import { assert, sumPicos } from '../../kernel/index.ts'
import { measuresOfRow, subtractMeasures, sumMeasures } from '../measures.ts'
import { REPEAT_CALL_IDS_MAX, type RepeatQuery, type RepeatRow } from '../ports.ts'
import type { CallRow, Measures } from '../records.ts'
import { compare, matching, type ReferenceData } from './rows.ts'

/**
 * Requests with one fingerprint and model that one agent made more than once, dearest repetition first. `callIds` are in the
 * order of time, so the first one is the call that was needed. An adjustment belongs to the call it corrects.
 */
export function repeatsOf(data: ReferenceData, query: RepeatQuery): RepeatRow[] {
  const rows = matching(data.calls, query)
  const groups = new Map<string, CallRow[]>()
  for (const row of rows) {
    if (row.calls === 0 || row.fingerprint === null) continue
    const id = JSON.stringify([row.organization, row.fingerprint, row.model, row.agent])
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  const hasFailed = ({ organization, runId }: CallRow): boolean =>
    (data.runs ?? []).some((run) => run.organization === organization && run.runId === runId && run.success === false)
  const ofCall = (call: CallRow): Measures => sumMeasures(rows.filter((row) => row.callSeq === call.callSeq).map(measuresOfRow))
  return [...groups.values()]
    .filter((calls) => calls.length > 1)
    .map((calls) =>
      repeatOf(
        [...calls].sort((left, right) => compare(left.at, right.at) || left.seq - right.seq),
        ofCall,
        hasFailed,
      ),
    )
    .sort((left, right) => compare(right.repeatedCost, left.repeatedCost) || compare(left.fingerprint, right.fingerprint))
    .slice(0, query.limit)
    .map((repeat) => ({ ...repeat, callIds: repeat.callIds.slice(0, query.callIdsMax ?? REPEAT_CALL_IDS_MAX) }))
}

function repeatOf(calls: readonly CallRow[], ofCall: (call: CallRow) => Measures, hasFailed: (call: CallRow) => boolean): RepeatRow {
  const [first, ...again] = calls
  assert(first !== undefined && first.fingerprint !== null, 'a group of repeated calls is never empty')
  const all = sumMeasures(calls.map(ofCall))
  const repeated = subtractMeasures(all, ofCall(first))
  return {
    organization: first.organization,
    fingerprint: first.fingerprint,
    agent: first.agent,
    model: first.model,
    calls: calls.length,
    cost: all.cost,
    repeatedCost: repeated.cost,
    unpriced: all.unpriced,
    repeatedUnpriced: repeated.unpriced,
    callIds: calls.map((call) => call.callId),
    inFailedRuns: byRun(again.filter(hasFailed), ofCall),
  }
}

function byRun(calls: readonly CallRow[], ofCall: (call: CallRow) => Measures): RepeatRow['inFailedRuns'] {
  const runIds = [...new Set(calls.flatMap((call) => (call.runId === null ? [] : [call.runId])))].sort(compare)
  return runIds.map((runId) => ({ runId, cost: sumPicos(calls.filter((call) => call.runId === runId).map((call) => ofCall(call).cost)) }))
}
