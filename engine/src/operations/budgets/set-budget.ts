import { type BudgetSet, type BudgetWasSet, setBudget } from '@purser/contract'
import { assert, ok, type Result } from '../../kernel/index.ts'
import type { BudgetRule } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { budgetAnswer } from '../wire/budget-answer.ts'
import { setTogether } from './set-together.ts'

/** Sets a budget, or changes the one that counts the same. It counts what its period has seen so far. Audited. */
export const setBudgetOperation = implement(setBudget, async (context, input): Promise<Result<BudgetWasSet>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const done = await setTogether(context, organization.value, { set: [{ input }] })
  if (!done.ok) return done
  const [set] = done.value.budgets
  assert(set !== undefined, 'one budget was set')
  return ok(set)
})

/** A rule as an input that sets it: what is not to change stays as it is. */
export function settingOf(rule: BudgetRule): BudgetSet {
  const { created_at: _, counts_from: __, ...setting } = budgetAnswer(rule)
  const { mode, unpriced } = rule
  return { ...setting, mode, unpriced }
}
