import { divideHalfEven, type Millis, type Picos, picos } from '../../kernel/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'
import type { Change, PriceChange } from './change.ts'
import { cacheWritesAsInput } from './changed-usage.ts'

/** Why it cannot be said what a call would have cost. */
export const UNSAID_REASONS = [
  'unpriced',
  'no_fingerprint',
  'attested',
  'unexplained',
  'no_rate',
  'no_tier_rate',
  'not_in_journal',
] as const
export type UnsaidReason = (typeof UNSAID_REASONS)[number]

/** How a new cost was reached, where it is not simply the rates: each is told in words. */
export type Way = 'estimated' | 'makers_price' | 'writes_as_input' | 'brackets'

export type Again =
  | { readonly cost: Picos; readonly ways: readonly Way[] }
  | { readonly cost: null; readonly reason: UnsaidReason; readonly ways: readonly Way[] }

/** Prices a usage by the rates of an organization as known at a time, with the own rates of some of the changes, by their places. */
export type PriceUsageAs = (usage: Usage, organization: string, knownAt: Millis, rates: readonly number[]) => Charge

/** A call as it was posted: what the journal has of it, corrections included. */
export interface PostedUsage {
  readonly organization: string
  readonly usage: Usage
  /** When the rates were known by which it stands. */
  readonly knownAt: Millis
  readonly attested: boolean
}

export interface Asked {
  readonly cost: Picos
  readonly changed: Usage
  readonly swapped: boolean
  readonly rates: readonly number[]
  readonly now: Millis
  readonly price: PriceUsageAs
}

/**
 * What a call would have cost. It is first priced as it was: only where that gives the posted cost to the pico do its meters explain it, and the price of
 * other meters mean anything. The rates are those known now, or where they do not give the posted cost those known when it was posted.
 */
export function pricedAgain(posted: PostedUsage, { cost, changed, swapped, rates, now, price }: Asked): Again {
  const { organization } = posted
  const own = unattested(posted.usage)
  const charges = [now, posted.knownAt].map((knownAt) => ({ knownAt, charge: price(own, organization, knownAt, []) }))
  const explained = charges.find(({ charge }) => charge.amount === cost)
  if (explained === undefined) return { cost: null, reason: posted.attested ? 'attested' : 'unexplained', ways: [] }
  const { knownAt } = explained
  const ways: Way[] = []
  const asked = unattested(changed)
  let charge = price(asked, organization, knownAt, rates)
  let usage = asked
  if (swapped && charge.unpriced.some(({ reason }) => reason === 'no_card')) {
    usage = { ...asked, seller: MAKER }
    charge = price(usage, organization, knownAt, rates)
    ways.push('makers_price')
  }
  if (charge.unpriced.length > 0 && charge.unpriced.every(({ meter }) => meter.startsWith('input.cache_write'))) {
    const plain = cacheWritesAsInput(usage)
    if (plain !== null) {
      charge = price(plain, organization, knownAt, rates)
      ways.push('writes_as_input')
    }
  }
  return judged(charge, explained.charge, ways)
}

/** Whether rates of one's own change what a usage costs at all: a rate for another model does not. */
export function ratesConcern({ organization, usage }: PostedUsage, rates: readonly number[], now: Millis, price: PriceUsageAs): boolean {
  const own = unattested(usage)
  return price(own, organization, now, rates).amount !== price(own, organization, now, []).amount
}

/** A seller that pricing reads as "not said": then the name of the model says who makes it. */
const MAKER = 'unknown'

function judged(charge: Charge, own: Charge, ways: readonly Way[]): Again {
  const { status, amount } = charge
  if (amount === null || status === 'partial' || status === 'unpriced') return { cost: null, reason: 'no_rate', ways: [] }
  if (lacksTier(charge) && !lacksTier(own)) return { cost: null, reason: 'no_tier_rate', ways: [] }
  return { cost: amount, ways: status === 'exact' ? ways : [...ways, 'estimated'] }
}

function lacksTier({ notes }: Charge): boolean {
  return notes.some(({ code }) => code === 'tier_rate_missing')
}

/** A cost that the seller stated is of what was consumed then; the price of anything else has to come from rates. */
function unattested(usage: Usage): Usage {
  if (usage.attested === undefined) return usage
  const { attested: _, ...rest } = usage
  return rest
}

/** Raises or lowers a cost by the percentages that concern its model and seller, each rounded half to even to the pico. */
export function withPercent(cost: Picos, changes: readonly Change[], { model, seller }: SoldModel): Picos {
  let amount: bigint = cost
  for (const change of changes) {
    if (change.kind !== 'percent' || !isFor(change, { model, seller })) continue
    const whole = 100n * 10n ** BigInt(change.percent.scale)
    amount = divideHalfEven(amount * (whole + change.percent.digits), whole)
  }
  return picos(amount)
}

/** Whether a change of prices concerns a model of a seller. */
function isFor(change: Extract<PriceChange, { kind: 'percent' }>, { model, seller }: SoldModel): boolean {
  return (change.model === null || change.model === model) && (change.seller === null || change.seller === seller)
}

export interface SoldModel {
  readonly model: string | null
  readonly seller: string | null
}
