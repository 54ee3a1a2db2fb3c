import { assert, type Millis, parseDecimal } from '../../kernel/index.ts'
import { METERS, type Meter } from '../../usage/index.ts'
import type { Caveat, DecimalText, Modifier, Rate, RateCard, When } from '../records.ts'
import { conditionHolds, type Facts, specificity } from './condition.ts'
import { standsIn } from './fallback.ts'
import { type Layers, rankOf } from './layers.ts'
import { type Remark, remarksOn } from './remarks.ts'

/** Every meter's rate for one set of facts, with the arithmetic prepared: what remains for a call is quantity × numerator ÷ denominator. */
export interface Plan {
  readonly meters: ReadonlyMap<Meter, MeterPlan>
  /** Whether any card speaks for this very model, rather than for all of the seller's. */
  readonly hasCard: boolean
  readonly hasBrackets: boolean
}

export interface MeterPlan {
  /** The rate outside all brackets; null where the cards give only brackets. */
  readonly base: PlannedRate | null
  /** Brackets, the highest first. */
  readonly steps: readonly PlannedStep[]
  /** Nothing but choosing a bracket and one multiplication: no caveat, quantum, doubt, foreign currency or marginal bracket. */
  readonly simple: boolean
  /** The rate of any quantity, where the plan is simple and has no brackets: what most meters of most calls need. */
  readonly soleRate: PlannedRate | null
  /** The meter whose rate stands in, where the meter has none of its own. */
  readonly standIn: Meter | null
  /** The tier has no rate of its own; the standard one is used. */
  readonly tierMissing: boolean
  readonly searchAssumed: boolean
  readonly overlapping: boolean
}

export interface PlannedStep {
  readonly bracket: NonNullable<When['bracket']>
  readonly rate: PlannedRate
}

export interface PlannedRate {
  readonly cardId: string
  readonly rate: number
  readonly price: DecimalText
  readonly per: number
  readonly currency: string
  readonly modifiers: readonly string[]
  /** 1e-12 of the card's currency for one unit, as a reduced fraction. */
  readonly numerator: bigint
  readonly denominator: bigint
  /** The denominator is 1: no amount by this rate is ever rounded. Asked for every line, where comparing big integers would cost more than multiplying them. */
  readonly isWhole: boolean
  readonly quantize: Rate['quantize'] | null
  readonly caveat: Caveat | null
  /** What a charge by this rate says of it, and for which calls. */
  readonly remarks: readonly Remark[]
  /** The latest `before` of the remarks; nothing is to be said of a later call. */
  readonly remarksBefore: Millis
}

/** Compiles a plan: for each meter the most specific rate of the first group that has one. */
export function compilePlan(layers: Layers, facts: Facts, at: Millis): Plan {
  const modifiers = layers.map((group) => modifiersOf(group, facts, at))
  const meters = new Map<Meter, MeterPlan>()
  for (const meter of METERS) {
    const plan = planMeter(meter, layers, modifiers, facts, at)
    if (plan !== null) meters.set(meter, plan)
  }
  return {
    meters,
    hasCard: layers.some((group) => group.some(speaksOfModel)),
    hasBrackets: [...meters.values()].some((plan) => plan.steps.length > 0),
  }
}

function planMeter(meter: Meter, layers: Layers, modifiers: readonly (readonly Modifier[])[], facts: Facts, at: Millis): MeterPlan | null {
  const tiers = facts.tier === 'standard' ? [facts] : [facts, { ...facts, tier: 'standard' as const }]
  for (const tierFacts of tiers) {
    for (const [level, group] of layers.entries()) {
      const found = findInGroup(meter, group, tierFacts, at)
      if (found === null) continue
      const applied = applicable(modifiers, level, layers, facts)
      const listUsed = !isOwn(layers, level) && layers.some((other, index) => isOwn(layers, index) && other.some(speaksOfModel))
      const remarks = remarksOn(meter, found.card, layers.slice(0, level).flat(), listUsed)
      const plan = toMeterPlan(meter, found, applied, remarks)
      // A fast-mode multiplier is the vendor's own price for the tier, so the standard rate below it is not a stand-in.
      const tierMissing = tierFacts !== facts && !applied.some((modifier) => modifier.when.tier?.includes(facts.tier) === true)
      const simple = plan.simple && !tierMissing
      return { ...plan, tierMissing, simple, soleRate: simple && plan.steps.length === 0 ? plan.base : null }
    }
  }
  return null
}

interface FoundRates {
  readonly card: RateCard
  readonly indexes: readonly number[]
  readonly standIn: Meter | null
  readonly searchAssumed: boolean
}

function findInGroup(meter: Meter, group: readonly RateCard[], facts: Facts, at: Millis): FoundRates | null {
  const hasOwnRate = (other: Meter) => group.some((card) => card.rates.some((rate) => rate.meter === other))
  const searches = facts.searchContext === null ? [facts, { ...facts, searchContext: 'low' as const }] : [facts]
  for (const candidate of [meter, ...standsIn(meter, hasOwnRate)]) {
    for (const searchFacts of searches) {
      for (const card of group) {
        const indexes = mostSpecific(card, candidate, searchFacts, at)
        if (indexes.length > 0) {
          return { card, indexes, standIn: candidate === meter ? null : candidate, searchAssumed: searchFacts !== facts }
        }
      }
    }
  }
  return null
}

function mostSpecific(card: RateCard, meter: Meter, facts: Facts, at: Millis): readonly number[] {
  let best = -1
  let indexes: number[] = []
  for (const [index, rate] of card.rates.entries()) {
    if (rate.meter !== meter || !conditionHolds(rate.when, facts, at)) continue
    const weight = specificity(rate.when)
    if (weight > best) {
      best = weight
      indexes = [index]
    } else if (weight === best) indexes.push(index)
  }
  return indexes
}

function speaksOfModel(card: RateCard): boolean {
  return card.model !== '*' && card.rates.length > 0
}

function toMeterPlan(
  meter: Meter,
  found: FoundRates,
  modifiers: readonly Modifier[],
  remarks: readonly Remark[],
): Omit<MeterPlan, 'tierMissing' | 'soleRate'> {
  let base: PlannedRate | null = null
  let overlapping = false
  const steps: PlannedStep[] = []
  for (const index of found.indexes) {
    const rate = found.card.rates[index]
    assert(rate !== undefined, 'an index of a rate was found in its card')
    const planned = plannedRate(found.card, index, rate, modifiers, remarks)
    const bracket = rate.when?.bracket
    if (bracket !== undefined) {
      overlapping ||= steps.some((step) => step.bracket.at === bracket.at && step.bracket.op === bracket.op)
      steps.push({ bracket, rate: planned })
    } else if (base === null) base = planned
    else overlapping = true
  }
  // At the same threshold `gt` lies above `gte`, which also holds at the threshold itself.
  steps.sort((a, b) => b.bracket.at - a.bracket.at || (a.bracket.op === b.bracket.op ? 0 : a.bracket.op === 'gt' ? -1 : 1))
  const simple =
    base !== null &&
    isPlain(base) &&
    steps.every((step) => step.bracket.mode === 'whole' && isPlain(step.rate)) &&
    !overlapping &&
    !found.searchAssumed &&
    found.standIn !== 'input.cache_write_5m' &&
    !(meter === 'input.tool' && found.standIn !== null)
  return { base, steps, simple, standIn: found.standIn, searchAssumed: found.searchAssumed, overlapping }
}

function isPlain(rate: PlannedRate): boolean {
  return rate.caveat === null && rate.quantize === null && rate.currency === 'USD'
}

function plannedRate(card: RateCard, index: number, rate: Rate, modifiers: readonly Modifier[], remarks: readonly Remark[]): PlannedRate {
  const price = parseDecimal(rate.price)
  assert(price !== null, `card ${card.id} has an unreadable price`)
  const applied = modifiers.filter(
    (modifier) => modifier.meters.some((family) => inFamily(rate.meter, family)) && !namesSameFact(rate.when, modifier.when),
  )
  let numerator = price.digits * 10n ** 12n
  let denominator = 10n ** BigInt(price.scale) * BigInt(rate.per)
  for (const modifier of applied) {
    numerator *= BigInt(modifier.factor.num)
    denominator *= BigInt(modifier.factor.den)
  }
  const divisor = greatestCommonDivisor(numerator, denominator)
  return {
    cardId: card.id,
    rate: index,
    price: rate.price,
    per: rate.per,
    currency: card.currency,
    modifiers: applied.map((modifier) => modifier.id),
    numerator: numerator / divisor,
    denominator: denominator / divisor,
    isWhole: denominator === divisor,
    quantize: rate.quantize ?? null,
    caveat: rate.caveat ?? null,
    remarks,
    remarksBefore: Math.max(Number.NEGATIVE_INFINITY, ...remarks.map((remark) => remark.before)),
  }
}

function modifiersOf(group: readonly RateCard[], facts: Facts, at: Millis): readonly Modifier[] {
  return group.flatMap((card) => card.modifiers.filter((modifier) => conditionHolds(modifier.when, facts, at)))
}

/** Public multipliers apply to public rates, an organization's to its own; the same multiplier stated by two sources applies once. */
function applicable(modifiers: readonly (readonly Modifier[])[], level: number, layers: Layers, facts: Facts): readonly Modifier[] {
  const own = isOwn(layers, level)
  const seen = new Map<string, Modifier>()
  for (const [index, group] of modifiers.entries()) {
    if (isOwn(layers, index) !== own) continue
    for (const modifier of group) if (!seen.has(modifier.id)) seen.set(modifier.id, modifier)
  }
  return [...seen.values()].filter((modifier) => modifier.when.tier === undefined || modifier.when.tier.includes(facts.tier))
}

function isOwn(layers: Layers, level: number): boolean {
  const first = layers[level]?.[0]
  return first !== undefined && rankOf(first) <= 1
}

/** A rate published for a region or tier already contains what a multiplier for it would add. */
function namesSameFact(rate: When | undefined, modifier: When): boolean {
  if (rate === undefined) return false
  if (modifier.region !== undefined && rate.region !== undefined) return true
  return rate.tier?.some((tier) => modifier.tier?.includes(tier) === true) === true
}

function inFamily(meter: Meter, family: string): boolean {
  return meter === family || meter.startsWith(`${family}.`)
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x === 0n ? 1n : x
}
