import { type DailyReportSaved, dailyReport } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Context } from '../context.ts'
import { implement } from '../operation.ts'
import { registrationOf, zoneOf } from './customer.ts'
import { orderOf, reportedDate } from './days.ts'
import { documentId, encodeReport, notesOf, REPORT_KIND, reportId, saysTheSame } from './report-documents.ts'
import { type StatedReport, statedReport } from './stated-report.ts'

/** Keeps what a day has cost, in place of what was said of it before. The same again changes nothing. Audited. */
export const dailyReportOperation = implement(dailyReport, async (context, input): Promise<Result<DailyReportSaved>> => {
  const { services, caller } = context
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const source = sourceOf(caller, input.source ?? null)
  if (!source.ok) return source
  const zone = zoneOf(await registrationOf(services, organization.value))
  const date = reportedDate(input.date, services.now(), zone)
  if (!date.ok) return date
  const stated = statedReport(input, source.value)
  return stated.ok ? keepReport(context, organization.value, stated.value) : stated
})

/** What one agent reports stands beside what others do, and never in its place. */
function sourceOf({ agent }: Caller, asked: string | null): Result<string | null> {
  if (agent === null || asked === null || asked === agent) return ok(agent ?? asked)
  return fail(refusal('forbidden', `this key reports for agent "${agent}" only`, { path: '/source' }))
}

const ATTEMPTS = 5

async function keepReport({ services, caller }: Context, organization: string, stated: StatedReport): Promise<Result<DailyReportSaved>> {
  const { report } = stated
  const key = { organization, kind: REPORT_KIND, id: documentId(report) }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const now = services.now()
    const body = encodeReport(stated, now)
    const before = await services.documents.document(key)
    if (before !== null && saysTheSame(before.body, body))
      return ok(savedAnswer(organization, stated, before.version, notesOf(before.body)))
    const basedOn = before?.version ?? 0
    const audit = {
      at: now,
      organization,
      actor: caller.actor,
      action: 'daily_report',
      target: reportId(organization, report),
      before: before?.body ?? null,
      after: body,
    }
    const kept = await services.documents.putDocuments([{ ...key, at: orderOf(report.date), body, basedOn }], [audit])
    if (kept) return ok(savedAnswer(organization, stated, basedOn + 1, stated.notes))
  }
  return fail(refusal('unavailable', 'others are reporting the same day at this moment; send it again'))
}

function savedAnswer(organization: string, { report }: StatedReport, version: number, notes: readonly string[]): DailyReportSaved {
  return {
    ok: true,
    report_id: reportId(organization, report),
    message: 'Daily report saved',
    date: report.date,
    version,
    notes: [...notes],
  }
}
