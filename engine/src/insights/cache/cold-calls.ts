import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import { LONG_TTL_MS, SHORT_TTL_MS, type Step } from './lanes.ts'

/** Why a call found nothing in the cache. */
export type ColdReason =
  /** The first of its lane that was looked at. */
  | 'first_call'
  /** The cache was used within five minutes before: what it begins with must have changed. */
  | 'cache_lost'
  /** Longer than five minutes ago, within an hour: a lifetime of an hour would have kept it. */
  | 'after_5m'
  /** Longer than an hour ago. */
  | 'after_1h'

export interface ColdCalls {
  readonly calls: number
  readonly inputTokens: number
  readonly writtenTokens: number
  /** Known cost of the calls, all of it: not what warmth would have saved. */
  readonly cost: Picos
  readonly unpriced: number
  readonly byReason: Readonly<Record<ColdReason, number>>
  /** The dearest first. */
  readonly callIds: readonly string[]
}

const SHOWN_MAX = 20

/**
 * A call is cold that read nothing from a cache although it wrote to one, or although a call before it in its lane had left something there.
 * Calls of lanes that never use a cache are not cold: they have nothing to read.
 */
export function coldCalls(steps: readonly Step[]): ColdCalls {
  const byReason: Record<ColdReason, number> = { first_call: 0, cache_lost: 0, after_5m: 0, after_1h: 0 }
  const cold: PriceableCall[] = []
  for (const step of steps) {
    if (!isCold(step)) continue
    cold.push(step.call)
    byReason[reasonOf(step)] += 1
  }
  const known = cold.filter((call) => call.cost !== null)
  const dearest = [...known].sort(byCost)
  return {
    calls: cold.length,
    inputTokens: cold.reduce((sum, call) => sum + call.inputTokens, 0),
    writtenTokens: cold.reduce((sum, call) => sum + call.cacheWriteTokens, 0),
    cost: picos(known.reduce((sum, call) => sum + (call.cost ?? 0n), 0n)),
    unpriced: cold.length - known.length,
    byReason,
    callIds: dearest.slice(0, SHOWN_MAX).map((call) => call.callId),
  }
}

export function isCold({ call, cachedBefore }: Step): boolean {
  return call.cacheReadTokens === 0 && (call.cacheWriteTokens > 0 || cachedBefore > 0)
}

function reasonOf({ cacheGapMs }: Step): ColdReason {
  if (cacheGapMs === null) return 'first_call'
  if (cacheGapMs <= SHORT_TTL_MS) return 'cache_lost'
  return cacheGapMs <= LONG_TTL_MS ? 'after_5m' : 'after_1h'
}

function byCost(left: PriceableCall, right: PriceableCall): number {
  const [one, other] = [left.cost ?? ZERO, right.cost ?? ZERO]
  if (one === other) return left.seq - right.seq
  return one > other ? -1 : 1
}
