import type { DailyAlert } from '@purser/contract'
import { type KnownSpend, reachedAt } from '../../../insights/index.ts'
import { formatInstant, type Millis, type Picos, picos, usdOfPicos, ZERO } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'
import { monthSoFar, spanAt } from '../days.ts'
import { type ReportedDays, reportedDays } from '../reported-days.ts'
import { type AlertsQuestion, alertId } from './alert-source.ts'
import { dollars, severityOf } from './alert-words.ts'

/**
 * The monthly budget of the registration, by what calls measured and what only reports say: reports are not in the ledger, so its own counter may not have
 * reached a threshold that the month has. Only the highest threshold that was reached is told, with the time it was reached: of calls to the hour.
 */
export async function monthAlerts(question: AlertsQuestion): Promise<readonly DailyAlert[]> {
  const { services, organization, registration, zone, now } = question
  const limit = registration?.monthlyBudget ?? null
  if (registration === null || limit === null) return []
  const period = monthSoFar(now, zone)
  const month = await reportedDays(services, organization, period, zone)
  const spent = month.sums.cost.total ?? ZERO
  const threshold = [100, registration.alertThresholdPct].find((percent) => spent >= levelOf(limit, percent))
  if (threshold === undefined) return []
  const createdAt = reachedAt(await knownSpends(services, month, zone, period.start), levelOf(limit, threshold)) ?? period.start
  return [
    {
      id: alertId(organization, 'month', period.start, threshold),
      alert_type: 'budget_warning',
      severity: severityOf(threshold),
      title: `Monthly budget ${threshold}% consumed`,
      message: `You have used ${dollars(spent)} of your ${dollars(limit)} monthly budget.`,
      created_at: formatInstant(createdAt),
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

/** What calls measured, known from the beginning of their hour on, and what only reports say, known since they came. */
async function knownSpends(
  services: Services,
  { days, reports, question: { zone: _, ...query } }: ReportedDays,
  zone: string,
  monthStart: Millis,
): Promise<KnownSpend[]> {
  const hours = await services.calls.aggregate({ ...query, groupBy: [], bucket: { period: 'hour', zone } })
  const spends = hours.map(({ bucketStart, cost }): KnownSpend => ({ at: bucketStart ?? monthStart, amount: cost }))
  let start = monthStart
  for (const { date, cost } of days) {
    const came = (reports.get(date) ?? []).map(({ changedAt }) => changedAt)
    spends.push({ at: Math.max(start, ...came), amount: cost.reportedOnly })
    start = spanAt('day', start, zone).end
  }
  return spends
}
