import type { CallQuery, CallStore, PriceableCall } from '../../calls/index.ts'
import { type Picos, picos } from '../../kernel/index.ts'
import type { Meters } from '../../usage/index.ts'
import { type PriceOf, type ReadExact, repriced, shortWrites } from '../cache/exact-call.ts'
import { LONG_TTL_MS, SHORT_TTL_MS } from '../cache/lanes.ts'
import { WASTE_RULES } from './categories.ts'

/** What was paid for putting into a cache what nobody has read. */
export interface ColdStarts {
  /** Calls that were looked at, those posted last. */
  readonly examined: number
  readonly calls: number
  /** Of these, priced again without the cache; the amount is of them alone. */
  readonly priced: number
  /** The price of writing over that of plain input; null when none could be priced. */
  readonly amount: Picos | null
  readonly callIds: readonly string[]
}

export interface ColdStartQuestion extends CallQuery {
  readonly readExact: ReadExact
  readonly price: PriceOf
  readonly examineMax?: number
}

const SHOWN_MAX = 20
/** The newest of them: each is read from the journal. */
const SUSPECTS_MAX = 1_000

/**
 * Calls that wrote to a cache which no call of their agent and model has read from for as long as it lives. Only the dearer price is waste: the input itself was
 * needed. A call that another rule counts whole is left out. What was written less than a lifetime before the last call may still be read.
 */
export async function coldStarts(
  store: CallStore,
  { readExact, price, examineMax: _, ...query }: ColdStartQuestion,
  calls: readonly PriceableCall[],
): Promise<ColdStarts> {
  const suspects = neverRead(calls, SHORT_TTL_MS).slice(0, SUSPECTS_MAX)
  if (suspects.length === 0) return { examined: calls.length, calls: 0, priced: 0, amount: null, callIds: [] }
  const [exact, claimed] = await Promise.all([readExact(suspects), claimedAmong(store, query, suspects)])
  const long = new Set(neverRead(calls, LONG_TTL_MS).map((call) => call.seq))
  const found: { readonly call: PriceableCall; readonly extra: Picos | null }[] = []
  for (const call of suspects) {
    const usage = exact.get(call.seq)
    if (claimed.has(call.seq)) continue
    const lives = usage?.usage.inferences.some(({ meters }) => (meters['input.cache_write_1h'] ?? 0) > 0) === true
    if (lives && !long.has(call.seq)) continue
    const plain = usage === undefined ? null : repriced(call, usage, price, withoutCache)
    found.push({ call, extra: plain === null || call.cost === null ? null : picos(call.cost - plain) })
  }
  const known = found.flatMap(({ call, extra }) => (extra === null ? [] : [{ call, extra }]))
  const wasted = known
    .filter(({ extra }) => extra > 0n)
    .sort((left, right) => (left.extra === right.extra ? left.call.seq - right.call.seq : left.extra > right.extra ? -1 : 1))
  return {
    examined: calls.length,
    calls: found.length,
    priced: known.length,
    amount: known.length === 0 ? null : picos(wasted.reduce((sum, { extra }) => sum + extra, 0n)),
    callIds: wasted.slice(0, SHOWN_MAX).map(({ call }) => call.callId),
  }
}

/** Calls that wrote and after which nobody of their agent and model has read for `ttlMs`, though calls that long after were looked at. */
function neverRead(calls: readonly PriceableCall[], ttlMs: number): PriceableCall[] {
  const newest = calls.reduce((latest, call) => Math.max(latest, call.at), Number.NEGATIVE_INFINITY)
  const nextRead = new Map<string, number>()
  const found: PriceableCall[] = []
  for (const call of [...calls].sort((left, right) => right.at - left.at || right.seq - left.seq)) {
    const key = JSON.stringify([call.organization, call.seller, call.model, call.agent ?? `session:${call.sessionId}`])
    const readAt = nextRead.get(key)
    const isRead = readAt !== undefined && readAt - call.at <= ttlMs
    if (call.cacheWriteTokens > 0 && !isRead && newest - call.at > ttlMs) found.push(call)
    if (call.cacheReadTokens > 0) nextRead.set(key, call.at)
  }
  return found
}

async function claimedAmong(store: CallStore, query: CallQuery, calls: readonly PriceableCall[]): Promise<ReadonlySet<number>> {
  const seqs = calls.map((call) => call.seq)
  const sums = await store.facts({ ...query, facts: WASTE_RULES.map(({ fact }) => fact), seqs, examplesMax: seqs.length })
  return new Set(sums.flatMap(({ examples }) => examples.map(({ seq }) => seq)))
}

function withoutCache(meters: Meters): Meters {
  const { 'input.cache_write': _unsaid, 'input.cache_write_5m': _short, 'input.cache_write_1h': long = 0, ...rest } = meters
  return { ...rest, input: (meters.input ?? 0) + shortWrites(meters) + long }
}
