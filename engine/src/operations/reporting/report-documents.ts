import type { Amounts, DailyReport } from '../../insights/index.ts'
import { assert, formatInstant, type Millis, type Picos, parseInstant, picosOfUsd, sha256Hex, usdOfPicos } from '../../kernel/index.ts'
import type { StoredDocument } from '../../ledger/index.ts'
import type { Services } from '../context.ts'
import { type LocalDays, orderOf } from './days.ts'
import type { StatedReport } from './stated-report.ts'

export const REPORT_KIND = 'daily_report'

/** A report as it is in the store. */
export interface KeptReport {
  readonly report: DailyReport
  /** When it came, as it now is. The same again does not change it. */
  readonly changedAt: Millis
}

interface ReportBody {
  readonly stated: StatedBody
  readonly notes: readonly string[]
  readonly changed_at: string
}

/** What the caller said: the same again changes nothing. */
interface StatedBody {
  readonly date: string
  readonly source: string | null
  readonly cost: string
  readonly tokens: number
  readonly requests: number
  readonly cost_by_model: Lines
  readonly cost_by_action: Lines
  readonly waste_categories: Lines
  readonly efficiency_score: number | null
  readonly metadata: string | null
}

/** Pairs, so that any name is one like any other. */
type Lines = readonly (readonly [string, string])[] | null

/** The id that a report has in answers: the same for ever. */
export function reportId(organization: string, { date, source }: Pick<DailyReport, 'date' | 'source'>): string {
  return `rpt_${sha256Hex(JSON.stringify([organization, date, source])).slice(0, 24)}`
}

/** Under what it is kept. A date has ten characters, so a source cannot be mistaken for a part of it. */
export function documentId({ date, source }: Pick<DailyReport, 'date' | 'source'>): string {
  return source === null ? date : `${date} ${source}`
}

export function encodeReport({ report, metadata, notes }: StatedReport, changedAt: Millis): string {
  const stated: StatedBody = {
    date: report.date,
    source: report.source,
    cost: usdOfPicos(report.cost),
    tokens: report.tokens,
    requests: report.requests,
    cost_by_model: linesText(report.costByModel),
    cost_by_action: linesText(report.costByAction),
    waste_categories: linesText(report.waste),
    efficiency_score: report.score,
    metadata,
  }
  return JSON.stringify({ stated, notes, changed_at: formatInstant(changedAt) } satisfies ReportBody)
}

/** Whether two bodies say the same of the day. */
export function saysTheSame(left: string, right: string): boolean {
  return JSON.stringify((JSON.parse(left) as ReportBody).stated) === JSON.stringify((JSON.parse(right) as ReportBody).stated)
}

export function notesOf(body: string): readonly string[] {
  return (JSON.parse(body) as ReportBody).notes
}

/** The reports about some days, by date. */
export async function reportsOn(services: Services, organization: string, { dates }: LocalDays): Promise<Map<string, KeptReport[]>> {
  const first = dates[0]
  const last = dates.at(-1)
  assert(first !== undefined && last !== undefined, 'a period has days')
  const found = await services.documents.documents(organization, { kind: REPORT_KIND, from: orderOf(first), to: orderOf(last) + 1 })
  const byDate = new Map<string, KeptReport[]>()
  for (const document of found) {
    const kept = decodeReport(document)
    const sameDay = byDate.get(kept.report.date)
    if (sameDay === undefined) byDate.set(kept.report.date, [kept])
    else sameDay.push(kept)
  }
  return byDate
}

export function decodeReport({ body }: StoredDocument): KeptReport {
  const { stated, changed_at } = JSON.parse(body) as ReportBody
  const changedAt = parseInstant(changed_at)
  assert(changedAt !== null, 'a report that was kept says when it came')
  return {
    changedAt,
    report: {
      date: stated.date,
      source: stated.source,
      cost: amountOf(stated.cost),
      tokens: stated.tokens,
      requests: stated.requests,
      costByModel: linesOf(stated.cost_by_model),
      costByAction: linesOf(stated.cost_by_action),
      waste: linesOf(stated.waste_categories),
      score: stated.efficiency_score,
    },
  }
}

/** In the order of the names, so that a report whose lines come in another order is the same. */
function linesText(amounts: Amounts | null): Lines {
  if (amounts === null) return null
  return [...amounts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, amount]) => [name, usdOfPicos(amount)])
}

function linesOf(lines: Lines): Amounts | null {
  return lines === null ? null : new Map(lines.map(([name, amount]) => [name, amountOf(amount)]))
}

function amountOf(text: string): Picos {
  const amount = picosOfUsd(text)
  assert(amount !== null, 'an amount that was kept is an amount')
  return amount
}
