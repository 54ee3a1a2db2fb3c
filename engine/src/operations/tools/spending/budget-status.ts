import { type BudgetStatus, getBudgetStatus } from '@purser/contract'
import { knownCost, type Measures } from '../../../calls/index.ts'
import { formatInstant, ok, type Picos, picos, type Result, usdOfPicos } from '../../../kernel/index.ts'
import { roomIn, type Standing } from '../../../ledger/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implementTool, type ToolContext } from '../tool.ts'
import { capsOf, isUsedUp, tightest } from './caps.ts'
import { periodNow } from './days.ts'
import { callsOfAgent, sumsOf } from './spending.ts'

/**
 * How an agent stands: what it spent today and this month, from the counter of its cap where it has one, else from its calls; both are
 * exact. Of several caps of one period the one that leaves least is told.
 */
export const getBudgetStatusTool = implementTool(getBudgetStatus, (context): Promise<Result<BudgetStatus>> => {
  return answering(async () => {
    const { services, organization, agent } = context
    const now = services.now()
    const caps = await capsOf(services, organization, agent, now)
    const day = tightest(caps, 'day')
    const month = tightest(caps, 'month')
    const zone = day?.match.rule.zone ?? month?.match.rule.zone ?? 'UTC'
    const today = periodNow('day', now, zone)
    const thisMonth = periodNow('month', now, month?.match.rule.zone ?? zone)
    const [callsToday, callsThisMonth] = await Promise.all([
      sumsOf(context, callsOfAgent(context, { from: today.start, to: today.end })),
      sumsOf(context, callsOfAgent(context, { from: thisMonth.start, to: thisMonth.end })),
    ])
    return ok({
      agent_id: agent,
      ...limitMembers(day, month),
      ...spentMember('spent_today', day, callsToday),
      ...spentMember('spent_this_month', month, callsThisMonth),
      held: usdOfPicos(await heldBy(context, day ?? month)),
      resets: { daily: formatInstant(today.end), monthly: formatInstant(thisMonth.end) },
      zone,
      exhausted: caps.some(isUsedUp),
      unpriced_calls_today: callsToday.unpriced,
      unpriced_calls_this_month: callsThisMonth.unpriced,
    })
  })
})

function limitMembers(day: Standing | null, month: Standing | null) {
  return {
    ...(day === null ? {} : { daily_limit: usdOfPicos(day.match.rule.limit), remaining_daily: remaining(day) }),
    ...(month === null ? {} : { monthly_limit: usdOfPicos(month.match.rule.limit), remaining_monthly: remaining(month) }),
  }
}

/** Left out when there were calls and the price of none of them is known: that is not zero. */
function spentMember<Name extends string>(name: Name, cap: Standing | null, calls: Measures): { readonly [N in Name]?: string } {
  const known = knownCost(calls)
  const spent = cap === null || (cap.spent === 0n && known === null) ? known : cap.spent
  return spent === null ? {} : ({ [name]: usdOfPicos(spent) } as { readonly [N in Name]?: string })
}

/** What was spent past a limit leaves nothing. */
function remaining(standing: Standing): string {
  const room = roomIn(standing)
  return usdOfPicos(room > 0n ? room : picos(0n))
}

/** A cap counts what is held in its period; without one the agent's holds are added up. */
async function heldBy({ services, organization, agent }: ToolContext, cap: Standing | null): Promise<Picos> {
  if (cap !== null) return cap.held
  let held = 0n
  for (const { scope, amount, expiredAt } of await services.ledger.holds(organization)) {
    if (scope.agent === agent && expiredAt === null) held += amount ?? 0n
  }
  return picos(held)
}
