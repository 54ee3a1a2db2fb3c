import { assert } from './assert.ts'

declare const picosBrand: unique symbol

/** An amount of money: a whole number of 1e-12 US dollars. The only type that holds money inside the engine. */
export type Picos = bigint & { readonly [picosBrand]: 'Picos' }

/** A decimal number kept exactly: `digits × 10^-scale`. Prices are decimals, never floats. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

export const PICOS_PER_USD: bigint = 1_000_000_000_000n
const PICOS_SCALE = 12
const DECIMAL_PATTERN = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/
const SCALE_MAX = 60

export const ZERO: Picos = 0n as Picos

/** Marks a whole number of 1e-12 USD as money. */
export function picos(amount: bigint): Picos {
  return amount as Picos
}

/**
 * Reads decimal text such as `"0.0025"`, `"5e-08"` or `"-1.5"` without passing through a float.
 * Returns null for anything else (`"NaN"`, `""`, `"1,5"`, more than 30 digits).
 */
export function parseDecimal(text: string): Decimal | null {
  const match = DECIMAL_PATTERN.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  let digits = BigInt(whole + fraction)
  let scale = fraction.length - Number(exponent)
  if (scale < 0) {
    if (-scale > SCALE_MAX) return null
    digits *= 10n ** BigInt(-scale)
    scale = 0
  }
  if (scale > SCALE_MAX) return null
  return { digits: sign === '-' ? -digits : digits, scale }
}

/**
 * The decimal that a JSON number's text stands for. `String(number)` is the shortest text that reads back to the same double,
 * so a literal of at most 15 significant digits is recovered exactly; longer ones are float noise to begin with.
 */
export function decimalOfNumber(value: number): Decimal | null {
  return Number.isFinite(value) ? parseDecimal(String(value)) : null
}

/** Divides rounding half to even, the rule for every priced line. `divisor` must be positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, 'divideHalfEven: divisor must be positive')
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  if (remainder === 0n) return quotient
  const doubled = (remainder < 0n ? -remainder : remainder) * 2n
  const away = dividend < 0n ? quotient - 1n : quotient + 1n
  if (doubled > divisor) return away
  if (doubled < divisor) return quotient
  return quotient % 2n === 0n ? quotient : away
}

/** USD decimal → picos, rounded half to even past the twelfth decimal. */
export function picosOfDecimal(value: Decimal): Picos {
  if (value.scale <= PICOS_SCALE) return picos(value.digits * 10n ** BigInt(PICOS_SCALE - value.scale))
  return picos(divideHalfEven(value.digits, 10n ** BigInt(value.scale - PICOS_SCALE)))
}

/** Whether an amount of USD is a whole number of picos, so that nothing of it is rounded away. */
export function isWholePicos(value: Decimal): boolean {
  return value.scale <= PICOS_SCALE || value.digits % 10n ** BigInt(value.scale - PICOS_SCALE) === 0n
}

/** USD text → picos; null when the text is not a decimal. */
export function picosOfUsd(text: string): Picos | null {
  const value = parseDecimal(text)
  return value === null ? null : picosOfDecimal(value)
}

/** Picos → the shortest exact USD text, e.g. `2500000000n` → `"0.0025"`. The inverse of `picosOfUsd`. */
export function usdOfPicos(amount: Picos): string {
  const negative = amount < 0n
  const magnitude = (negative ? -amount : amount).toString().padStart(PICOS_SCALE + 1, '0')
  const whole = magnitude.slice(0, -PICOS_SCALE)
  const fraction = magnitude.slice(-PICOS_SCALE).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * Picos → a JSON number of USD, for documented answers that carry numbers. Exact to the 15 or 16 digits a double holds:
 * for display on the wire only, never read back into the ledger.
 */
export function usdNumberOfPicos(amount: Picos): number {
  return Number(usdOfPicos(amount))
}

/** Sum of amounts; 0 for none. */
export function sumPicos(amounts: Iterable<Picos>): Picos {
  let total = 0n
  for (const amount of amounts) total += amount
  return picos(total)
}
