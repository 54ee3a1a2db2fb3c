import { type DailyAlert, type DailyAlerts, dailyAlerts } from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implement } from '../../operation.ts'
import { periodAsked } from '../period-asked.ts'
import type { AlertSource, AlertsQuestion } from './alert-source.ts'
import { anomalyAlerts } from './anomaly-alerts.ts'
import { budgetAlerts } from './budget-alerts.ts'
import { missingReports } from './missing-reports.ts'
import { monthAlerts } from './month-alerts.ts'

/** What can be wrong, each by itself. */
const SOURCES: readonly AlertSource[] = [monthAlerts, budgetAlerts, anomalyAlerts, missingReports]

/** What holds now and somebody should know, newest first. */
export const dailyAlertsOperation = implement(dailyAlerts, (context, input): Promise<Result<DailyAlerts>> => {
  return answering(async () => {
    const asked = await periodAsked(context, input)
    if (!asked.ok) return asked
    const { organization, registration, zone } = asked.value
    const { services } = context
    return ok({ alerts: await alertsFor({ services, organization, registration, zone, now: services.now() }) })
  })
})

export async function alertsFor(question: AlertsQuestion): Promise<DailyAlert[]> {
  const found = await Promise.all(SOURCES.map((source) => source(question)))
  return found.flat().sort((left, right) => descending(left.created_at, right.created_at) || (left.id < right.id ? -1 : 1))
}

function descending(left: string, right: string): number {
  return left === right ? 0 : left > right ? -1 : 1
}
