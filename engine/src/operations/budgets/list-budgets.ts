import { type BudgetsAnswer, listBudgets } from '@purser/contract'
import { type Millis, ok, type Result } from '../../kernel/index.ts'
import { type BudgetRule, type CounterState, EVERY_VALUE, matchOf, roomIn, type Standing, standingOf } from '../../ledger/index.ts'
import { readScope } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { budgetAnswer, standingAnswer } from '../wire/budget-answer.ts'
import { readerOf } from './standings.ts'

const STANDINGS_MAX = 100

/** The budgets of an organization, and how each stands now. */
export const listBudgetsOperation = implement(listBudgets, async ({ services, caller }, query): Promise<Result<BudgetsAnswer>> => {
  const scope = readScope(caller, query.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const budgets = await standingBudgets(services, organization, query)
  const most = query.limit ?? STANDINGS_MAX
  return ok({
    budgets: budgets.map(({ rule, standings }) => ({ ...budgetAnswer(rule), standings: standings.slice(0, most).map(standingAnswer) })),
  })
})

interface StandingBudget {
  readonly rule: BudgetRule
  readonly standings: readonly Standing[]
}

/** Budgets of an organization, or of all, on a dimension or for a value where one is named, and how each stands now, the fullest first. */
export async function standingBudgets(
  { ledger, now }: Pick<Services, 'ledger' | 'now'>,
  organization: string | null,
  { dimension, value }: { readonly dimension?: string; readonly value?: string } = {},
): Promise<StandingBudget[]> {
  const at = now()
  const [rules, counters] = await Promise.all([ledger.budgets(organization), ledger.counters(organization)])
  return rules
    .filter((rule) => dimension === undefined || rule.dimension === dimension)
    .map((rule) => ({ rule, standings: standingsNow(rule, counters.filter(isOf(rule)), value, at) }))
    .filter(({ rule, standings }) => value === undefined || rule.value === value || standings.length > 0)
}

function isOf(rule: BudgetRule): (counter: CounterState) => boolean {
  return (counter) => counter.organization === rule.organization && counter.budget === rule.id
}

/** The fullest first. A budget on one value always stands somehow; of a template, the values that something was counted for. */
function standingsNow(rule: BudgetRule, counters: readonly CounterState[], value: string | undefined, now: Millis): Standing[] {
  const read = readerOf(counters)
  const values = rule.value === EVERY_VALUE ? [...new Set(counters.map((counter) => counter.value))] : [rule.value]
  return values
    .filter((one) => value === undefined || one === value)
    .map((one) => standingOf(matchOf(rule, one, now), read))
    .filter(({ spent, held }) => rule.value !== EVERY_VALUE || spent !== 0n || held !== 0n)
    .sort((a, b) => (roomIn(a) < roomIn(b) ? -1 : 1))
}
