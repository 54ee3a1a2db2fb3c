import { assert, periodAt } from '../../kernel/index.ts'
import { dimensionOf } from '../dimensions.ts'
import { addMeasures, measuresOfRow, ZERO_MEASURES } from '../measures.ts'
import type { CallFact, FactQuery, FactSums } from '../ports.ts'
import type { CallRow, Measures } from '../records.ts'
import { compare, compareText, matching, type ReferenceData } from './rows.ts'

/** Sums of calls under the first of some facts that each meets; a correction counts with the call that it corrects. */
export function factsOf(data: ReferenceData, query: FactQuery): FactSums[] {
  const groups = new Map<
    string,
    { readonly fact: number; readonly value: string | null; readonly bucketStart?: number; sums: Measures; rows: CallRow[] }
  >()
  for (const row of matching(data.calls, query)) {
    if (query.seqs !== undefined && !query.seqs.includes(row.callSeq)) continue
    const call = data.calls.find((other) => other.calls === 1 && other.seq === row.callSeq) ?? row
    const met = query.facts.findIndex((fact) => meets(data, call, fact))
    const fact = query.facts[met]
    if (fact === undefined) continue
    const value = shownValue(call, fact)
    const bucketStart = query.bucket === undefined ? undefined : startOf(row.at, query.bucket)
    const id = JSON.stringify([met, value, bucketStart])
    const group = groups.get(id) ?? {
      fact: met,
      value,
      ...(bucketStart === undefined ? {} : { bucketStart }),
      sums: ZERO_MEASURES,
      rows: [],
    }
    group.sums = addMeasures(group.sums, measuresOfRow(row))
    if (row.calls === 1) group.rows.push(row)
    groups.set(id, group)
  }
  return [...groups.values()]
    .sort(
      (left, right) =>
        left.fact - right.fact || compareText(left.value, right.value) || compare(left.bucketStart ?? 0, right.bucketStart ?? 0),
    )
    .map(({ rows, sums: { calls, failed, unpriced, cost }, ...group }) => ({
      ...group,
      ...{ calls, failed, unpriced, cost },
      examples: query.bucket !== undefined ? [] : dearest(rows, query.examplesMax ?? 0),
    }))
}

function dearest(rows: readonly CallRow[], max: number): FactSums['examples'] {
  const costOf = (row: CallRow): bigint => row.cost ?? -(10n ** 18n)
  return [...rows]
    .sort((left, right) => compare(costOf(right), costOf(left)) || left.seq - right.seq)
    .slice(0, max)
    .map(({ seq, callId }) => ({ seq, callId }))
}

function shownValue(call: CallRow, fact: CallFact): string | null {
  if (fact.kind === 'tagged') return dimensionOf(call, `tag:${fact.tag}`)
  return fact.kind === 'action' ? call.action : null
}

function meets(data: ReferenceData, call: CallRow, fact: CallFact): boolean {
  switch (fact.kind) {
    case 'tagged':
      return dimensionOf(call, `tag:${fact.tag}`) !== null
    case 'action':
      return call.action !== null && fact.actions.includes(call.action)
    case 'failed':
      return !call.success
    case 'in_failed_run':
      return (data.runs ?? []).some((run) => run.organization === call.organization && run.runId === call.runId && run.success === false)
    case 'tried_again': {
      const next = neighbour(data, call, 1)
      return !call.success && next !== undefined && next.at - call.at <= fact.withinMs
    }
    case 'repeated': {
      const previous = neighbour(data, call, -1)
      return previous?.success === true && call.at - previous.at <= fact.withinMs
    }
  }
}

/** The call of the same request that came after or before. */
function neighbour(data: ReferenceData, call: CallRow, step: 1 | -1): CallRow | undefined {
  if (call.fingerprint === null) return undefined
  const same = data.calls
    .filter((other) => other.calls === 1 && REQUEST.every((field) => other[field] === call[field]))
    .sort((left, right) => compare(left.at, right.at) || left.seq - right.seq)
  return same[same.findIndex((other) => other.seq === call.seq) + step]
}

const REQUEST = ['organization', 'fingerprint', 'model', 'agent'] as const

function startOf(at: number, bucket: NonNullable<FactQuery['bucket']>): number {
  const span = periodAt({ unit: bucket.period }, at, bucket.zone)
  assert(span.ok, 'the zone and the time of a bucket are checked before they are asked about')
  return span.value.start
}
