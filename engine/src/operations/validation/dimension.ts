import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { BUDGET_DIMENSIONS, type BudgetDimension } from '../../ledger/index.ts'

/** What a budget or breaker can be about. */
export function dimensionOf(text: string): Result<BudgetDimension> {
  const fixed = BUDGET_DIMENSIONS.find((name) => name === text)
  if (fixed !== undefined) return ok(fixed)
  if (text.startsWith('tag:') && text.length > 'tag:'.length) return ok(text as BudgetDimension)
  const known = `${BUDGET_DIMENSIONS.join(', ')} and tag:<name>`
  return fail(
    refusal('unknown_dimension', `"${text}" is not a dimension of budgets and breakers; they are ${known}`, { path: '/dimension' }),
  )
}
