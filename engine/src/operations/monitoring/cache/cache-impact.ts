import { type CacheImpactAnswer, cacheImpact } from '@purser/contract'
import { addEffects, type CacheEffect, NO_EFFECT } from '../../../insights/index.ts'
import { assert, fail, formatInstant, type Millis, ok, periodAt, type Result, refusal } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implement } from '../../operation.ts'
import { spanAnswer, trailingDays } from '../trailing.ts'
import { effectAnswer, unknownIn } from './effect-answer.ts'
import { EXAMINED_CALLS_MAX, examine, readableFrom } from './examine.ts'

const HOURLY_DAYS_MAX = 7
export const TOO_MANY = `not examined: the calls from here on are more than the ${EXAMINED_CALLS_MAX} that are read for one answer`

/** What caches have saved and embeddings have cost, over time. */
export const cacheImpactOperation = implement(cacheImpact, async (context, input): Promise<Result<CacheImpactAnswer>> => {
  const trailing = trailingDays(context, input)
  if (!trailing.ok) return trailing
  const { query, zone, days } = trailing.value
  const { interval = 'day' } = input
  if (interval === 'hour' && days > HOURLY_DAYS_MAX) {
    return fail(refusal('invalid_period', `points of an hour are for at most ${HOURLY_DAYS_MAX} days`, { path: '/interval' }))
  }
  return answering(async () => {
    const { services } = context
    const { from, to, atLeast, scope } = query
    const starts = startsOf(interval, from, to, zone)
    const readFrom = await readableFrom(services.calls, { from, to, zone, atLeast })
    const sums = await examine(services, {
      scope,
      from: readFrom,
      to,
      ...(input.model === undefined ? {} : { model: input.model }),
      ...(input.agentId === undefined ? {} : { agent: input.agentId }),
      bucketOf: (at) => lastAtOrBefore(starts, at),
      buckets: starts.length,
    })
    const isRead = (start: Millis): boolean => start >= readFrom
    const complete = starts.every(isRead)
    const total = sums.reduce(addEffects, NO_EFFECT)
    return ok({
      ...spanAnswer(trailing.value),
      interval,
      ...pointAnswer(complete ? total : null),
      series: starts.map((start, index) => ({
        start: formatInstant(start),
        ...pointAnswer(isRead(start) ? (sums[index] ?? NO_EFFECT) : null),
      })),
    })
  })
})

function pointAnswer(effect: CacheEffect | null) {
  return { ...effectAnswer(effect), unknown: effect === null ? TOO_MANY : unknownIn(effect) }
}

function startsOf(unit: 'hour' | 'day', from: Millis, to: Millis, zone: string): Millis[] {
  const starts: Millis[] = []
  for (let at = from; at < to; ) {
    const span = periodAt({ unit }, at, zone)
    assert(span.ok, 'the zone was checked, and the clock lies within the calendar')
    starts.push(span.value.start)
    at = span.value.end
  }
  return starts
}

/** Index of the last start at or before a time. */
function lastAtOrBefore(starts: readonly Millis[], at: Millis): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? Number.POSITIVE_INFINITY) <= at) low = middle
    else high = middle - 1
  }
  return low
}
