import { setBudgetCap } from '@purser/contract'
import { fail, isZone, ok, type Picos, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import type { BudgetRule } from '../../../ledger/index.ts'
import { setTogether, type WantedBudget } from '../../budgets/set-together.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool, inside, type ToolContext } from '../tool.ts'

/** Caps what an agent may spend in a day and in a month. Each is a hard budget of the agent; a second call changes them. Both in one transaction. */
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
  const caps: Cap[] = [{ unit: 'day', limit: daily.value.amount, known: known.day, zone }]
  // The longer period first, so that it is named first.
  if (monthlyLimit !== null) caps.unshift({ unit: 'month', limit: monthlyLimit, known: known.month, zone })
  const changed = caps.filter((cap) => !isSet(cap))
  if (changed.length > 0) {
    const remove = changed.flatMap((cap) => (cap.known !== null && cap.known.zone !== zone ? [cap.known] : []))
    const done = await setTogether(inside(context), context.organization, { set: changed.map((cap) => wantedOf(context, cap)), remove })
    if (!done.ok) return done
  }
  const status = changed.length === 0 ? 'unchanged' : changed.some((cap) => cap.known === null) ? 'created' : 'changed'
  return ok({
    agent_id: context.agent,
    daily_limit: usdOfPicos(daily.value.amount),
    ...(monthlyLimit === null ? {} : { monthly_limit: usdOfPicos(monthlyLimit) }),
    zone,
    status,
    ...roundedFrom({ daily_limit: daily.value, monthly_limit: monthly.value }),
  })
})

interface Cap {
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

function isSet({ known, zone, limit }: Cap): boolean {
  return known !== null && known.zone === zone && known.limit === limit && known.mode === 'hard'
}

function wantedOf({ organization, agent }: ToolContext, { unit, limit, known, zone }: Cap): WantedBudget {
  const input = {
    organization_id: organization,
    name: known?.name ?? null,
    dimension: 'agent',
    value: agent,
    period: unit,
    zone,
    limit_usd: usdOfPicos(limit),
    mode: 'hard' as const,
    ...(known === null ? {} : { thresholds: [...known.thresholds], unpriced: known.unpriced }),
  }
  return { input, limitPath: unit === 'day' ? '/daily_limit' : '/monthly_limit' }
}

function unreachable(daily: Picos, monthly: Picos): ReturnType<typeof refusal> {
  const detail = `a limit of $${usdOfPicos(daily)} a day can never be reached: $${usdOfPicos(monthly)} a month is reached first`
  return refusal('invalid_field', detail, { path: '/daily_limit' })
}
