import type { AggregateRow, CallQuery, CallStore, Dimension, Filter } from '../../../calls/index.ts'
import { hourOfWeek, type Millis, sumPicos } from '../../../kernel/index.ts'
import { type Cause, causeOf } from '../cause/cause.ts'
import type { ModelUse, TokenRates, Use } from '../cause/use.ts'
import { HOUR_MS } from '../series.ts'
import { callsBehind } from './calls-behind.ts'
import type { Anomaly } from './find-anomalies.ts'

/** What a model of a seller charges an organization at a time; null where that is not known. */
export type RatesAt = (model: {
  readonly organization: string
  readonly seller: string
  readonly model: string
  readonly at: Millis
}) => TokenRates | null

export interface ExplainQuestion extends Pick<CallQuery, 'where' | 'atLeast'> {
  readonly groupBy: Dimension
  readonly zone: string
  readonly now: Millis
  readonly ratesAt: RatesAt
}

/** The cause of an anomaly, with the calls behind it. */
export interface Explanation extends Cause {
  /** Hours of the episode, and the comparable hours before it. */
  readonly hours: number
  readonly hoursBefore: number
  /** Calls behind it, those that say most of the cause first. */
  readonly callIds: readonly string[]
}

const WEEK_MS = 168 * HOUR_MS
/** Comparable are the same hours of so many weeks before. */
const WEEKS_BEFORE = 4

/** Why did the spend of an anomaly change? Compared with the same hours of the weeks before; null where there are none. */
export async function explainAnomaly(store: CallStore, anomaly: Anomaly, question: ExplainQuestion): Promise<Explanation | null> {
  const { zone, now, ratesAt } = question
  const end = Math.min(anomaly.end ?? now, now)
  const own = ownCalls(anomaly, question)
  const from = Math.floor((anomaly.start - WEEKS_BEFORE * WEEK_MS) / HOUR_MS) * HOUR_MS
  const rows = await store.aggregate({ ...own, from, to: end, groupBy: ['model', 'seller'], bucket: { period: 'hour', zone: 'UTC' } })
  const during = hoursBetween(anomaly.start, end)
  const first = Math.min(...rows.map(({ bucketStart = end }) => bucketStart))
  const before = comparableHours(during, anomaly.start, first, zone)
  if (before.length === 0) return null
  // A repetition is one within the time that is looked at: so the time before is as long, a week earlier where that has passed.
  const lengthMs = end - anomaly.start
  const earlier = anomaly.start - Math.max(WEEK_MS, lengthMs)
  const [repeats, repeatsBefore] = await Promise.all([
    store.repeats({ ...own, from: anomaly.start, to: end, limit: REPEATS_MAX, callIdsMax: REPEAT_IDS }),
    store.repeats({ ...own, from: earlier, to: earlier + lengthMs, limit: REPEATS_MAX, callIdsMax: 1 }),
  ])
  const organization = anomaly.subject.organization
  const useIn = (hours: readonly Millis[], at: Millis, counted: number): Use =>
    useOf(rows, hours, counted, (seller, model) => ratesAt({ organization, seller, model, at }))
  const repeated = (of: readonly { readonly calls: number }[]): number => of.reduce((sum, { calls }) => sum + calls - 1, 0)
  const uses = {
    during: useIn(during, end - 1, repeated(repeats)),
    before: useIn(before, anomaly.start - 1, Math.round((repeated(repeatsBefore) * before.length) / during.length)),
  }
  const cause = causeOf(uses.before, uses.during, { of: BigInt(during.length), per: BigInt(before.length) })
  const callIds = await callsBehind(store, { ...own, from: anomaly.start, to: end }, cause.likely, uses, repeats)
  return { ...cause, hours: during.length, hoursBefore: before.length, callIds }
}

/** Requests that were made more than once are read so far: those that cost most. */
const REPEATS_MAX = 500
const REPEAT_IDS = 50

function ownCalls({ subject }: Anomaly, { groupBy, where = [], atLeast }: ExplainQuestion) {
  const filter: Filter = { dimension: groupBy, in: [subject.value] }
  return { scope: { organization: subject.organization }, where: [...where, filter], atLeast }
}

function hoursBetween(start: Millis, end: Millis): Millis[] {
  return Array.from({ length: Math.ceil((end - start) / HOUR_MS) }, (_, index) => start + index * HOUR_MS)
}

/** For each hour of an episode the same local hours of the weeks before it; where there are none, all hours before. */
function comparableHours(during: readonly Millis[], start: Millis, first: Millis, zone: string): Millis[] {
  const slots = new Set(during.map((hour) => hourOfWeek(hour, zone)))
  const all = hoursBetween(first, start)
  const alike = all.filter((hour) => slots.has(hourOfWeek(hour, zone)))
  return alike.length > 0 ? alike : all
}

function useOf(
  rows: readonly AggregateRow[],
  hours: readonly Millis[],
  repeats: number,
  rateOf: (seller: string, model: string) => TokenRates | null,
): Use {
  const wanted = new Set(hours)
  const models = new Map<string, ModelUse>()
  const rates = new Map<string, TokenRates>()
  for (const row of rows) {
    if (row.bucketStart === undefined || !wanted.has(row.bucketStart)) continue
    const [model, seller] = row.keys
    const name = nameOf(model ?? null, seller ?? null)
    const known = models.has(name) || typeof model !== 'string' || typeof seller !== 'string' ? null : rateOf(seller, model)
    if (known !== null) rates.set(name, known)
    models.set(name, added(name, models.get(name), row))
  }
  return { models: [...models.values()], repeats, rates }
}

/** The same model of two sellers is two things that are paid. */
function nameOf(model: string | null, seller: string | null): string {
  return JSON.stringify([model, seller])
}

function added(model: string, left: ModelUse | undefined, row: AggregateRow): ModelUse {
  const { calls, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, cost } = row
  if (left === undefined) return { model, calls, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, cost }
  return {
    model,
    calls: left.calls + calls,
    failed: left.failed + failed,
    inputTokens: left.inputTokens + inputTokens,
    cacheReadTokens: left.cacheReadTokens + cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + cacheWriteTokens,
    outputTokens: left.outputTokens + outputTokens,
    cost: sumPicos([left.cost, cost]),
  }
}
