import { type BudgetRemoved, removeBudget } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { BudgetRule, RecordCommand } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
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
  const posted = await services.committer.submit(removalOf(services, caller, rule))
  return posted.ok ? ok({ budget_id: rule.id, organization_id: rule.organization }) : posted
})

/** The removal of a budget, with its line in the audit. */
export function removalOf({ now }: Pick<Services, 'now'>, { actor }: Caller, rule: BudgetRule): RecordCommand {
  const at = now()
  const { organization, id } = rule
  return {
    kind: 'record',
    organization,
    recordedAt: at,
    event: { kind: 'budget_remove', removal: { id, at } },
    audit: { at, organization, actor, action: 'remove_budget', target: id, before: JSON.stringify(budgetAnswer(rule)), after: null },
  }
}
