import type { PriceableCall } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'

export const SHORT_TTL_MS = 5 * 60_000
export const LONG_TTL_MS = 60 * 60_000

/**
 * A call among those that can share a cache with it, its lane: the same organization, seller and model, in one session; without a session of one
 * agent, whose calls may belong to several conversations.
 */
export interface Step {
  readonly call: PriceableCall
  readonly lane: string
  readonly by: 'session' | 'agent'
  /** Since the call before it in the lane; null for the first that was looked at. */
  readonly gapMs: Millis | null
  /** Since the call before it that read or wrote a cache, and how many tokens that one left there. Null, 0: there was none. */
  readonly cacheGapMs: Millis | null
  readonly cachedBefore: number
}

export interface Lanes {
  /** In the order of time. */
  readonly steps: readonly Step[]
  /** Calls that say neither session nor agent: nobody can tell what they share. */
  readonly withoutLane: number
}

/** Tokens of a call that were in a cache after it. */
export function cachedTokens(call: Pick<PriceableCall, 'cacheReadTokens' | 'cacheWriteTokens'>): number {
  return call.cacheReadTokens + call.cacheWriteTokens
}

/** Puts calls into lanes. Calls that did not say their tokens, or read none, are left out: a cache has nothing to do with them. */
export function lanesOf(calls: readonly PriceableCall[]): Lanes {
  const lastOf = new Map<string, { at: Millis; cachedAt: Millis | null; cached: number }>()
  const steps: Step[] = []
  let withoutLane = 0
  for (const call of [...calls].sort((left, right) => left.at - right.at || left.seq - right.seq)) {
    if (call.usageEvidence === 'missing' || call.inputTokens === 0) continue
    const by = call.sessionId !== null ? 'session' : 'agent'
    const id = call.sessionId ?? call.agent
    if (id === null) {
      withoutLane += 1
      continue
    }
    const lane = JSON.stringify([by, call.organization, call.seller, call.model, id])
    const last = lastOf.get(lane)
    const cachedAt = last?.cachedAt ?? null
    steps.push({
      call,
      lane,
      by,
      gapMs: last === undefined ? null : call.at - last.at,
      cacheGapMs: cachedAt === null ? null : call.at - cachedAt,
      cachedBefore: last?.cached ?? 0,
    })
    const cached = cachedTokens(call)
    lastOf.set(lane, { at: call.at, cachedAt: cached > 0 ? call.at : cachedAt, cached: cached > 0 ? cached : (last?.cached ?? 0) })
  }
  return { steps, withoutLane }
}
