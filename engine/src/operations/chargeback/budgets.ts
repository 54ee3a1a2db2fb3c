import {
  type BudgetSet,
  type CostBudget,
  type CostBudgetRemoved,
  type CostBudgetSet,
  type CostBudgetStatus,
  type CostBudgets,
  type CostBudgetsStatus,
  changeCostBudget,
  changeNamedCostBudget,
  costBudgetsStatus,
  listCostBudgets,
  removeCostBudget,
  removeNamedCostBudget,
  setCostBudget,
} from '@purser/contract'
import {
  assert,
  fail,
  formatInstant,
  formatPeriod,
  ok,
  type Result,
  refusal,
  usdNumberOfPicos,
  usdOfPicos,
  ZERO,
} from '../../kernel/index.ts'
import type { BudgetRule, Standing } from '../../ledger/index.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import { standingBudgets } from '../budgets/list-budgets.ts'
import { removalOf } from '../budgets/remove-budget.ts'
import { settingOf } from '../budgets/set-budget.ts'
import { setTogether } from '../budgets/set-together.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { standingAnswer } from '../wire/budget-answer.ts'
import { camelDimension, inCamel, snakeDimension } from './spelling.ts'

const PATHS = { '/period': '/periodType', '/thresholds': '/alertThresholds', '/budget_id': '/id' } as const
const PERIODS = new Map([
  ['hourly', 'hour'],
  ['daily', 'day'],
  ['weekly', 'week'],
  ['monthly', 'month'],
  ['quarterly', 'quarter'],
  ['yearly', 'year'],
])
const PERIOD_TYPES = new Map([...PERIODS].map(([type, period]) => [period, type]))

/** A cap of this family is a budget like any other, one that tells and does not refuse where nothing else is said. */
export const setCostBudgetOperation = implement(setCostBudget, async (context, input): Promise<Result<CostBudget>> => {
  const organization = organizationOf(context.caller, input.organizationId)
  if (!organization.ok) return inCamel(organization)
  return set(context, organization.value, budgetOf(input))
})

export const listCostBudgetsOperation = implement(listCostBudgets, async ({ services, caller }, query): Promise<Result<CostBudgets>> => {
  const scope = readScope(caller, query.organizationId)
  if (!scope.ok) return inCamel(scope)
  const rules = await services.ledger.budgets('organization' in scope.value ? scope.value.organization : null)
  const dimension = query.dimension === undefined ? undefined : snakeDimension(query.dimension)
  const wanted = rules
    .filter((rule) => dimension === undefined || rule.dimension === dimension)
    .filter((rule) => query.value === undefined || rule.value === query.value)
  return ok({ budgets: wanted.map(answerOf) })
})

export const changeCostBudgetOperation = implement(changeCostBudget, change)
export const changeNamedCostBudgetOperation = implement(changeNamedCostBudget, change)
export const removeCostBudgetOperation = implement(removeCostBudget, remove)
export const removeNamedCostBudgetOperation = implement(removeNamedCostBudget, remove)

export const costBudgetsStatusOperation = implement(
  costBudgetsStatus,
  async ({ services, caller }, query): Promise<Result<CostBudgetsStatus>> => {
    const scope = readScope(caller, query.organizationId)
    if (!scope.ok) return inCamel(scope)
    const organization = 'organization' in scope.value ? scope.value.organization : null
    const { dimension, value } = query
    const budgets = await standingBudgets(services, organization, {
      ...(dimension === undefined ? {} : { dimension: snakeDimension(dimension) }),
      ...(value === undefined ? {} : { value }),
    })
    return ok({
      budgets: budgets.flatMap(({ rule, standings }) => standings.map((standing) => statusOf(rule, standing))),
      asOf: formatInstant(services.now()),
    })
  },
)

interface Change extends Partial<Pick<CostBudgetSet, 'limitUsd' | 'mode' | 'alertThresholds' | 'name'>> {
  readonly id: string
  readonly organizationId?: string | null
}

async function change(context: Context, input: Change): Promise<Result<CostBudget>> {
  const rule = await ruleOf(context, input)
  if (!rule.ok) return rule
  const { limitUsd, mode, alertThresholds, name } = input
  return set(context, rule.value.organization, {
    ...settingOf(rule.value),
    ...(limitUsd === undefined ? {} : { limit_usd: limitUsd }),
    ...(mode === undefined ? {} : { mode }),
    ...(alertThresholds === undefined ? {} : { thresholds: alertThresholds }),
    ...(name === undefined ? {} : { name }),
  })
}

async function remove(
  context: Context,
  input: { readonly id: string; readonly organizationId?: string },
): Promise<Result<CostBudgetRemoved>> {
  const rule = await ruleOf(context, input)
  if (!rule.ok) return rule
  const posted = await context.services.committer.submit(removalOf(context.services, context.caller, rule.value))
  return posted.ok ? ok({ id: rule.value.id, organizationId: rule.value.organization, deleted: true }) : inCamel(posted, PATHS)
}

async function ruleOf(
  { services, caller }: Context,
  { id, organizationId }: { readonly id: string; readonly organizationId?: string | null },
): Promise<Result<BudgetRule>> {
  const said = organizationId ?? caller.organization
  const organization = organizationOf(caller, said)
  if (!organization.ok) return inCamel(organization)
  const rule = (await services.ledger.budgets(said)).find((one) => one.id === id)
  return rule === undefined ? fail(refusal('not_found', `there is no budget "${id}" here`, { path: '/id' })) : ok(rule)
}

async function set(context: Context, organization: string, input: BudgetSet): Promise<Result<CostBudget>> {
  const done = await setTogether(context, organization, { set: [{ input }] })
  if (!done.ok) return inCamel(done, PATHS)
  const [made] = done.value.budgets
  assert(made !== undefined, 'one budget was set')
  const rule = (await context.services.ledger.budgets(organization)).find(({ id }) => id === made.budget.budget_id)
  assert(rule !== undefined, 'a budget that was set is there')
  return ok(answerOf(rule))
}

function budgetOf(input: CostBudgetSet): BudgetSet {
  const { dimension, value, limitUsd, periodType = 'monthly', mode = 'soft', alertThresholds, name, zone } = input
  return {
    dimension: snakeDimension(dimension),
    value,
    limit_usd: limitUsd,
    period: PERIODS.get(periodType) ?? periodType,
    mode,
    // What is capped to be told is not refused for want of a price either.
    unpriced: mode === 'hard' ? 'deny' : 'allow',
    ...(alertThresholds === undefined ? {} : { thresholds: alertThresholds }),
    ...(name === undefined ? {} : { name }),
    ...(zone === undefined ? {} : { zone }),
  }
}

function answerOf(rule: BudgetRule): CostBudget {
  const period = formatPeriod(rule.period)
  return {
    id: rule.id,
    organizationId: rule.organization,
    name: rule.name,
    dimension: camelDimension(rule.dimension),
    value: rule.value,
    limitUsd: usdNumberOfPicos(rule.limit),
    limitUsdExact: usdOfPicos(rule.limit),
    periodType: PERIOD_TYPES.get(period) ?? period,
    mode: rule.mode,
    alertThresholds: [...rule.thresholds],
    zone: rule.zone,
    createdAt: formatInstant(rule.createdAt),
  }
}

function statusOf(rule: BudgetRule, standing: Standing): CostBudgetStatus {
  const { spent, match } = standing
  const { held_usd, remaining_usd, period_start, resets_at } = standingAnswer(standing)
  return {
    ...answerOf(rule),
    value: match.counter.value,
    spentUsd: usdNumberOfPicos(spent),
    spentUsdExact: usdOfPicos(spent),
    heldUsd: held_usd,
    remainingUsd: remaining_usd,
    percentUsed: percentUsed(spent, rule.limit),
    alertState: alertState(spent, rule),
    periodStart: period_start,
    resetsAt: resets_at,
  }
}

/** To the hundredth, rounded down: what is below the limit is below 100. */
function percentUsed(spent: bigint, limit: bigint): number | null {
  if (limit === 0n) return spent === 0n ? 0 : null
  return Number((spent * 10_000n) / limit) / 100
}

/** Exact: a threshold is reached when the ledger tells it. */
function alertState(spent: bigint, { limit, thresholds }: BudgetRule): CostBudgetStatus['alertState'] {
  const reached = (percent: number): boolean => spent > ZERO && spent * 100n >= limit * BigInt(percent)
  if (reached(100)) return 'exceeded'
  const below = thresholds.filter((percent) => percent < 100)
  const [lowest, highest] = [below.at(0), below.at(-1)]
  if (below.length > 1 && highest !== undefined && reached(highest)) return 'critical'
  return lowest !== undefined && reached(lowest) ? 'warning' : 'ok'
}
