import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { budgetsIn, removeBudget } from '../budget/draft-budgets.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { BudgetRemoval, Posted, RecordCommand } from '../records.ts'

/** Takes a budget away, with its counters; what holds kept in it is free. Again is a repetition. Refuses `not_found`. */
export function recordBudgetRemove(draft: Draft, command: RecordCommand, event: { readonly removal: BudgetRemoval }): Result<Posted> {
  const { organization } = command
  const { removal } = event
  const first = postedIn(draft, organization, 'budget_remove', removal.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const rule = budgetsIn(draft, organization).find(({ id }) => id === removal.id)
  if (rule === undefined) return fail(refusal('not_found', `there is no budget "${removal.id}" here`, { path: '/budget_id' }))
  removeBudget(draft, rule)
  return post(draft, command, { kind: 'budget_remove', removal })
}
