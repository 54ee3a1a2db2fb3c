import type { DailyAlert } from '@purser/contract'
import { formatInstant } from '../../../kernel/index.ts'
import { daysOf, spanAt } from '../days.ts'
import { reportsOn } from '../report-documents.ts'
import { type AlertsQuestion, alertId } from './alert-source.ts'

/** Who reported on each of so many days in a row reports daily. */
const DAYS_IN_A_ROW = 3
/** A report comes after its day has ended; until then it is not late. */
const GRACE_MS = 6 * 3_600_000

/** Nothing was reported of yesterday by somebody who reported on each of the three days before it. */
export async function missingReports({ services, organization, zone, now }: AlertsQuestion): Promise<readonly DailyAlert[]> {
  const today = spanAt('day', now, zone).start
  const dueAt = today + GRACE_MS
  if (now < dueAt) return []
  let first = spanAt('day', today - 1, zone)
  for (let back = 0; back < DAYS_IN_A_ROW; back++) first = spanAt('day', first.start - 1, zone)
  const days = daysOf({ start: first.start, end: today }, zone)
  const reports = await reportsOn(services, organization, days)
  const sourcesOn = (date: string): (string | null)[] => (reports.get(date) ?? []).map(({ report }) => report.source)
  const yesterday = days.dates.at(-1) ?? ''
  const before = days.dates.slice(0, -1).map(sourcesOn)
  const daily = (before[0] ?? []).filter((source) => before.every((sources) => sources.includes(source)))
  const missing = daily.filter((source) => !sourcesOn(yesterday).includes(source))
  return missing.map((source) => ({
    id: alertId(organization, 'report_missing', yesterday, source ?? ''),
    alert_type: 'report_missing',
    severity: 'low',
    title: `No daily report for ${yesterday}`,
    message: `${source === null ? 'A report' : `A report of ${source}`} came on each of the ${DAYS_IN_A_ROW} days before, and none for ${yesterday}.`,
    created_at: formatInstant(dueAt),
    data: { date: yesterday, source },
  }))
}
