import { assert, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { RepeatRow } from '../ports.ts'
import type { CallRow } from '../records.ts'
import { compare } from './rows.ts'

/**
 * Requests with one fingerprint and model that one agent made more than once, dearest repetition first. `callIds` are in the
 * order of time, so the first one is the call that was needed. An adjustment belongs to the call it corrects.
 */
export function repeatsOf(rows: readonly CallRow[], limit: number): RepeatRow[] {
  const groups = new Map<string, CallRow[]>()
  for (const row of rows) {
    if (row.calls === 0 || row.fingerprint === null) continue
    const id = JSON.stringify([row.organization, row.fingerprint, row.model, row.agent])
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  const costOf = (call: CallRow): bigint => sumPicos(rows.filter((row) => row.callSeq === call.callSeq).map((row) => row.cost ?? ZERO))
  return [...groups.values()]
    .filter((calls) => calls.length > 1)
    .map((calls) =>
      repeatOf(
        [...calls].sort((left, right) => compare(left.at, right.at) || left.seq - right.seq),
        costOf,
      ),
    )
    .sort((left, right) => compare(right.repeatedCost, left.repeatedCost) || compare(left.fingerprint, right.fingerprint))
    .slice(0, limit)
}

function repeatOf(calls: readonly CallRow[], costOf: (call: CallRow) => bigint): RepeatRow {
  const [first] = calls
  assert(first !== undefined && first.fingerprint !== null, 'a group of repeated calls is never empty')
  const cost = calls.reduce((sum, call) => sum + costOf(call), 0n)
  return {
    organization: first.organization,
    fingerprint: first.fingerprint,
    agent: first.agent,
    model: first.model,
    calls: calls.length,
    cost: picos(cost),
    repeatedCost: picos(cost - costOf(first)),
    callIds: calls.map((call) => call.callId),
  }
}
