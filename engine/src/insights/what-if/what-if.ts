import { type CallQuery, type CallRow, type CallStore, dimensionOf } from '../../calls/index.ts'
import { type Millis, type Picos, picos } from '../../kernel/index.ts'
import type { Usage } from '../../usage/index.ts'
import { callsInOrder } from './calls-in-order.ts'
import type { Change, UsageChange } from './change.ts'
import { changedUsage } from './changed-usage.ts'
import { madeDecider } from './made.ts'
import { type Again, type PostedUsage, type PriceUsageAs, pricedAgain, ratesConcern, withPercent } from './priced-again.ts'
import { type CacheRole, cacheRoles } from './repeats.ts'
import { type Tallied, WhatIfTally } from './tally.ts'

/** What some calls would have cost under changes. */
export interface WhatIfQuestion extends CallQuery {
  readonly changes: readonly Change[]
  /** Days of the answer. */
  readonly zone: string
  /** Rates in force when each call was made, or those in force now. */
  readonly pricesAt: 'call' | 'now'
  readonly now: Millis
  /** Entries of the journal up to this one are looked at. */
  readonly throughSeq: number
}

export interface WhatIfMeans {
  readonly store: CallStore
  /** What the journal has of calls that happened in a time, by the seq of the entry that posted them, in any order; others may be among them. */
  readonly usages: (span: Pick<CallQuery, 'from' | 'to'>) => AsyncIterable<PostedUsage & { readonly seq: number }>
  readonly price: PriceUsageAs
}

/**
 * Looks at each call: would it have been made, what would it have consumed, what would that have cost. A call that no change concerns costs what it was posted at. Holds
 * some 200 bytes a call, and reads the journal only where what was consumed, or a rate, is another.
 */
export async function whatIfByCalls(question: WhatIfQuestion, { store, usages, price }: WhatIfMeans): Promise<Tallied> {
  const { changes, pricesAt } = question
  const calls = await callsOf(question, store)
  const tally = new WhatIfTally(question.zone)
  const needsUsage = pricesAt === 'now' || changes.some(isOfUsage)
  const waiting = new Set<number>()
  for (const call of calls.values()) {
    if (needsUsage && call.made && !call.untold && (pricesAt === 'now' || asksUsage(call, changes))) waiting.add(call.seq)
    else tally.add(outcomeOf(call, changes, null))
  }
  if (waiting.size > 0) {
    for await (const posted of usages(question)) {
      const call = waiting.delete(posted.seq) ? calls.get(posted.seq) : undefined
      if (call !== undefined) tally.add(outcomeOf(call, changes, again(call, posted, question, price)))
    }
  }
  for (const seq of waiting) {
    const call = calls.get(seq)
    if (call !== undefined) tally.add(outcomeOf(call, changes, NOT_IN_JOURNAL))
  }
  return tally.result()
}

/** What is kept of a call while the others are read. */
interface Kept {
  readonly seq: number
  readonly callId: string
  readonly model: string | null
  readonly seller: string | null
  readonly at: Millis
  /** The changes whose filter lets it pass, a bit each. */
  readonly concerned: number
  readonly made: boolean
  readonly untold: boolean
  readonly compared: boolean
  cost: bigint
  unpriced: number
  role: CacheRole
}

async function callsOf(question: WhatIfQuestion, store: CallStore): Promise<Map<number, Kept>> {
  const { changes, throughSeq } = question
  const decide = madeDecider(changes)
  const repeats = changes.find((change) => change.kind === 'cache_repeats')
  const cache = repeats === undefined ? null : cacheRoles<Kept>(repeats.ttl, (call, role) => (call.role = role))
  const repeatsAt = repeats === undefined ? -1 : changes.indexOf(repeats)
  const calls = new Map<number, Kept>()
  for await (const row of callsInOrder(store, queryOf(question), throughSeq)) {
    if (row.calls === 0) {
      const corrected = calls.get(row.callSeq)
      if (corrected === undefined) continue
      corrected.cost += row.cost ?? 0n
      corrected.unpriced += row.unpriced
      continue
    }
    const concerned = concernedOf(row, changes)
    const concerns = (index: number): boolean => hasBit(concerned, index)
    const { made, untold, compared } = decide(row, concerns)
    const cached = made && concerns(repeatsAt)
    const { seq, callId, model, seller, at, cost, unpriced } = row
    const call: Kept = {
      ...{ seq, callId, model, seller, at, concerned, made, unpriced, role: null },
      untold: untold || (cached && row.fingerprint === null),
      compared: compared || cached,
      cost: cost ?? 0n,
    }
    calls.set(seq, call)
    if (cached) cache?.(row, call)
  }
  return calls
}

function queryOf({ scope, from, to, where, atLeast }: WhatIfQuestion): CallQuery {
  return {
    scope,
    atLeast,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(where === undefined ? {} : { where }),
  }
}

function concernedOf(row: CallRow, changes: readonly Change[]): number {
  let bits = 0
  for (const [index, { where }] of changes.entries()) {
    if (where.every((filter) => filter.in.includes(dimensionOf(row, filter.dimension)))) bits |= 1 << index
  }
  return bits
}

function hasBit(bits: number, index: number): boolean {
  return index >= 0 && (bits & (1 << index)) !== 0
}

function isOfUsage(change: Change): boolean {
  return change.kind === 'rates' || isUsageChange(change)
}

function isUsageChange(change: Change): change is UsageChange & Pick<Change, 'where'> {
  return ['swap_model', 'tier', 'read_share', 'cache_repeats', 'output_cap'].includes(change.kind)
}

/** Whether what it consumed has to be looked at: a change of consumption or of single rates lets it pass. */
function asksUsage({ concerned, role }: Kept, changes: readonly Change[]): boolean {
  return changes.some(
    (change, index) => hasBit(concerned, index) && isOfUsage(change) && (change.kind !== 'cache_repeats' || role !== null),
  )
}

/** How a call fares whose consumption was looked at. `null`: nothing of it is otherwise. */
type Looked = { readonly again: Again; readonly model: string | null; readonly seller: string | null } | null

const NOT_IN_JOURNAL: Looked = { again: { cost: null, reason: 'not_in_journal', ways: [] }, model: null, seller: null }

function again(call: Kept, posted: PostedUsage, { changes, pricesAt, now }: WhatIfQuestion, price: PriceUsageAs): Looked {
  let changed: Usage = posted.usage
  let swapped = false
  const rates: number[] = []
  for (const [index, change] of changes.entries()) {
    if (!hasBit(call.concerned, index)) continue
    if (change.kind === 'rates') rates.push(index)
    if (!isUsageChange(change)) continue
    const before = changed
    changed = changedUsage(changed, change, call.role)
    swapped ||= change.kind === 'swap_model' && changed !== before && change.seller === null
  }
  const isSame = changed === posted.usage && pricesAt === 'call'
  if (isSame && (rates.length === 0 || !ratesConcern(posted, rates, now, price))) return null
  const model = changed === posted.usage ? call.model : (changed.modelServed ?? changed.modelRequested)
  const { seller } = changed
  if (call.unpriced > 0) return { again: { cost: null, reason: 'unpriced', ways: [] }, model, seller }
  if (pricesAt === 'now') changed = { ...changed, at: now }
  return { again: pricedAgain(posted, { cost: picos(call.cost), changed, swapped, rates, now, price }), model, seller }
}

function outcomeOf(call: Kept, changes: readonly Change[], looked: Looked) {
  const posted: Picos | null = call.unpriced > 0 ? null : picos(call.cost)
  const about = { calls: 1, model: call.model, at: call.at, callIds: [call.callId], posted, ways: [] }
  if (!call.made) return { ...about, cost: picos(0n), reason: null, affected: true, comparable: true }
  if (call.untold) return { ...about, cost: null, reason: 'no_fingerprint' as const, affected: true, comparable: false }
  if (looked !== null && looked.again.cost === null) {
    return { ...about, cost: null, reason: looked.again.reason, affected: true, comparable: false }
  }
  const before = looked?.again.cost ?? posted
  const priced = changes.filter((_, index) => hasBit(call.concerned, index))
  const cost = before === null ? null : withPercent(before, priced, looked ?? call)
  const affected = cost !== posted
  return {
    ...about,
    cost,
    reason: null,
    affected,
    comparable: affected || looked !== null || call.compared,
    ways: looked?.again.ways ?? [],
  }
}
