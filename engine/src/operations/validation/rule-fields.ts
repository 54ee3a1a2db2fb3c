import { fail, isWholePicos, ok, type Picos, parseDecimal, picosOfDecimal, type Result, refusal } from '../../kernel/index.ts'
import { BUDGET_DIMENSIONS, type BudgetDimension } from '../../ledger/index.ts'

/** What a budget or breaker can be about. */
export function dimensionOf(text: string): Result<BudgetDimension> {
  const fixed = BUDGET_DIMENSIONS.find((name) => name === text)
  if (fixed !== undefined) return ok(fixed)
  if (text.startsWith('tag:') && text.length > 'tag:'.length) return ok(text as BudgetDimension)
  return fail(
    refusal('unknown_dimension', `"${text}" is not a dimension of rules; they are ${BUDGET_DIMENSIONS.join(', ')} and tag:<name>`, {
      path: '/dimension',
    }),
  )
}

/** The amount of a limit. */
export function limitOf(usd: string | number): Result<Picos> {
  const value = parseDecimal(String(usd))
  const amount = value === null || !isWholePicos(value) ? null : picosOfDecimal(value)
  if (amount !== null && amount <= LIMIT_MAX) return ok(amount)
  return fail(refusal('invalid_field', 'a limit is at most 999,999,999,999 dollars with 12 decimals', { path: '/limit_usd' }))
}

const LIMIT_MAX = 10n ** 24n
