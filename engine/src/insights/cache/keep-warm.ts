import { picos } from '../../kernel/index.ts'
import type { Usage } from '../../usage/index.ts'
import { type ExactCall, type PriceOf, readInstead, repriced } from './exact-call.ts'
import { cachedTokens, LONG_TTL_MS, type Step } from './lanes.ts'
import { recoverableTokens, writesShort } from './longer-ttl.ts'
import { isConversation, type ReuseByLane } from './reuse.ts'
import { type CacheScenario, type CallChange, ordered, scenarioOf } from './scenario.ts'

/** A call that only keeps the cache alive comes this often: well within five minutes. */
const PING_MS = 270_000

/**
 * What it would have saved to keep each cache of five minutes warm for an hour after a call, by calls that read it and write one token. They are paid
 * whether the session goes on or not: that is what makes this dear, and the saving may well be negative.
 */
export function keepWarm(steps: readonly Step[], exact: ReadonlyMap<number, ExactCall>, price: PriceOf, reuse: ReuseByLane): CacheScenario {
  const changes: CallChange[] = []
  const nextAt = nextCalls(steps)
  const writing = writingLanes(steps, exact, reuse)
  let concerned = 0
  let extra = 0n
  for (const step of steps) {
    const { call } = step
    const found = exact.get(call.seq)
    if (found === undefined || !writing.has(step.lane) || cachedTokens(call) === 0) continue
    const pauseMs = (nextAt.get(call.seq) ?? Number.POSITIVE_INFINITY) - call.at
    const pings = Math.max(0, Math.ceil(Math.min(pauseMs, LONG_TTL_MS) / PING_MS) - 1)
    const recoverable = recoverableTokens(step)
    if (pings === 0 && recoverable === 0) continue
    concerned += 1
    const ping = pings === 0 ? 0n : pingCost(step, found, price)
    const saved = (tokens: number): bigint | null => {
      const cost = repriced(call, found, price, (meters) => readInstead(meters, tokens, '5m'))
      return cost === null || call.cost === null ? null : call.cost - cost
    }
    const [high, low] = [saved(recoverable), saved(Math.floor(recoverable * reuse[step.by].low))]
    if (ping === null || high === null || low === null) continue
    const share = reuse[step.by].expected
    const expected = share === null ? null : saved(Math.floor(recoverable * share))
    extra += ping * BigInt(pings)
    changes.push({ call, expected: expected === null ? null : picos(expected), ...ordered(picos(low), picos(high)) })
  }
  return scenarioOf('keep_warm', TEXTS, changes, { concerned, extra, reason: concerned === 0 ? NONE : FEW })
}

const TEXTS = {
  assumption:
    'After every call that used the cache a call that reads it comes every 4.5 minutes, for at most an hour, and says one token. After a pause as much of the context is the same as after a shorter one.',
  advice:
    'Where it saves, send a heartbeat that reads the cache while a session waits; where it costs more, ask for a longer lifetime or let the cache go.',
}
const NONE = 'no session that was looked at wrote to a cache for five minutes at a price and paused after it'
const FEW = 'too few calls show how much of a context stays the same from call to call, so the saving is a range'

/** Lanes that write for five minutes at a price, of calls that go on from one another: only there is a cache to be kept. */
function writingLanes(steps: readonly Step[], exact: ReadonlyMap<number, ExactCall>, reuse: ReuseByLane): ReadonlySet<string> {
  const lanes = steps.filter(({ call, by }) => {
    const found = exact.get(call.seq)
    return found !== undefined && writesShort(found) > 0 && isConversation(by, reuse[by])
  })
  return new Set(lanes.map(({ lane }) => lane))
}

/** When the next call of the same lane came, by the seq of a call. */
function nextCalls(steps: readonly Step[]): ReadonlyMap<number, number> {
  const lastOf = new Map<string, number>()
  const next = new Map<number, number>()
  for (const { call, lane } of steps) {
    const before = lastOf.get(lane)
    if (before !== undefined) next.set(before, call.at)
    lastOf.set(lane, call.seq)
  }
  return next
}

/** A call that reads all that is in the cache and says one token; null when no price is known for it. */
function pingCost({ call }: Step, { usage }: ExactCall, price: PriceOf): bigint | null {
  const [inference] = usage.inferences
  if (inference === undefined) return null
  const meters = { 'input.cache_read': cachedTokens(call), output: 1 }
  const ping: Usage = {
    ...usage,
    inferences: [{ ...inference, meters, evidence: { output: 'derived', 'input.cache_read': 'derived' } }],
    notes: [],
  }
  const { status, amount } = price(ping, call.organization)
  return status === 'exact' ? amount : null
}
