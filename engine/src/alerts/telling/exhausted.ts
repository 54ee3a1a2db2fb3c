import { formatPeriod, picos, usdOfPicos } from '../../kernel/index.ts'
import type { BudgetExhaustion, ExhaustedBudget, JournalEntry } from '../../ledger/index.ts'
import type { AlertDraft } from './alerts-of.ts'
import { percentOf, periodWords, resetText, resetWords, startText, subjectOf } from './budget-words.ts'

/** Hard budgets that refused a call because they had no room for it: one alert each, once in a period and again when the limit was raised. */
export function exhaustedBudgets({ organization, event }: JournalEntry): readonly AlertDraft[] {
  return event.kind === 'budget_exhausted'
    ? event.exhaustion.budgets.map((budget) => alertOf(organization, event.exhaustion, budget))
    : NONE
}

const NONE: readonly AlertDraft[] = []

/** What is spent and what is left of the limit is as a threshold says it; `available_usd` is what was left for this call beside those under way. */
function alertOf(organization: string, { call, agent: caller, model }: BudgetExhaustion, of: ExhaustedBudget): AlertDraft {
  const { budget, value, periodStart, limit, spent, held, requested, rule } = of
  const agent = rule.dimension === 'agent' ? value : null
  const unspent = picos(spent < limit ? limit - spent : 0n)
  const available = picos(held < unspent ? unspent - held : 0n)
  const period = formatPeriod(rule.period)
  const who = caller === null ? 'A call' : `A call of agent ${caller}`
  return {
    type: 'budget.exhausted',
    agent,
    thresholdPct: null,
    watched: false,
    title: `${subjectOf(rule, value)} is refused calls by its budget ${periodWords(period)}`,
    text:
      `${who} asked for $${usdOfPicos(requested)} at most and was refused: $${usdOfPicos(available)} of $${usdOfPicos(limit)} was left, ` +
      `$${usdOfPicos(spent)} is spent and $${usdOfPicos(held)} held. ${resetWords(rule.resetsAt)}`,
    facts: {
      organization_id: organization,
      agent_id: agent,
      budget_id: budget,
      budget_name: rule.name,
      dimension: rule.dimension,
      value,
      mode: 'hard',
      period,
      zone: rule.zone,
      period_start: startText(periodStart, rule.period),
      resets_at: resetText(rule.resetsAt),
      spent_pct: percentOf(spent, limit),
      limit_usd: usdOfPicos(limit),
      spent_usd: usdOfPicos(spent),
      held_usd: usdOfPicos(held),
      remaining_usd: usdOfPicos(unspent),
      available_usd: usdOfPicos(available),
      requested_usd: usdOfPicos(requested),
      call_id: call,
      call_agent_id: caller,
      call_model: model,
    },
  }
}
