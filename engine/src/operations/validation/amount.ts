import {
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

/** The most that an amount of money can be, in picos: a trillion dollars. What adds up from such amounts stays far within every column. */
const AMOUNT_MAX = 10n ** 24n

/** An amount that a caller states. Refuses what is no decimal, what has more than twelve decimals, and what nobody has. */
export function statedAmount(usd: string | number, path: string): Result<Picos> {
  const value = typeof usd === 'number' ? decimalOfNumber(usd) : parseDecimal(usd)
  if (value === null) return fail(refusal('invalid_field', 'an amount is decimal text such as "12.50"', { path }))
  if (!isWholePicos(value)) return fail(refusal('invalid_field', 'an amount has at most 12 decimals', { path }))
  const amount = picosOfDecimal(value)
  if (amount > AMOUNT_MAX || amount < -AMOUNT_MAX) {
    return fail(refusal('invalid_field', 'an amount is at most 1,000,000,000,000 dollars', { path }))
  }
  return ok(amount)
}

/** The same, of something that moves: above zero. */
export function positiveAmount(usd: string | number, path: string): Result<Picos> {
  const amount = statedAmount(usd, path)
  if (!amount.ok || amount.value > 0n) return amount
  return fail(refusal('invalid_field', 'an amount to move is above zero', { path }))
}
