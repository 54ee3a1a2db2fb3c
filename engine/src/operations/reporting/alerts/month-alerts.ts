import type { DailyAlert } from '@purser/contract'
import { dayReaching, type ReconciledDay } from '../../../insights/index.ts'
import { formatInstant, type Millis, type Picos, picos, usdOfPicos, ZERO } from '../../../kernel/index.ts'
import { monthSoFar, spanAt } from '../days.ts'
import { isMonthBudget } from '../month-budget.ts'
import { type ReportedDays, reportedDays } from '../reported-days.ts'
import { type AlertsQuestion, alertId } from './alert-source.ts'
import { dollars, severityOf } from './alert-words.ts'
import { toldAlerts } from './told-alerts.ts'

/**
 * The monthly budget of the registration, by what calls measured and what only reports say: reports are not in the ledger, so its own counter may not have
 * reached a threshold that the month has. Only the highest threshold that was reached is told.
 */
export async function monthAlerts(question: AlertsQuestion): Promise<readonly DailyAlert[]> {
  const { services, organization, registration, zone, now } = question
  const limit = registration?.monthlyBudget ?? null
  if (registration === null || limit === null) return []
  const period = monthSoFar(now, zone)
  const month = await reportedDays(services, organization, period, zone, { lines: false })
  const spent = month.sums.cost.total ?? ZERO
  const threshold = [100, registration.alertThresholdPct].find((percent) => spent >= levelOf(limit, percent))
  if (threshold === undefined) return []
  const told = await toldAt(question, threshold, period.start)
  const reachedAt = told ?? reachedOn(month, levelOf(limit, threshold), zone, period.start)
  return [
    {
      id: alertId(organization, 'month', period.start, threshold),
      alert_type: 'budget_warning',
      severity: severityOf(threshold),
      title: `Monthly budget ${threshold}% consumed`,
      message: `You have used ${dollars(spent)} of your ${dollars(limit)} monthly budget.`,
      created_at: formatInstant(reachedAt),
      data: {
        threshold_pct: threshold,
        limit_usd: usdOfPicos(limit),
        spent_usd: usdOfPicos(spent),
        reported_only_usd: usdOfPicos(month.sums.cost.reportedOnly),
        unpriced_calls: month.sums.unpriced,
        period_start: period.dates[0] ?? null,
        zone,
      },
    },
  ]
}

function levelOf(limit: Picos, percent: number): Picos {
  return picos((limit * BigInt(percent) + 99n) / 100n)
}

/** When the ledger told that its counter reached the threshold; null where it has not. */
async function toldAt({ services, organization, now }: AlertsQuestion, threshold: number, start: Millis): Promise<Millis | null> {
  const ids = new Set((await services.ledger.budgets(organization)).filter(isMonthBudget).map(({ id }) => id))
  const told = (await toldAlerts(services, organization, now)).filter(({ type, facts }) => {
    return type === 'budget.threshold' && ids.has(String(facts.budget_id)) && facts.period_start === formatInstant(start)
  })
  return told.find(({ thresholdPct }) => thresholdPct === threshold)?.at ?? null
}

/** When the report came that took the month over the level; where calls did, the beginning of their day. */
function reachedOn({ days, reports }: ReportedDays, level: Picos, zone: string, start: Millis): Millis {
  const day = dayReaching(days, level)
  if (day === null) return start
  const came = (reports.get(day.date) ?? []).map(({ changedAt }) => changedAt)
  return Math.max(startOf(day, days, zone, start), ...came)
}

function startOf({ date }: ReconciledDay, days: readonly ReconciledDay[], zone: string, monthStart: Millis): Millis {
  let at = monthStart
  for (const day of days) {
    if (day.date === date) return at
    at = spanAt('day', at, zone).end
  }
  return at
}
