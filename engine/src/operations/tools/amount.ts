import {
  type Decimal,
  decimalOfNumber,
  fail,
  isWholePicos,
  ok,
  type Picos,
  parseDecimal,
  picosOfDecimal,
  type Result,
  refusal,
} from '../../kernel/index.ts'

/** An amount as a tool was given it. */
export interface StatedAmount {
  readonly amount: Picos
  /** As it was sent, when it had more than twelve decimals and was rounded; else null. */
  readonly roundedFrom: string | null
}

/** The ledger takes amounts below 10¹² dollars. */
const AMOUNT_MAX = 10n ** 24n - 1n
/** A double holds any decimal of so many digits; what has more is what a float computation left over, and is sent as text. */
const NUMBER_DIGITS_MAX = 15

/**
 * Reads an amount of this family: decimal text, exponents too, read exactly; a number where it is exact. More than twelve decimals are
 * rounded half to even, and the answer says so. Refused (`invalid_field`) are text that is no decimal (NaN, Infinity, "1,5"), an amount
 * below zero, one that rounding would make zero, one of 10¹² dollars or more, and zero where `zero` says so.
 */
export function statedAmount(value: string | number, path: string, zero: 'allowed' | 'refused'): Result<StatedAmount> {
  const decimal = decimalOf(value)
  if (decimal === null) return fail(refusal('invalid_field', whyNoDecimal(value), { path }))
  if (decimal.digits < 0n) return fail(refusal('invalid_field', 'an amount cannot be negative', { path }))
  const amount = picosOfDecimal(decimal)
  if (amount > AMOUNT_MAX) return fail(refusal('invalid_field', 'an amount is less than 1,000,000,000,000', { path }))
  if (amount === 0n && decimal.digits !== 0n) {
    return fail(refusal('invalid_field', 'the amount is less than half of 0.000000000001 and would become zero', { path }))
  }
  if (amount === 0n && zero === 'refused') return fail(refusal('invalid_field', 'the amount must be above zero', { path }))
  return ok({ amount, roundedFrom: isWholePicos(decimal) ? null : String(value) })
}

/** The member of an answer that says which amounts were rounded; nothing when none was. */
export function roundedFrom(amounts: Readonly<Record<string, StatedAmount | null>>): { rounded_from?: Record<string, string> } {
  const rounded: Record<string, string> = {}
  for (const [field, stated] of Object.entries(amounts)) if (stated?.roundedFrom) rounded[field] = stated.roundedFrom
  return Object.keys(rounded).length === 0 ? {} : { rounded_from: rounded }
}

function decimalOf(value: string | number): Decimal | null {
  if (typeof value === 'string') return parseDecimal(value)
  return significantDigits(String(value)) <= NUMBER_DIGITS_MAX ? decimalOfNumber(value) : null
}

function significantDigits(text: string): number {
  const [mantissa = ''] = text.split('e')
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length
}

function whyNoDecimal(value: string | number): string {
  if (typeof value === 'number') return 'a number with more than 15 significant digits is not exact; send the amount as text'
  return `${JSON.stringify(value.slice(0, 40))} is not a decimal amount; one is for example "25.00"`
}
