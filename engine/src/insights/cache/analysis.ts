import { type CallQuery, type CallStore, knownTokens, type Measures } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { share } from '../averages.ts'
import { totalOf } from '../breakdown.ts'
import { type ColdCalls, coldCalls } from './cold-calls.ts'
import type { PriceOf, ReadExact } from './exact-call.ts'
import { keepWarm } from './keep-warm.ts'
import { lanesOf } from './lanes.ts'
import { longerTtl } from './longer-ttl.ts'
import { mergedColdStarts } from './merged-starts.ts'
import { type ReuseByLane, reuseByLane } from './reuse.ts'
import type { CacheScenario } from './scenario.ts'
import { type SessionOverlap, sessionOverlap } from './session-overlap.ts'
import { type Warmth, warmthDecay } from './warmth.ts'
import { type InputCost, inputCost } from './write-share.ts'

export interface CacheQuestion extends CallQuery {
  readonly readExact: ReadExact
  readonly price: PriceOf
  /** Calls that are looked at one by one, those posted last; and how many of these are read from the journal and priced again. */
  readonly examineMax?: number
  readonly exactMax?: number
}

export interface CacheAnalysis {
  /** Of all calls of the question. */
  readonly total: Measures
  /** Cached tokens of input tokens; null when no call has said its tokens. */
  readonly hitRate: number | null
  readonly writeTokenShare: number | null
  /** Whether any call has read or written a cache. */
  readonly isUsed: boolean
  /** The calls posted last, that everything below is about. */
  readonly examined: { readonly calls: number; readonly exact: number; readonly from: Millis | null; readonly to: Millis | null }
  readonly inputCost: InputCost
  readonly cold: ColdCalls
  readonly warmth: readonly Warmth[]
  readonly overlap: SessionOverlap
  readonly reuse: ReuseByLane
  readonly scenarios: readonly CacheScenario[]
  /** What the calls do not say, and what to send. */
  readonly missing: readonly string[]
}

/** Enough for the sessions of some hours; a page waits for them. */
const EXAMINE_MAX = 5_000
const EXACT_MAX = 1_000

/** How well are caches used, what made calls cold, and what would it have cost otherwise? */
export async function analyseCache(store: CallStore, question: CacheQuestion): Promise<CacheAnalysis> {
  const { readExact, price, examineMax = EXAMINE_MAX, exactMax = EXACT_MAX, ...query } = question
  const [total, calls] = await Promise.all([totalOf(store, query), store.lastPosted({ ...query, limit: examineMax })])
  const { steps, withoutLane } = lanesOf(calls)
  const exact = await readExact(calls.slice(0, exactMax))
  const reuse = reuseByLane(steps)
  const times = calls.map((call) => call.at)
  const isKnown = knownTokens(total) !== null
  return {
    total,
    hitRate: isKnown ? share(total.cacheReadTokens, total.inputTokens) : null,
    writeTokenShare: isKnown ? share(total.cacheWriteTokens, total.inputTokens) : null,
    isUsed: total.cacheReadTokens + total.cacheWriteTokens > 0,
    examined: { calls: calls.length, exact: exact.size, from: least(times), to: greatest(times) },
    inputCost: inputCost(calls, exact),
    cold: coldCalls(steps),
    warmth: warmthDecay(steps),
    overlap: sessionOverlap(calls),
    reuse,
    scenarios: [longerTtl(steps, exact, price, reuse), mergedColdStarts(steps, exact, price), keepWarm(steps, exact, price, reuse)],
    missing: missingOf(total, calls, withoutLane),
  }
}

function missingOf(total: Measures, calls: Awaited<ReturnType<CallStore['lastPosted']>>, withoutLane: number): string[] {
  if (total.calls === 0) return ['No calls in this period: there is nothing to say.']
  const missing: string[] = []
  const of = `of the ${calls.length} calls that were looked at`
  const withoutSession = calls.filter((call) => call.sessionId === null).length
  const withoutFingerprint = calls.filter((call) => call.fingerprint === null).length
  if (total.unmetered > 0)
    missing.push(`${total.unmetered} of ${total.calls} calls did not say their tokens; send input_tokens and the cache counters.`)
  if (total.cacheReadTokens + total.cacheWriteTokens === 0)
    missing.push(
      'No call has read or written a cache, or said so; send cache_read_tokens and cache_write_tokens (or the usage as the provider reports it).',
    )
  if (withoutSession > 0) missing.push(`${withoutSession} ${of} name no session, and are put together by agent; send session_id.`)
  if (withoutLane > 0) missing.push(`${withoutLane} ${of} name neither session nor agent, and are left out; send session_id or agent_name.`)
  if (withoutFingerprint > 0)
    missing.push(`${withoutFingerprint} ${of} have no fingerprint, so that sessions cannot be compared by them; send prompt_fingerprint.`)
  return missing
}

function least(times: readonly Millis[]): Millis | null {
  return times.length === 0 ? null : times.reduce((one, other) => Math.min(one, other))
}

function greatest(times: readonly Millis[]): Millis | null {
  return times.length === 0 ? null : times.reduce((one, other) => Math.max(one, other))
}
