import { type BudgetRemoved, removeBudget } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { budgetAnswer } from '../wire/budget-answer.ts'

/** Removes a budget and its counters. Audited. */
export const removeBudgetOperation = implement(removeBudget, async ({ services, caller }, input): Promise<Result<BudgetRemoved>> => {
  const said = input.organization_id ?? caller.organization
  const scope = organizationOf(caller, said)
  if (!scope.ok) return scope
  const rules = await services.ledger.budgets(said)
  const rule = rules.find(({ id }) => id === input.budget_id)
  if (rule === undefined) return fail(refusal('not_found', `there is no budget "${input.budget_id}" here`, { path: '/budget_id' }))
  const now = services.now()
  const posted = await services.committer.submit({
    kind: 'record',
    organization: rule.organization,
    recordedAt: now,
    event: { kind: 'budget_remove', removal: { id: rule.id, at: now } },
    audit: {
      at: now,
      organization: rule.organization,
      actor: caller.actor,
      action: 'remove_budget',
      target: rule.id,
      before: JSON.stringify(budgetAnswer(rule)),
      after: null,
    },
  })
  return posted.ok ? ok({ budget_id: rule.id, organization_id: rule.organization }) : posted
})
