import { divideHalfEven, type Picos, parseDecimal, picos } from '../../kernel/index.ts'
import type { Meter, Meters } from '../../usage/index.ts'
import { METERS } from '../../usage/index.ts'
import type { FxTable } from '../fx.ts'
import { fxRateAt } from '../fx.ts'
import type { Caveat, FxRate } from '../records.ts'
import type { MeterPlan, PlannedRate } from '../select/plan.ts'

/** Tokens of one inference by side: what brackets are judged by. Storage is counted in token-seconds and is no part of either. */
export interface Totals {
  readonly input: number
  readonly output: number
}

export const NO_TOTALS: Totals = { input: 0, output: 0 }

export function totalsOf(meters: Meters): Totals {
  let input = 0
  let output = 0
  for (const key in meters) {
    const meter = key as Meter
    const side = TOKEN_SIDES.get(meter)
    if (side === undefined) continue
    const quantity = meters[meter] ?? 0
    if (side === 'input') input += quantity
    else output += quantity
  }
  return { input, output }
}

// Read from a table, because taking names apart for every call costs more than the sums.
const TOKEN_SIDES: ReadonlyMap<Meter, 'input' | 'output'> = new Map(
  METERS.flatMap((meter) => {
    const [family] = meter.split('.')
    return meter !== 'input.cache_storage' && (family === 'input' || family === 'output') ? [[meter, family]] : []
  }),
)

/** A part of a meter's quantity and the rate that prices it. */
export interface Portion {
  readonly rate: PlannedRate
  readonly quantity: number
}

/**
 * Divides a meter's quantity among its brackets. `whole`: the highest bracket that the inference reaches prices all of it. `marginal`: each
 * bracket prices what lies inside it, the meters of a side filling the brackets in the order of `METERS`.
 */
export function portionsOf(plan: MeterPlan, meter: Meter, meters: Meters, totals: Totals): readonly Portion[] {
  const quantity = meters[meter] ?? 0
  for (const step of plan.steps) {
    if (step.bracket.mode !== 'whole') continue
    if (reaches(step.bracket, totals)) return [{ rate: step.rate, quantity }]
  }
  const marginal = plan.steps.filter((step) => step.bracket.mode === 'marginal')
  if (marginal.length === 0) return plan.base === null ? [] : [{ rate: plan.base, quantity }]
  const portions: Portion[] = []
  const start = tokensBefore(meter, meters)
  let end = start + quantity
  for (const step of marginal) {
    // `gte` prices the unit at the threshold itself by the bracket, `gt` the first unit past it.
    const from = Math.max(start, step.bracket.op === 'gte' ? step.bracket.at - 1 : step.bracket.at)
    if (end > from) portions.unshift({ rate: step.rate, quantity: end - from })
    end = Math.min(end, from)
  }
  if (end > start && plan.base !== null) portions.unshift({ rate: plan.base, quantity: end - start })
  return portions
}

/** The rate that prices all of a meter: the highest bracket reached, else the base. */
export function wholeRate(plan: MeterPlan, totals: Totals): PlannedRate | null {
  for (let index = 0; index < plan.steps.length; index++) {
    const step = plan.steps[index]
    if (step !== undefined && reaches(step.bracket, totals)) return step.rate
  }
  return plan.base
}

export function reaches(bracket: MeterPlan['steps'][number]['bracket'], totals: Totals): boolean {
  const total = bracket.basis === 'input_total' ? totals.input : totals.output
  return bracket.op === 'gt' ? total > bracket.at : total >= bracket.at
}

function tokensBefore(meter: Meter, meters: Meters): number {
  let before = 0
  for (const other of METERS) {
    if (other === meter) break
    if (other.split('.')[0] === meter.split('.')[0] && other !== 'input.cache_storage') before += meters[other] ?? 0
  }
  return before
}

/** The quantity that is billed: at least the least, in whole steps, at most the most. */
export function billedQuantity(quantity: number, quantize: PlannedRate['quantize']): number {
  if (quantize === null || quantize === undefined) return quantity
  let billed = quantity
  if (quantize.min !== undefined) billed = Math.max(billed, quantize.min)
  if (quantize.step !== undefined) billed = Math.ceil(billed / quantize.step) * quantize.step
  if (quantize.max !== undefined) billed = Math.min(billed, quantize.max)
  return billed
}

export interface FxUse {
  readonly rate: FxRate
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The currency rate for a usage time as a fraction; null when there is none. USD needs none. */
export function fxUse(table: FxTable, currency: string, at: number): FxUse | null {
  const found = fxRateAt(table, currency, at)
  return found === null
    ? null
    : { rate: found.rate, numerator: found.usdPerUnit.digits, denominator: 10n ** BigInt(found.usdPerUnit.scale) }
}

/** quantity × price ÷ per × multipliers × currency rate, exact until the one rounding, half to even, at 1e-12 USD. */
export function lineAmount(quantity: number, rate: PlannedRate, fx: FxUse | null): Picos {
  const dividend = BigInt(quantity) * rate.numerator
  if (fx !== null) return picos(divideHalfEven(dividend * fx.numerator, rate.denominator * fx.denominator))
  return rate.isWhole ? picos(dividend) : picos(divideHalfEven(dividend, rate.denominator))
}

/** The rate at the other price that a caveat names, or null where the other reading is that nothing is billed. */
export function otherwisePriced(rate: PlannedRate, caveat: Caveat): PlannedRate | null {
  if (caveat.alternative === undefined || caveat.alternative === 'unknown') return null
  const price = parseDecimal(caveat.alternative.price)
  const stated = parseDecimal(rate.price)
  if (price === null || stated === null || stated.digits === 0n) return null
  // The multipliers are inside the prepared fraction; scaling it by other ÷ stated keeps them.
  return {
    ...rate,
    price: caveat.alternative.price,
    per: caveat.alternative.per,
    numerator: rate.numerator * price.digits * 10n ** BigInt(stated.scale) * BigInt(rate.per),
    denominator: rate.denominator * stated.digits * 10n ** BigInt(price.scale) * BigInt(caveat.alternative.per),
    isWhole: false,
  }
}
