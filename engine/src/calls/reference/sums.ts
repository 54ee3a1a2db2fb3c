import { picos, ZERO } from '../../kernel/index.ts'
import { measuresOfRow, sumMeasures } from '../measures.ts'
import type { CallAmount, SumBucket } from '../ports.ts'
import type { CallRow } from '../records.ts'
import { compare } from './rows.ts'

export function callsAndCost(calls: readonly CallRow[]): { calls: number; cost: SumBucket['cost'] } {
  const sums = sumMeasures(calls.map(measuresOfRow))
  return { calls: sums.calls, cost: sums.cost }
}

export function sumsBySeq(calls: readonly CallRow[], bucketSize: number): SumBucket[] {
  const buckets = new Map<string, SumBucket>()
  for (const row of calls) {
    const fromSeq = Math.floor(row.seq / bucketSize) * bucketSize
    const id = JSON.stringify([row.organization, fromSeq])
    const before = buckets.get(id)
    buckets.set(id, {
      organization: row.organization,
      fromSeq,
      toSeq: fromSeq + bucketSize,
      calls: (before?.calls ?? 0) + row.calls,
      cost: picos((before?.cost ?? ZERO) + (row.cost ?? ZERO)),
    })
  }
  return [...buckets.values()].sort((left, right) => compare(left.organization, right.organization) || left.fromSeq - right.fromSeq)
}

export function amountsOf(calls: readonly CallRow[], fromSeq: number, toSeq: number): CallAmount[] {
  return calls
    .filter((row) => row.seq >= fromSeq && row.seq < toSeq)
    .map(({ seq, organization, callId, cost }) => ({ seq, organization, callId, cost }))
    .sort((left, right) => left.seq - right.seq)
}
