import {
  type DailyReport,
  type DaysQuestion,
  type MeasuredDay,
  measuredDays,
  type PeriodSums,
  type ReconciledDay,
  reconcileDay,
  sumDays,
  totalOf,
  wasteByDay,
} from '../../insights/index.ts'
import type { Services } from '../context.ts'
import type { LocalDays } from './days.ts'
import { type KeptReport, reportsOn } from './report-documents.ts'

/** Days as calls and reports tell them together. */
export interface ReportedDays {
  readonly days: readonly ReconciledDay[]
  readonly sums: PeriodSums
  readonly reports: ReadonlyMap<string, readonly KeptReport[]>
  /** What the calls of these days are found by. */
  readonly question: DaysQuestion
}

/** Reads reports and calls of some days. It sees everything that was acknowledged before it was asked. `lines`: by model and action too; `waste`: with what was spent for nothing. */
export async function reportedDays(
  services: Services,
  organization: string,
  period: LocalDays,
  zone: string,
  { lines = false, waste = false }: { readonly lines?: boolean; readonly waste?: boolean } = {},
): Promise<ReportedDays> {
  const everything = { scope: { organization }, atLeast: services.committer.head() }
  const question = { ...everything, from: period.start, to: period.end, zone }
  const reports = await reportsOn(services, organization, period)
  const all = [...reports.values()].flat().map(({ report }) => report)
  const [measured, wasted] = await Promise.all([
    measuredDays(services.calls, question, lines ? { reports: all } : null),
    waste ? wasteByDay(services.calls, question) : null,
  ])
  const days = measured.map((day) => reconcileDay(day, saidOf(reports, day), wasted?.get(day.date)))
  const quiet = all.length === 0 && days.every(({ source }) => source === 'none')
  const sendsCalls = !quiet || (await totalOf(services.calls, everything)).calls > 0
  return { days, sums: sumDays(days, measured, sendsCalls), reports, question }
}

function saidOf(reports: ReadonlyMap<string, readonly KeptReport[]>, { date }: MeasuredDay): DailyReport[] {
  return (reports.get(date) ?? []).map(({ report }) => report)
}
