import { type Decimal, divideHalfEven } from '../../kernel/index.ts'

/** A fraction of whole numbers; the denominator is positive. */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The product, exact. */
export function product(left: Decimal, right: Decimal): Decimal {
  return { digits: left.digits * right.digits, scale: left.scale + right.scale }
}

/** The fraction as a decimal with at most so many decimals, rounded half to even where it does not end before. */
export function decimalOf({ numerator, denominator }: Fraction, scaleMax: number): { readonly value: Decimal; readonly exact: boolean } {
  const scaled = numerator * 10n ** BigInt(scaleMax)
  const exact = scaled % denominator === 0n
  return { value: shortest({ digits: divideHalfEven(scaled, denominator), scale: scaleMax }), exact }
}

/** The same number without zeros at its end. */
function shortest({ digits, scale }: Decimal): Decimal {
  if (digits === 0n) return { digits, scale: 0 }
  let [rest, decimals] = [digits, scale]
  while (decimals > 0 && rest % 10n === 0n) [rest, decimals] = [rest / 10n, decimals - 1]
  return { digits: rest, scale: decimals }
}

export function sum(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale)
  return { digits: digitsAt(left, scale) + digitsAt(right, scale), scale }
}

/** The digits of a number at a scale that is no smaller than its own. */
export function digitsAt({ digits, scale }: Decimal, at: number): bigint {
  return digits * 10n ** BigInt(at - scale)
}

export function isSame(left: Decimal, right: Decimal): boolean {
  const scale = Math.max(left.scale, right.scale)
  return digitsAt(left, scale) === digitsAt(right, scale)
}

const DECIMALS_MIN = 2

/**
 * Plain decimal text with at least two decimals, because readers that guess types take a column of whole numbers for integers, which FOCUS
 * does not allow for its decimals.
 */
export function decimalText({ digits, scale }: Decimal): string {
  const decimals = Math.max(scale, DECIMALS_MIN)
  const magnitude = (digits < 0n ? -digits : digits).toString() + '0'.repeat(decimals - scale)
  const padded = magnitude.padStart(decimals + 1, '0')
  const places = padded.length - decimals
  let end = padded.length
  while (end > places + DECIMALS_MIN && padded.charCodeAt(end - 1) === ZERO_DIGIT) end -= 1
  return `${digits < 0n ? '-' : ''}${padded.slice(0, places)}.${padded.slice(places, end)}`
}

const ZERO_DIGIT = 48
