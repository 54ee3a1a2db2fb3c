import { formatPeriod, picos, usdOfPicos } from '../../kernel/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import type { AlertDraft } from './alerts-of.ts'
import { percentOf, periodWords, resetText, resetWords, startText, subjectOf } from './budget-words.ts'

type Crossing = NonNullable<JournalEntry['crossed']>[number]
type CrossedRule = NonNullable<Crossing['rule']>

/** Thresholds of budgets that an entry reached: one alert each. Crossings from before it was kept which budget they are of are passed over. */
export function crossedThresholds(entry: JournalEntry): readonly AlertDraft[] {
  if (entry.crossed === undefined) return NONE
  return entry.crossed.flatMap((crossing) => (crossing.rule === undefined ? [] : [alertOf(entry, crossing, crossing.rule)]))
}

const NONE: readonly AlertDraft[] = []

function alertOf(entry: JournalEntry, crossing: Crossing, rule: CrossedRule): AlertDraft {
  const { budget, value, threshold, spent, limit } = crossing
  const agent = rule.dimension === 'agent' ? value : null
  const pct = percentOf(spent, limit)
  const left = picos(spent < limit ? limit - spent : 0n)
  const call = entry.event.kind === 'call' ? entry.event.call : null
  const subject = subjectOf(rule, value)
  const period = formatPeriod(rule.period)
  return {
    type: 'budget.threshold',
    agent,
    thresholdPct: threshold,
    watched: rule.watched,
    title: `${subject} has spent ${pct === null ? 'from' : `${pct} % of`} its budget ${periodWords(period)}`,
    text: `$${usdOfPicos(spent)} of $${usdOfPicos(limit)} spent, $${usdOfPicos(left)} left. ${resetWords(rule.resetsAt)}`,
    facts: {
      organization_id: entry.organization,
      agent_id: agent,
      budget_id: budget,
      budget_name: rule.name,
      dimension: rule.dimension,
      value,
      mode: rule.mode,
      period,
      zone: rule.zone,
      period_start: startText(crossing.periodStart, rule.period),
      resets_at: resetText(rule.resetsAt),
      threshold_pct: threshold,
      spent_pct: pct,
      limit_usd: usdOfPicos(limit),
      spent_usd: usdOfPicos(spent),
      remaining_usd: usdOfPicos(left),
      call_id: call?.id ?? null,
      call_agent_id: call?.agent ?? null,
    },
  }
}
