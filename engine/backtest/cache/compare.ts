import { type CacheScenario, lanesOf, longerTtl, reuseByLane } from '../../src/insights/index.ts'
import { type Picos, picos } from '../../src/kernel/index.ts'
import type { TracedRequest } from './mooncake.ts'
import { simulatePrefixCache } from './prefix-cache.ts'
import { catalogPrice, reportedWorld } from './reported.ts'

export interface Comparison {
  readonly what: string
  readonly requests: number
  /** What the calls cost with a cache of five minutes, and what a cache of an hour truly makes of them. */
  readonly costShort: Picos
  readonly costLong: Picos
  readonly trueSaving: Picos
  /** What the estimator said, from the calls with five minutes alone. */
  readonly predicted: CacheScenario
  /** Of the true saving, and of the cost; null where the estimator gave no amount. Statistics, for reading. */
  readonly errorOfSaving: number | null
  readonly errorOfCost: number | null
  readonly isInRange: boolean
}

const SHORT_MS = 300_000
const LONG_MS = 3_600_000

/** A trace under a cache of five minutes is all that the estimator sees; what it says of an hour is compared with the trace under a cache of an hour. */
export function compareTtl(what: string, requests: readonly TracedRequest[], sessions: boolean): Comparison {
  const priceOf = catalogPrice()
  const options = { priceOf, sessions }
  const short = reportedWorld(requests, simulatePrefixCache(requests, SHORT_MS), '5m', options)
  const long = reportedWorld(requests, simulatePrefixCache(requests, LONG_MS), '1h', options)
  const { steps } = lanesOf(short.calls)
  const predicted = longerTtl(steps, short.exact, priceOf, reuseByLane(steps))
  const trueSaving = picos(short.cost - long.cost)
  const error = predicted.saving === null ? null : Number(predicted.saving - trueSaving)
  return {
    what,
    requests: requests.length,
    costShort: short.cost,
    costLong: long.cost,
    trueSaving,
    predicted,
    errorOfSaving: error === null ? null : error / Math.abs(Number(trueSaving)),
    errorOfCost: error === null ? null : error / Number(short.cost),
    isInRange: predicted.range !== null && predicted.range.low <= trueSaving && trueSaving <= predicted.range.high,
  }
}

/** The whole trace, parts of it, and the whole as a caller would report it that names no sessions. */
export function compareAll(trace: readonly TracedRequest[]): Comparison[] {
  const conversations = new Set(trace.map(({ session }) => session))
  const counts = new Map<string, number>()
  for (const { session } of trace) counts.set(session, (counts.get(session) ?? 0) + 1)
  const paused = pausedConversations(trace)
  const half = trace.length / 2
  const place = new Map([...conversations].map((session, index) => [session, index]))
  const inPart = (parts: number, part: number) => (request: TracedRequest) => (place.get(request.session) ?? 0) % parts === part
  return [
    compareTtl('all of it', trace, true),
    compareTtl('the first half hour', trace.slice(0, half), true),
    compareTtl('the second half hour', trace.slice(half), true),
    ...[0, 1, 2, 3].map((part) => compareTtl(`every fourth conversation, from number ${part + 1}`, trace.filter(inPart(4, part)), true)),
    compareTtl(
      'conversations of three requests or more',
      trace.filter(({ session }) => (counts.get(session) ?? 0) >= 3),
      true,
    ),
    compareTtl(
      'conversations that paused for five minutes or more',
      trace.filter(({ session }) => paused.has(session)),
      true,
    ),
    compareTtl('all of it, without session ids', trace, false),
  ]
}

function pausedConversations(trace: readonly TracedRequest[]): ReadonlySet<string> {
  const lastAt = new Map<string, number>()
  const paused = new Set<string>()
  for (const { session, atMs } of trace) {
    const before = lastAt.get(session)
    if (before !== undefined && atMs - before > SHORT_MS) paused.add(session)
    lastAt.set(session, atMs)
  }
  return paused
}
