import { type CallQuery, type CallStore, type Measures, sumMeasures, ZERO_MEASURES } from '../calls/index.ts'
import { assert, LIMITS, type Millis, periodAt } from '../kernel/index.ts'

export interface Day extends Measures {
  /** The first instant of the day in the question's zone. */
  readonly start: Millis
}

/**
 * What was spent on each local day, oldest first. Days without calls are there with zeros, from the question's `from` (else the first
 * day with calls) to its `to` (else the last), so that a chart needs no gap filling and a quiet day is seen to be quiet.
 */
export async function dailySpend(store: CallStore, question: CallQuery & { readonly zone: string }): Promise<Day[]> {
  const { zone, ...query } = question
  const groups = await store.aggregate({ ...query, groupBy: [], bucket: { period: 'day', zone }, orderBy: 'key' })
  const known = new Map<Millis, Measures>()
  for (const { bucketStart, keys, ...sums } of groups) {
    assert(bucketStart !== undefined && keys.length === 0, 'a bucketed sum says which bucket it is of')
    known.set(bucketStart, sums)
  }
  const starts = [...known.keys()].sort((left, right) => left - right)
  const first = question.from ?? starts[0]
  const last = question.to === undefined ? starts.at(-1) : question.to - 1
  if (first === undefined || last === undefined) return []
  return filled(known, first, last, zone)
}

function filled(known: ReadonlyMap<Millis, Measures>, first: Millis, last: Millis, zone: string): Day[] {
  const days: Day[] = []
  let at = first
  while (at <= last && days.length <= LIMITS.pastDaysMax) {
    const span = periodAt({ unit: 'day' }, at, zone)
    assert(span.ok, 'the zone and the times of a question are checked before it is asked')
    days.push({ start: span.value.start, ...(known.get(span.value.start) ?? ZERO_MEASURES) })
    at = span.value.end
  }
  // A question without bounds may span more days than calls can lie back; then the days that have calls are still all there.
  const listed = new Set(days.map((day) => day.start))
  const missed = [...known].filter(([start]) => !listed.has(start)).map(([start, sums]) => ({ start, ...sumMeasures([sums]) }))
  return [...days, ...missed].sort((left, right) => left.start - right.start)
}
