import { cachedTokens, SHORT_TTL_MS, type Step } from './lanes.ts'

/** How much of what a call left in the cache the next one read, where the cache was warm for certain. */
export interface Reuse {
  /** Calls that this was seen of. */
  readonly observed: number
  /** Tokens read of those that could have been, 0 to 1; null when too few calls show it. */
  readonly expected: number | null
  /** What the tenth of them that reads least stays below; 0 when too few show it. */
  readonly low: number
}

/** By what puts calls into lanes: a session is one conversation, an agent may hold many at once. */
export type ReuseByLane = Readonly<Record<Step['by'], Reuse>>

/** Below it the calls of an agent do not go on from one another: what one left is not what the next could have read. */
const ONE_CONVERSATION_MIN = 0.5

/** Whether what the call before left in the cache says what a call could have read. */
export function isConversation(by: Step['by'], reuse: Reuse): boolean {
  return by === 'session' || (reuse.expected !== null && reuse.expected >= ONE_CONVERSATION_MIN)
}

export function reuseByLane(steps: readonly Step[]): ReuseByLane {
  const of = (by: Step['by']): Reuse => observedReuse(steps.filter((step) => step.by === by))
  return { session: of('session'), agent: of('agent') }
}

/** Fewer are chance. */
const OBSERVED_MIN = 20

/** The share of a context that is still the same in the next call of its lane: what a cache that lives longer would have given back. */
function observedReuse(steps: readonly Step[]): Reuse {
  const shares: number[] = []
  let read = 0
  let readable = 0
  for (const { call, cacheGapMs, cachedBefore } of steps) {
    if (cacheGapMs === null || cacheGapMs > SHORT_TTL_MS) continue
    const could = Math.min(cachedBefore, cachedTokens(call))
    if (could === 0) continue
    const did = Math.min(call.cacheReadTokens, could)
    shares.push(did / could)
    read += did
    readable += could
  }
  if (shares.length < OBSERVED_MIN) return { observed: shares.length, expected: null, low: 0 }
  shares.sort((left, right) => left - right)
  const expected = read / readable
  return { observed: shares.length, expected, low: Math.min(expected, shares[Math.floor(shares.length / 10)] ?? 0) }
}
