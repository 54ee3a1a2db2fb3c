import { type Millis, parseDecimal } from '../../kernel/index.ts'
import type { Meter, ServiceTier } from '../../usage/index.ts'
import { canonicalJson, identified } from '../book/card-id.ts'
import type { Rate, RateCard } from '../records.ts'
import { cardProblems } from './check-card.ts'

export type GateReasonCode =
  | 'malformed'
  | 'too_many_digits'
  | 'jump'
  | 'cache_read_above_input'
  | 'hour_write_off'
  | 'priority_off'
  | 'discount_off'
  | 'implausible'
  | 'uncorroborated'
  | 'witness_disagrees'

export interface GateReason {
  readonly code: GateReasonCode
  readonly meter: Meter | null
  readonly detail: string
}

/** Whether a card from a table may price calls, and by whom it is confirmed. A held card waits for a person. */
export interface Verdict {
  readonly decision: 'publish' | 'hold'
  readonly reasons: readonly GateReason[]
  readonly confidence: 'corroborated' | 'single'
}

/** Hundredths, so that every rule is whole numbers: a rate is compared by cross-multiplication, never as a float. */
const RULES = {
  jump: [20n, 500n],
  hourWrite: [190n, 210n],
  priority: [100n, 300n],
  discount: [45n, 55n],
} as const
const SIGNIFICANT_DIGITS_MAX = 12
/** USD per million tokens. The dearest listed rate is 600; tables have said 2,690 for a model of 0.269. */
const USD_PER_MTOK_MAX = 1_000n

/**
 * The publication gate. A candidate from a public table is held when it breaks a rule of proportion, when it changes a rate that no second table
 * confirms, or when a table contradicts it. A first card of a model may rest on one table. The rules would have stopped every
 * order-of-magnitude error that a public table has shipped; they cannot stop a late one.
 */
export function gate(candidate: RateCard, current: RateCard | null, witnesses: readonly RateCard[]): Verdict {
  const reasons: GateReason[] = cardProblems(candidate).map((problem) => ({
    code: 'malformed',
    meter: null,
    detail: `${problem.code} at ${problem.path}`,
  }))
  if (reasons.length > 0) return { decision: 'hold', reasons, confidence: 'single' }
  let confirmed = candidate.rates.length > 0
  for (const rate of candidate.rates) {
    reasons.push(...proportions(rate, candidate))
    const before = current === null ? undefined : sameRate(current, rate)
    const changed = before !== undefined && !equalPrice(before, rate)
    if (changed && !within(rate, before, RULES.jump))
      reasons.push(reason('jump', rate, `from ${before.price} per ${before.per} to ${rate.price} per ${rate.per}`))
    const voices = witnesses.flatMap((witness) => sameRate(witness, rate) ?? [])
    const agrees = voices.some((voice) => equalPrice(voice, rate))
    confirmed &&= agrees
    if (changed && !agrees) reasons.push(reason('uncorroborated', rate, 'a changed rate needs a second table'))
    const contradicted = !agrees && voices.find((voice) => before === undefined && !within(rate, voice, RULES.jump))
    if (contradicted) reasons.push(reason('witness_disagrees', rate, `another table says ${contradicted.price} per ${contradicted.per}`))
  }
  return { decision: reasons.length === 0 ? 'publish' : 'hold', reasons, confidence: confirmed ? 'corroborated' : 'single' }
}

/** The card of a model that a table no longer has: its rates stay, marked `unlisted`. Nothing is ever deleted. */
export function unlisted(card: RateCard, at: Millis): RateCard {
  const { id: _id, ...draft } = card
  return identified({ ...draft, status: 'unlisted', recordedAt: at })
}

/** Rules of proportion between the rates of one card. */
function proportions(rate: Rate, card: RateCard): GateReason[] {
  const reasons: GateReason[] = []
  const digits = parseDecimal(rate.price)?.digits.toString().replace(/0+$/, '').length ?? 0
  if (digits > SIGNIFICANT_DIGITS_MAX) reasons.push(reason('too_many_digits', rate, `${rate.price} has ${digits} significant digits`))
  if (isToken(rate.meter) && exceeds(rate, { ...rate, price: USD_PER_MTOK_MAX.toString(), per: 1_000_000 })) {
    reasons.push(reason('implausible', rate, `above ${USD_PER_MTOK_MAX} USD per million tokens`))
  }
  const input = card.rates.find((other) => other.meter === 'input' && sameCondition(other, rate))
  if (rate.meter === 'input.cache_read' && input !== undefined && exceeds(rate, input)) {
    reasons.push(reason('cache_read_above_input', rate, `${rate.price} against ${input.price}`))
  }
  if (rate.meter === 'input.cache_write_1h' && input !== undefined && !within(rate, input, RULES.hourWrite)) {
    reasons.push(reason('hour_write_off', rate, `${rate.price} against an input of ${input.price}; twice is the rule`))
  }
  const standard = standardOf(card, rate)
  if (standard === undefined) return reasons
  if (hasTier(rate, 'priority') && !within(rate, standard, RULES.priority))
    reasons.push(reason('priority_off', rate, `${rate.price} against ${standard.price}`))
  // Cached reads are published rounded or undiscounted in these tiers, so only the plain meters are held to the half.
  const discounted = (hasTier(rate, 'flex') || hasTier(rate, 'batch')) && (rate.meter === 'input' || rate.meter === 'output')
  if (discounted && !within(rate, standard, RULES.discount))
    reasons.push(reason('discount_off', rate, `${rate.price} against ${standard.price}`))
  return reasons
}

function reason(code: GateReasonCode, rate: Rate, detail: string): GateReason {
  return { code, meter: rate.meter, detail }
}

function isToken(meter: Meter): boolean {
  return (meter.startsWith('input') || meter.startsWith('output')) && meter !== 'input.cache_storage'
}

function hasTier(rate: Rate, tier: ServiceTier): boolean {
  return rate.when?.tier?.includes(tier) === true
}

/** The same meter under the same conditions, but at the standard tier. */
function standardOf(card: RateCard, rate: Rate): Rate | undefined {
  if (rate.when?.tier === undefined || hasTier(rate, 'standard')) return undefined
  const { tier: _tier, ...rest } = rate.when
  return card.rates.find((other) => {
    const { tier, ...facts } = other.when ?? {}
    return other.meter === rate.meter && (tier === undefined || tier.includes('standard')) && canonicalJson(facts) === canonicalJson(rest)
  })
}

function sameRate(card: RateCard, rate: Rate): Rate | undefined {
  return card.rates.find((other) => other.meter === rate.meter && sameCondition(other, rate))
}

/** A rate without a tier is a standard rate. Brackets that differ only in `> n` and `>= n + 1`, or by a table's missing operator, are the same. */
function sameCondition(a: Rate, b: Rate): boolean {
  return canonicalJson(condition(a)) === canonicalJson(condition(b))
}

function condition(rate: Rate): object {
  const { tier = ['standard'], bracket, ...rest } = rate.when ?? {}
  return { ...rest, tier, ...(bracket === undefined ? {} : { bracket: [bracket.basis, Math.round(bracket.at / 10), bracket.mode] }) }
}

function equalPrice(a: Rate, b: Rate): boolean {
  const [left, right] = crossed(a, b)
  return left === right
}

function exceeds(a: Rate, b: Rate): boolean {
  const [left, right] = crossed(a, b)
  return left > right
}

/** Whether `a ÷ b` lies within bounds given in hundredths. Nothing is within bounds of a price of zero but zero. */
function within(a: Rate, b: Rate, [low, high]: readonly [bigint, bigint]): boolean {
  const [left, right] = crossed(a, b)
  return left * 100n >= right * low && left * 100n <= right * high
}

/** Both prices over one denominator. */
function crossed(a: Rate, b: Rate): readonly [bigint, bigint] {
  const [x, y] = [parseDecimal(a.price), parseDecimal(b.price)]
  if (x === null || y === null) return [0n, 0n]
  return [x.digits * 10n ** BigInt(y.scale) * BigInt(b.per), y.digits * 10n ** BigInt(x.scale) * BigInt(a.per)]
}
