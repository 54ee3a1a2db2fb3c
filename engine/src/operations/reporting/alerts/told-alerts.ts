import type { Alert } from '../../../alerts/index.ts'
import { LIMITS, type Millis } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'

const PAGE = 1_000
/** An organization that is told more than this in the time that alerts are kept has other troubles. */
const PAGES_MAX = 5
const DAY_MS = 86_400_000

/** What was told of budgets and is kept, newest first. What only somebody's webhook asked for is not among it. */
export async function toldAlerts(services: Services, organization: string, now: Millis): Promise<Alert[]> {
  const told: Alert[] = []
  let before: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const alerts = await services.alerts.alerts(organization, PAGE, before)
    told.push(...alerts.filter(({ type, watched }) => type.startsWith('budget.') && !watched))
    const last = alerts.at(-1)
    if (alerts.length < PAGE || last === undefined || last.at < now - LIMITS.alertDaysKept * DAY_MS) break
    before = last.id
  }
  return told
}
