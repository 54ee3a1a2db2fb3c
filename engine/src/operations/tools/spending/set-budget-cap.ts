import { type BudgetWasSet, setBudgetCap } from '@purser/contract'
import { fail, isZone, ok, type Picos, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import type { BudgetRule } from '../../../ledger/index.ts'
import { removeBudgetOperation } from '../../budgets/remove-budget.ts'
import { setBudgetOperation } from '../../budgets/set-budget.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool, inside, type ToolContext } from '../tool.ts'

/** Caps what an agent may spend in a day and in a month. Each is a hard budget of the agent; a second call changes them. */
export const setBudgetCapTool = implementTool(setBudgetCap, async (context, input): Promise<Result<unknown>> => {
  const daily = statedAmount(input.daily_limit, '/daily_limit', 'allowed')
  if (!daily.ok) return daily
  const monthly = input.monthly_limit === undefined ? ok(null) : statedAmount(input.monthly_limit, '/monthly_limit', 'allowed')
  if (!monthly.ok) return monthly
  if (input.zone !== undefined && !isZone(input.zone)) {
    return fail(refusal('invalid_period', `"${input.zone}" is not an IANA time zone`, { path: '/zone' }))
  }
  const known = await knownCaps(context)
  const zone = input.zone ?? known.day?.zone ?? known.month?.zone ?? 'UTC'
  const monthlyLimit = monthly.value?.amount ?? known.month?.limit ?? null
  if (monthlyLimit !== null && daily.value.amount > monthlyLimit) return fail(unreachable(daily.value.amount, monthlyLimit))
  const wanted: Wanted[] = [{ unit: 'day', limit: daily.value.amount, known: known.day, zone }]
  if (monthlyLimit !== null) wanted.push({ unit: 'month', limit: monthlyLimit, known: known.month, zone })
  // What is raised is raised from the longer period on, so that no step on the way is a limit that can never be reached.
  if (monthlyLimit !== null && (known.month === null || monthlyLimit >= known.month.limit)) wanted.reverse()
  let status: 'created' | 'changed' | 'unchanged' = 'unchanged'
  for (const cap of wanted) {
    const done = await setOne(context, cap)
    if (!done.ok) return done
    if (done.value === 'created' || (done.value === 'changed' && status === 'unchanged')) status = done.value
  }
  return ok({
    agent_id: context.agent,
    daily_limit: usdOfPicos(daily.value.amount),
    ...(monthlyLimit === null ? {} : { monthly_limit: usdOfPicos(monthlyLimit) }),
    zone,
    status,
    ...roundedFrom({ daily_limit: daily.value, monthly_limit: monthly.value }),
  })
})

interface Wanted {
  readonly unit: 'day' | 'month'
  readonly limit: Picos
  readonly known: BudgetRule | null
  readonly zone: string
}

/** The budgets on this agent's name by day and by month, of whatever mode: a cap makes them hard. */
async function knownCaps({ services, organization, agent }: ToolContext): Promise<{ day: BudgetRule | null; month: BudgetRule | null }> {
  const rules = (await services.ledger.budgets(organization)).filter((rule) => rule.dimension === 'agent' && rule.value === agent)
  const of = (unit: string): BudgetRule | null => rules.find(({ period }) => period.unit === unit) ?? null
  return { day: of('day'), month: of('month') }
}

async function setOne(context: ToolContext, { unit, limit, known, zone }: Wanted): Promise<Result<'created' | 'changed' | 'unchanged'>> {
  if (known !== null && known.zone === zone && known.limit === limit && known.mode === 'hard') return ok('unchanged')
  if (known !== null && known.zone !== zone) {
    const removed = await removeBudgetOperation.run(inside(context), { organization_id: context.organization, budget_id: known.id })
    if (!removed.ok) return removed
  }
  const set = await setBudgetOperation.run(inside(context), {
    organization_id: context.organization,
    name: known?.name ?? null,
    dimension: 'agent',
    value: context.agent,
    period: unit,
    zone,
    limit_usd: usdOfPicos(limit),
    mode: 'hard',
    ...(known === null ? {} : { thresholds: [...known.thresholds], unpriced: known.unpriced }),
  })
  if (!set.ok)
    return fail({ ...set.error, ...(set.error.path === '/limit_usd' ? { path: unit === 'day' ? '/daily_limit' : '/monthly_limit' } : {}) })
  return ok((set.value as BudgetWasSet).replaced === null && known === null ? 'created' : 'changed')
}

function unreachable(daily: Picos, monthly: Picos): ReturnType<typeof refusal> {
  const detail = `a limit of $${usdOfPicos(daily)} a day can never be reached: $${usdOfPicos(monthly)} a month is reached first`
  return refusal('invalid_field', detail, { path: '/daily_limit' })
}
