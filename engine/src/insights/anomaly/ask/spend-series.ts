import type { AggregateRow, CallQuery, CallStore, Dimension, Filter } from '../../../calls/index.ts'
import { hourOfWeek, type Millis, type Picos, ZERO } from '../../../kernel/index.ts'
import { SPEND_PARAMETERS } from '../parameters.ts'
import { HOUR_MS, type Series } from '../series.ts'

/** Whose spend it is: a value of the dimension that is asked by; null: calls that do not say. */
export interface Subject {
  readonly organization: string
  readonly value: string | null
}

export interface SpendQuestion extends Pick<CallQuery, 'scope' | 'where' | 'atLeast'> {
  readonly groupBy: Dimension
  readonly zone: string
  /** From where on it is judged; before it there is only learning. The spend up to `now` is looked at. */
  readonly judgeFrom: Millis
  readonly now: Millis
  /** Those that spent most since `judgeFrom`; fewer where the time is so long that more hours would be read than anybody waits for. */
  readonly subjectsMax: number
}

/** What a subject spent in each hour since its first call, as far back as is learned from. */
export interface SpendSeries {
  readonly subject: Subject
  /** US dollars, for statistics; hours without calls are zero, those of which no price is known are missing. The last is not over. */
  readonly series: Series
  /** The same to the pico, and what it does not cover, by the start of the hour. */
  readonly hours: ReadonlyMap<Millis, { readonly cost: Picos; readonly calls: number; readonly unpriced: number }>
}

export interface SpendBySubject {
  /** Dearest first. */
  readonly spends: readonly SpendSeries[]
  /** There are more than were asked for. */
  readonly truncated: boolean
}

const PICOS_PER_USD = 1e12
/** Hours of subjects that are read for one answer. */
const HOURS_MAX = 120_000

/** Hourly spend of those that spend most: one question who they are, and one for the hours of those of each organization. */
export async function spendBySubject(store: CallStore, question: SpendQuestion): Promise<SpendBySubject> {
  const { scope, where = [], atLeast, groupBy, judgeFrom, now } = question
  const from = Math.floor((judgeFrom - SPEND_PARAMETERS.memoryMs) / HOUR_MS) * HOUR_MS
  const subjectsMax = Math.max(1, Math.min(question.subjectsMax, Math.floor(HOURS_MAX / ((now - from) / HOUR_MS))))
  const keys: Dimension[] = groupBy === 'organization' ? ['organization'] : ['organization', groupBy]
  const base = { scope, atLeast, groupBy: keys, to: now }
  const dearest = await store.aggregate({ ...base, where, from: judgeFrom, orderBy: 'cost', limit: subjectsMax + 1 })
  const subjects = dearest.slice(0, subjectsMax).map(subjectOf)
  if (subjects.length === 0) return { spends: [], truncated: false }
  const hours = await Promise.all(
    [...new Set(subjects.map(({ organization }) => organization))].map((organization) => {
      // Only theirs: agents of other organizations may have the same names.
      const values = subjects.filter((subject) => subject.organization === organization).map(({ value }) => value)
      const own: Filter[] = [...where, { dimension: groupBy, in: values }]
      return store.aggregate({ ...base, scope: { organization }, where: own, from, bucket: { period: 'hour', zone: 'UTC' } })
    }),
  )
  const bySubject = new Map<string, AggregateRow[]>(subjects.map((subject) => [idOf(subject), []]))
  for (const row of hours.flat()) bySubject.get(idOf(subjectOf(row)))?.push(row)
  const spends = subjects.flatMap((subject) => seriesOfRows(subject, bySubject.get(idOf(subject)) ?? [], now))
  return { spends, truncated: dearest.length > subjectsMax }
}

/** The hour of the local week, computed once for each hour and kept. */
export function slotsOf(zone: string): (at: Millis) => number {
  const known = new Map<Millis, number>()
  return (at) => {
    const slot = known.get(at) ?? hourOfWeek(at, zone)
    known.set(at, slot)
    return slot
  }
}

function subjectOf({ keys }: AggregateRow): Subject {
  const [organization, value] = keys
  return { organization: organization ?? '', value: keys.length === 1 ? (organization ?? null) : (value ?? null) }
}

function idOf({ organization, value }: Subject): string {
  return JSON.stringify([organization, value])
}

function seriesOfRows(subject: Subject, rows: readonly AggregateRow[], now: Millis): SpendSeries[] {
  const hours = new Map(rows.map(({ bucketStart = 0, cost, calls, unpriced }) => [bucketStart, { cost, calls, unpriced }] as const))
  const start = Math.min(...hours.keys())
  if (!Number.isFinite(start)) return []
  const count = Math.floor((now - start) / HOUR_MS) + (now % HOUR_MS === 0 ? 0 : 1)
  const values = Array.from({ length: Math.max(0, count) }, (_, index): number | null => {
    const hour = hours.get(start + index * HOUR_MS)
    if (hour === undefined) return 0
    return hour.cost === ZERO && hour.unpriced > 0 ? null : Number(hour.cost) / PICOS_PER_USD
  })
  return [{ subject, series: { start, stepMs: HOUR_MS, values }, hours }]
}
