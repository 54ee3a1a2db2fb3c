import { type BudgetsRebalanced, rebalanceBudgets } from '@purser/contract'
import { ok, type Picos, picos, type Result, sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { type BudgetRule, EVERY_VALUE, matchOf, standingOf } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { settingOf } from '../budgets/set-budget.ts'
import { setTogether } from '../budgets/set-together.ts'
import { readerOf } from '../budgets/standings.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { statedAmount } from '../validation/index.ts'
import { type AgentBudget, type Rebalanced, rebalanced } from './rebalanced.ts'

/** Moves limits of a day from agents that hardly use theirs to agents that have nearly used theirs up. The sum of all limits stays. */
export const rebalanceBudgetsOperation = implement(rebalanceBudgets, async (context, input): Promise<Result<BudgetsRebalanced>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const floor = input.floor_usd === undefined ? ok(ZERO) : statedAmount(input.floor_usd, '/floor_usd')
  if (!floor.ok) return floor
  const budgets = await budgetsOf(context, organization.value, input.agents ?? null)
  const plan = rebalanced(budgets, {
    donorBelowPct: input.donor_below_pct ?? 30,
    receiverAbovePct: input.receiver_above_pct ?? 80,
    sharePct: input.share_pct ?? 50,
    floor: floor.value,
  })
  const apply = input.dry_run !== true && plan.changes.length > 0
  const applied = apply ? await applyAll(context, organization.value, plan) : ok(null)
  return applied.ok ? ok(answerOf(plan, budgets, apply)) : applied
})

/** In one transaction, so that the sum of all limits is what it was at every moment. A limit that can never be reached refuses the whole. */
async function applyAll(context: Context, organization: string, { changes }: Rebalanced): Promise<Result<unknown>> {
  const rules = await context.services.ledger.budgets(organization)
  const set = changes.flatMap(({ id, newLimit }) =>
    rules.filter((rule) => rule.id === id).map((rule) => ({ input: settingOf({ ...rule, limit: newLimit }) })),
  )
  return await setTogether(context, organization, { set })
}

/** The hard budgets of a day that agents have of their own, and how they stand. */
async function budgetsOf({ services }: Context, organization: string, agents: readonly string[] | null): Promise<AgentBudget[]> {
  const [rules, counters] = await Promise.all([services.ledger.budgets(organization), services.ledger.counters(organization)])
  const read = readerOf(counters)
  const own = rules.filter((rule) => isOfAgentADay(rule) && (agents === null || agents.includes(rule.value)))
  return own.map((rule) => {
    const { spent, held } = standingOf(matchOf(rule, rule.value, services.now()), read)
    return { agent: rule.value, id: rule.id, limit: rule.limit, used: picos(spent + held) }
  })
}

function isOfAgentADay({ dimension, value, period, mode }: BudgetRule): boolean {
  return dimension === 'agent' && value !== EVERY_VALUE && period.unit === 'day' && mode === 'hard'
}

function answerOf({ changes, moved, reason }: Rebalanced, budgets: readonly AgentBudget[], applied: boolean): BudgetsRebalanced {
  return {
    changes: changes.map(({ agent, id, limit, used, newLimit }) => ({
      agent_name: agent,
      budget_id: id,
      used_pct: percent(used, limit),
      old_limit_usd: usdOfPicos(limit),
      new_limit_usd: usdOfPicos(newLimit),
    })),
    moved_usd: usdOfPicos(moved),
    total_limit_usd: usdOfPicos(sumPicos(budgets.map(({ limit }) => limit))),
    applied,
    reason,
  }
}

/** With two decimals, for people. Null of a limit of nothing. */
function percent(part: Picos, of: Picos): number | null {
  return of === 0n ? null : Number((part * 10_000n) / of) / 100
}
