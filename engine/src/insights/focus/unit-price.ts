import { type Decimal, divideHalfEven, parseDecimal } from '../../kernel/index.ts'
import type { Charge, ChargeLine, Modifier } from '../../pricing/index.ts'
import { decimalOf, type Fraction } from './exact.ts'
import { METER_WORDS } from './meters.ts'

/** Decimals of a cost that is a product: those of a unit price and of a quantity together. */
export const PRODUCT_DECIMALS_MAX = 24
const TOKENS_PER_UNIT = 1_000_000n
const PICOS_PER_USD = 10n ** 12n

/** What a line was priced by, in the words of FOCUS: `unitPrice` US dollars for each `per` of the meter's unit. */
export interface UnitPrice {
  readonly per: bigint
  readonly unitPrice: Decimal
  /** False where the price does not end as a decimal (a third of a cent) and was rounded; the product of what is written is still exact. */
  readonly exact: boolean
}

/** Factors that a multiplier of this name has on any card of the seller, to find the one that a line was multiplied by. */
export type FactorsOf = (line: ChargeLine, modifier: string) => readonly Modifier['factor'][]

/**
 * The unit price of a line: price ÷ per × multipliers × currency rate. It is checked against the amount that was posted; where no known multipliers
 * explain that, the price is the amount divided by the quantity.
 */
export function unitPriceOf(line: ChargeLine, fx: Charge['fx'], factorsOf: FactorsOf): UnitPrice {
  const per = pricingPer(line)
  const stated = statedFractions(line, fx, factorsOf).find((fraction) => amountBy(line, fraction) === line.amount)
  const one = stated ?? { numerator: line.amount, denominator: BigInt(Math.max(line.quantity, 1)) * PICOS_PER_USD }
  const { value, exact } = decimalOf(
    { numerator: one.numerator * per, denominator: one.denominator },
    PRODUCT_DECIMALS_MAX - decimalsOf(per),
  )
  return { per, unitPrice: value, exact: exact && stated !== undefined }
}

/** Tokens are priced by the million; other meters as their card says, unless a quantity divided by that would not end. */
function pricingPer(line: ChargeLine): bigint {
  if (METER_WORDS[line.meter].unit === 'Tokens') return TOKENS_PER_UNIT
  return TOKENS_PER_UNIT % BigInt(line.per) === 0n ? BigInt(line.per) : 1n
}

/** How many decimals a whole quantity has at most when it is divided by `per`, a divisor of a million. */
function decimalsOf(per: bigint): number {
  let decimals = 0
  while (10n ** BigInt(decimals) % per !== 0n) decimals += 1
  return decimals
}

/** The quantity in pricing units, exact. */
export function pricingQuantity(quantity: bigint, per: bigint): Decimal {
  const scale = decimalsOf(per)
  return { digits: (quantity * 10n ** BigInt(scale)) / per, scale }
}

/** US dollars for one unit of the meter, for every choice of multipliers that the cards know. */
function statedFractions(line: ChargeLine, fx: Charge['fx'], factorsOf: FactorsOf): Fraction[] {
  const price = parseDecimal(line.price)
  const rate = line.currency === 'USD' ? ONE : fx === undefined || fx.currency !== line.currency ? null : parseDecimal(fx.usdPerUnit)
  if (price === null || rate === null) return []
  const plain = {
    numerator: price.digits * rate.digits,
    denominator: 10n ** BigInt(price.scale + rate.scale) * BigInt(line.per),
  }
  return line.modifiers.reduce<Fraction[]>(
    (fractions, modifier) => factorsOf(line, modifier).flatMap((factor) => fractions.map((fraction) => times(fraction, factor))),
    [plain],
  )
}

const ONE: Decimal = { digits: 1n, scale: 0 }

function times({ numerator, denominator }: Fraction, { num, den }: Modifier['factor']): Fraction {
  return { numerator: numerator * BigInt(num), denominator: denominator * BigInt(den) }
}

/** The amount as pricing computes it: rounded once, half to even, at 1e-12 USD. */
function amountBy(line: ChargeLine, { numerator, denominator }: Fraction): bigint {
  return divideHalfEven(BigInt(line.quantity) * numerator * PICOS_PER_USD, denominator)
}
