import type { DailyAlert } from '@purser/contract'
import type { Alert } from '../../../alerts/index.ts'
import { formatInstant, type Millis, type Picos, parseInstant, picosOfUsd } from '../../../kernel/index.ts'
import type { BudgetRule } from '../../../ledger/index.ts'
import { isMonthBudget } from '../month-budget.ts'
import { type AlertsQuestion, alertId } from './alert-source.ts'
import { dollars, periodAdjective, sentence, severityOf } from './alert-words.ts'
import { toldAlerts } from './told-alerts.ts'

/**
 * What the ledger has told of budgets in periods that still run: of each budget and value the highest threshold, and that it refuses calls. The budget of
 * the registration is told by what reports add to it.
 */
export async function budgetAlerts({ services, organization, now }: AlertsQuestion): Promise<readonly DailyAlert[]> {
  const [told, rules] = await Promise.all([toldAlerts(services, organization, now), services.ledger.budgets(organization)])
  const standing = new Map<string, Alert>()
  for (const alert of told) {
    const rule = rules.find(({ id }) => id === alert.facts.budget_id)
    if (rule === undefined || isMonthBudget(rule) || !holds(alert, rule, now)) continue
    const about = JSON.stringify([rule.id, alert.facts.value, alert.type])
    const known = standing.get(about)
    if (known === undefined || (alert.thresholdPct ?? 0) > (known.thresholdPct ?? 0)) standing.set(about, alert)
  }
  return [...standing.values()].map((alert) => budgetAlert(organization, alert))
}

/** Its period runs, and its limit has not been raised past what was told. */
function holds({ type, facts, thresholdPct }: Alert, { limit }: BudgetRule, now: Millis): boolean {
  const resetsAt = typeof facts.resets_at === 'string' ? parseInstant(facts.resets_at) : null
  if (resetsAt !== null && resetsAt <= now) return false
  const then = amountOf(facts.limit_usd)
  if (then === null || limit <= then) return true
  const spent = amountOf(facts.spent_usd)
  return type === 'budget.threshold' && spent !== null && spent * 100n >= limit * BigInt(thresholdPct ?? 100)
}

function budgetAlert(organization: string, { type, facts, thresholdPct, at }: Alert): DailyAlert {
  const exhausted = type === 'budget.exhausted'
  const threshold = thresholdPct ?? 100
  const adjective = periodAdjective(String(facts.period))
  const whose = `${String(facts.dimension).replace('_', ' ')} ${String(facts.value)}`
  const [spent, limit] = [words(facts.spent_usd), words(facts.limit_usd)]
  return {
    id: alertId(organization, type, String(facts.budget_id), String(facts.value), String(facts.period_start), threshold),
    alert_type: exhausted ? 'budget_exhausted' : 'budget_warning',
    severity: exhausted ? 'critical' : severityOf(threshold),
    title: `${sentence(adjective)} budget of ${whose} ${exhausted ? 'refuses calls' : `${threshold}% consumed`}`,
    message: exhausted
      ? `${sentence(whose)} is refused calls: ${spent} of its ${limit} ${adjective} budget is used, and what calls ask for does not fit any more.`
      : `${sentence(whose)} has used ${spent} of its ${limit} ${adjective} budget.`,
    created_at: formatInstant(at),
    data: { ...facts },
  }
}

function words(usd: unknown): string {
  const amount = amountOf(usd)
  return amount === null ? 'an amount that is not known' : dollars(amount)
}

function amountOf(usd: unknown): Picos | null {
  return typeof usd === 'string' ? picosOfUsd(usd) : null
}
