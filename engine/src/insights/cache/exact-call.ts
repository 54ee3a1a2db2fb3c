import type { PriceableCall } from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'
import type { LedgerStore } from '../../ledger/index.ts'
import type { Charge, ChargeLine } from '../../pricing/index.ts'
import type { Inference, Meter, Meters, Usage } from '../../usage/index.ts'

/** A call as its journal entry has it: the projection knows how much went into a cache, the journal for how long. */
export interface ExactCall {
  readonly usage: Usage
  /** What was posted; the lines of a call that was adjusted since are not those of its cost. */
  readonly lines: readonly ChargeLine[]
  readonly costPosted: Picos | null
}

/** By seq; without the calls that the journal has no more. */
export type ReadExact = (calls: readonly PriceableCall[]) => Promise<ReadonlyMap<number, ExactCall>>

/** Prices a usage by the rates of an organization; whoever implements it chooses by which knowledge. */
export type PriceOf = (usage: Usage, organization: string) => Pick<Charge, 'status' | 'amount'>

/** Calls asked for at once: enough that a database over a network is not waited for one by one. */
const AT_ONCE = 64

export function exactFrom(journal: Pick<LedgerStore, 'findCall'>): ReadExact {
  return async (calls) => {
    const found = new Map<number, ExactCall>()
    for (let start = 0; start < calls.length; start += AT_ONCE) {
      const some = calls.slice(start, start + AT_ONCE)
      const entries = await Promise.all(some.map(({ organization, callId }) => journal.findCall(organization, callId)))
      some.forEach(({ seq }, index) => {
        const event = entries[index]?.event
        if (event?.kind !== 'call') return
        const { usage, charge } = event.call
        found.set(seq, { usage, lines: charge.lines, costPosted: charge.amount })
      })
    }
    return found
  }
}

/** Changes the meters of a call. Null: it has none that the change is about. */
export type Change = (meters: Meters) => Meters | null

/**
 * What a call would have cost with other meters; null where that cannot be said. Its own usage is priced first, and only when that gives its cost to the pico
 * does the price of another one mean anything.
 */
export function repriced(call: PriceableCall, exact: ExactCall, price: PriceOf, change: Change): Picos | null {
  if (call.cost === null || price(exact.usage, call.organization).amount !== call.cost) return null
  const index = cachingInference(exact.usage)
  const inference = index === null ? undefined : exact.usage.inferences[index]
  const meters = inference === undefined ? null : change(inference.meters)
  if (inference === undefined || meters === null) return null
  const inferences = exact.usage.inferences.map((other, place): Inference => (place === index ? withMeters(inference, meters) : other))
  // The lifetime of every write is said now, so a note that it had to be assumed would make the price doubtful for nothing.
  const notes = exact.usage.notes.filter((note) => note.code !== 'cache_ttl_assumed')
  const { status, amount } = price({ ...exact.usage, inferences, notes }, call.organization)
  return status === 'exact' ? amount : null
}

/** The one inference that reads or writes a cache; null for none, and for several: what a change would do to each is not known. */
function cachingInference(usage: Usage): number | null {
  const caching = usage.inferences.flatMap(({ meters }, index) => (cachedIn(meters) > 0 ? [index] : []))
  return caching.length === 1 ? (caching[0] ?? null) : null
}

function withMeters(inference: Inference, meters: Meters): Inference {
  const used = Object.entries(meters).filter(([, quantity]) => quantity > 0) as [Meter, number][]
  const evidence = Object.fromEntries(used.map(([meter]) => [meter, inference.evidence[meter] ?? ('derived' as const)]))
  return { ...inference, meters: Object.fromEntries(used), evidence }
}

const SHORT_WRITES = ['input.cache_write_5m', 'input.cache_write'] as const satisfies readonly Meter[]

/** Tokens written for five minutes: what says no lifetime has the seller's default, which is that. */
export function shortWrites(meters: Meters): number {
  return SHORT_WRITES.reduce((sum, meter) => sum + (meters[meter] ?? 0), 0)
}

/** Tokens read from a cache or written to one. */
function cachedIn(meters: Meters): number {
  return shortWrites(meters) + (meters['input.cache_write_1h'] ?? 0) + (meters['input.cache_read'] ?? 0)
}

/** The meters with `tokens` of what was written for five minutes read instead, and the rest written for `lifetime`. */
export function readInstead(meters: Meters, tokens: number, lifetime: '5m' | '1h'): Meters {
  const { 'input.cache_write': unsaid = 0, 'input.cache_write_5m': short = 0, 'input.cache_write_1h': long = 0, ...rest } = meters
  const left = unsaid + short - Math.min(tokens, unsaid + short)
  return {
    ...rest,
    'input.cache_read': (meters['input.cache_read'] ?? 0) + (unsaid + short - left),
    'input.cache_write_5m': lifetime === '5m' ? left : 0,
    'input.cache_write_1h': long + (lifetime === '1h' ? left : 0),
  }
}
