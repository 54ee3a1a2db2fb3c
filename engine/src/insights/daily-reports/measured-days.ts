import { type AggregateRow, type CallQuery, type CallStore, knownCost } from '../../calls/index.ts'
import { assert, type Millis, type Picos, picos } from '../../kernel/index.ts'
import { type Day, dailySpend } from '../daily.ts'
import { bucketLabel } from '../report/csv.ts'
import type { DailyReport, MeasuredDay, MeasuredLines } from './records.ts'

/** Names of a dimension that are read day by day, beside those that reports name. */
const NAMES_MAX = 200

export interface DaysQuestion extends CallQuery {
  readonly from: Millis
  readonly to: Millis
  readonly zone: string
}

/** What the calls of each local day come to, every day from the first to the last: those without calls with zeros. `lines`: by model and action too. */
export async function measuredDays(
  store: CallStore,
  question: DaysQuestion,
  lines: { readonly reports: readonly DailyReport[] } | null,
): Promise<MeasuredDay[]> {
  const { zone } = question
  const none = (): Promise<Grouped | null> => Promise.resolve(null)
  const [days, models, actions] = await Promise.all([
    dailySpend(store, question),
    lines === null ? none() : grouped(store, question, 'model', namesIn(lines.reports, 'costByModel')),
    lines === null ? none() : grouped(store, question, 'action', namesIn(lines.reports, 'costByAction')),
  ])
  return days.map((day) => ({
    date: bucketLabel(day.start, 'day', zone),
    sums: day,
    byModel: linesOf(day, models?.get(day.start)),
    byAction: linesOf(day, actions?.get(day.start)),
  }))
}

type Grouped = Map<Millis, AggregateRow[]>

/** All names of the period where they are few, else the dearest, those that reports name, and the calls that say none. */
async function grouped(store: CallStore, question: DaysQuestion, dimension: 'model' | 'action', named: Set<string>): Promise<Grouped> {
  const { zone, ...query } = question
  const top = await store.aggregate({ ...query, groupBy: [dimension], orderBy: 'cost', limit: NAMES_MAX + 1 })
  for (const { keys } of top) if (typeof keys[0] === 'string') named.add(keys[0])
  const chosen = top.length > NAMES_MAX ? { where: [...(query.where ?? []), { dimension, in: [...named, null] }] } : {}
  const rows = await store.aggregate({ ...query, ...chosen, groupBy: [dimension], bucket: { period: 'day', zone } })
  const byDay: Grouped = new Map()
  for (const row of rows) {
    assert(row.bucketStart !== undefined, 'a bucketed sum says which bucket it is of')
    const day = byDay.get(row.bucketStart)
    if (day === undefined) byDay.set(row.bucketStart, [row])
    else day.push(row)
  }
  return byDay
}

function namesIn(reports: readonly DailyReport[], field: 'costByModel' | 'costByAction'): Set<string> {
  return new Set(reports.flatMap((report) => [...(report[field]?.keys() ?? [])]))
}

/** The others are what is left of the day, so that the parts add up also when a call comes between two questions. */
function linesOf(day: Day, rows: readonly AggregateRow[] = []): MeasuredLines {
  const lines = new Map<string, Picos | null>()
  let unattributed = 0n
  let listed = 0n
  for (const row of rows) {
    const [name] = row.keys
    if (name === null || name === undefined) unattributed += row.cost
    else lines.set(name, knownCost(row))
    listed += row.cost
  }
  return { lines, unattributed: picos(unattributed), others: rows.length === 0 ? day.cost : picos(day.cost - listed) }
}
