import { type Picos, picos } from '../../kernel/index.ts'
import { type ExactCall, type PriceOf, readInstead, repriced, shortWrites } from './exact-call.ts'
import { cachedTokens, LONG_TTL_MS, SHORT_TTL_MS, type Step } from './lanes.ts'
import { isConversation, type ReuseByLane } from './reuse.ts'
import { type CacheScenario, type CallChange, ordered, scenarioOf } from './scenario.ts'

/**
 * What a lifetime of an hour in place of five minutes would have saved. Every call that wrote for five minutes pays the price of an hour; one whose lane was
 * used between five minutes and an hour before reads what was there then in place of writing it. Each is priced anew with those meters.
 * How much is still the same after a pause is taken from calls that came within five minutes; at the most all of it, at the least what the tenth that
 * reuses least does. Of calls of an agent that name no session and do not go on from one another it is not known, and may be anything.
 */
export function longerTtl(
  steps: readonly Step[],
  exact: ReadonlyMap<number, ExactCall>,
  price: PriceOf,
  reuse: ReuseByLane,
): CacheScenario {
  const changes: CallChange[] = []
  let concerned = 0
  let unknown = 0
  for (const step of steps) {
    const found = exact.get(step.call.seq)
    if (found === undefined || writesShort(found) === 0) continue
    concerned += 1
    if (!isConversation(step.by, reuse[step.by])) unknown += 1
    const change = changeOf(step, found, price, reuse)
    if (change !== null) changes.push(change)
  }
  return scenarioOf('longer_ttl', TEXTS, changes, { concerned, reason: reasonOf(concerned, reuse, unknown) })
}

const TEXTS = {
  assumption:
    'The same calls at the same times, with every five-minute write paid at the price of an hour. After a pause of five minutes to an hour as much of the context is the same as after a shorter one.',
  advice: 'Ask for a cache lifetime of one hour where a session pauses longer than five minutes (Anthropic: cache_control ttl "1h").',
}

function reasonOf(concerned: number, reuse: ReuseByLane, unknown: number): string | null {
  if (concerned === 0) return 'no call that was looked at wrote to a cache for five minutes at a price'
  if (unknown > 0)
    return `${unknown} calls name no session and do not go on from the call before them, so what they could have read is not known; send session_id`
  if (changesUnknown(reuse))
    return `only ${reuse.session.observed + reuse.agent.observed} calls show how much of a context stays the same from call to call, so the saving is a range`
  return null
}

function changesUnknown(reuse: ReuseByLane): boolean {
  return reuse.session.expected === null || reuse.agent.expected === null
}

function changeOf(step: Step, exact: ExactCall, price: PriceOf, reuse: ReuseByLane): CallChange | null {
  const { expected: share, low: lowShare } = reuse[step.by]
  const isKnown = isConversation(step.by, reuse[step.by])
  const recoverable = isKnown ? recoverableTokens(step) : writesShort(exact)
  const saved = (tokens: number): Picos | null => {
    const cost = repriced(step.call, exact, price, (meters) => readInstead(meters, tokens, '1h'))
    return cost === null || step.call.cost === null ? null : picos(step.call.cost - cost)
  }
  const high = saved(recoverable)
  if (high === null) return null
  if (recoverable === 0) return { call: step.call, low: high, expected: high, high }
  const low = saved(isKnown ? Math.floor(recoverable * lowShare) : 0)
  const expected = !isKnown || share === null ? null : saved(Math.floor(recoverable * share))
  return low === null ? null : { call: step.call, expected, ...ordered(low, high) }
}

/** Tokens that a cache of an hour still had and one of five minutes had no more. */
export function recoverableTokens({ call, cacheGapMs, cachedBefore }: Step): number {
  if (cacheGapMs === null || cacheGapMs <= SHORT_TTL_MS || cacheGapMs > LONG_TTL_MS) return 0
  return Math.max(0, Math.min(cachedBefore, cachedTokens(call)) - call.cacheReadTokens)
}

export function writesShort({ usage }: ExactCall): number {
  return usage.inferences.reduce((sum, { meters }) => sum + shortWrites(meters), 0)
}
