import type { CallQuery } from '../../calls/index.ts'
import { type SelfAssessed, selfAssessed } from '../../insights/index.ts'
import type { Services } from '../context.ts'
import { rounded } from '../wire/measures-answer.ts'
import { decodeReport, REPORT_KIND } from './report-documents.ts'

const DAY_MS = 86_400_000
/** Reports looked through for the latest that assesses itself. */
const REPORTS_MAX = 400

/** What the reports of the latest day of a question say of themselves; null where none does, and where the question is about all organizations. */
export async function latestSelfAssessed(services: Services, { scope, from, to }: CallQuery): Promise<SelfAssessed | null> {
  if (!('organization' in scope)) return null
  const found = await services.documents.documents(scope.organization, {
    kind: REPORT_KIND,
    ...(from === undefined ? {} : { from: from - DAY_MS + 1 }),
    ...(to === undefined ? {} : { to }),
    descending: true,
    limit: REPORTS_MAX,
  })
  const reports = found.map((document) => decodeReport(document).report)
  const latest = reports.find(({ score }) => score !== null)
  if (latest === undefined) return null
  const score = rounded(selfAssessed(reports.filter(({ date }) => date === latest.date)), 1)
  return score === null ? null : { score, date: latest.date }
}
