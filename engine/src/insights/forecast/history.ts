import { type AggregateRow, type CallStore, type Dimension, type Filter, knownCost, type OrganizationScope } from '../../calls/index.ts'
import { assert, type Millis, type Picos, type Span, usdNumberOfPicos } from '../../kernel/index.ts'
import type { Running } from './model/paths.ts'
import { type StepUnit, stepAt, stepsBetween } from './steps.ts'

/** What was spent step by step, up to a moment. */
export interface History {
  /** Whole steps, from the first one with a call, oldest first; those without a call are zero. */
  readonly steps: readonly Span[]
  readonly values: readonly number[]
  /** The step that holds the moment. */
  readonly running: Running
  readonly runningStep: Span
}

export interface HistoryQuestion {
  readonly scope: OrganizationScope
  readonly where?: readonly Filter[]
  readonly atLeast: number
  readonly unit: StepUnit
  readonly zone: string
  readonly now: Millis
  /** A history for each value of it; null: one of everything, under the key null. */
  readonly groupBy: Dimension | null
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** So far back is looked: a year and a bit of days, four weeks of hours. */
const BACK_MS: Readonly<Record<StepUnit, number>> = { day: 400 * DAY_MS, hour: 28 * DAY_MS }

/** The histories of a question; none of a value without a call in that time. */
export async function historiesOf(store: CallStore, question: HistoryQuestion): Promise<ReadonlyMap<string | null, History>> {
  const { scope, where, atLeast, unit, zone, now, groupBy } = question
  const runningStep = stepAt(unit, zone, now)
  const from = stepAt(unit, zone, runningStep.start - BACK_MS[unit]).start
  const asked = { scope, atLeast, from, to: now + 1, ...(where === undefined ? {} : { where }) }
  const rows = await store.aggregate({ ...asked, groupBy: groupBy === null ? [] : [groupBy], bucket: { period: unit, zone } })
  const share = unit === 'hour' ? clockShare(runningStep, now) : await usualShare(store, question, runningStep)
  const spent = new Map<string | null, Map<Millis, number>>()
  for (const row of rows) {
    const key = groupBy === null ? null : (row.keys[0] ?? null)
    const steps = spent.get(key) ?? new Map<Millis, number>()
    // A step whose every call has no known price has not cost nothing: it is no step to begin a history with.
    const cost = knownCost(row)
    if (cost !== null) steps.set(bucketOf(row), estimateUsd(cost))
    spent.set(key, steps)
  }
  const all = stepsBetween(unit, zone, from, runningStep.start)
  return new Map([...spent].map(([key, steps]) => [key, historyOf(steps, all, runningStep, share)]))
}

function historyOf(spent: ReadonlyMap<Millis, number>, all: readonly Span[], runningStep: Span, share: number): History {
  const first = all.findIndex(({ start }) => spent.has(start))
  const steps = first < 0 ? [] : all.slice(first)
  const running = { spent: spent.get(runningStep.start) ?? 0, share }
  return { steps, values: steps.map(({ start }) => spent.get(start) ?? 0), running, runningStep }
}

/** Days that say how a day goes, and how many of them must have spent something. */
const USUAL_DAYS = 14
const USUAL_DAYS_MIN = 3

/**
 * How much of a day's spend has come by this time of the day, as the last two weeks went; the part of the day that has passed where they say too little. Of
 * everything in question together, since one value's hours are few.
 */
async function usualShare(store: CallStore, question: HistoryQuestion, today: Span): Promise<number> {
  const { scope, where, atLeast, zone, now } = question
  const from = stepAt('day', zone, today.start - USUAL_DAYS * DAY_MS).start
  const asked = { scope, atLeast, from, to: today.start, ...(where === undefined ? {} : { where }) }
  const hours = await store.aggregate({ ...asked, groupBy: [], bucket: { period: 'hour', zone } })
  const passedMs = now - today.start
  let passed = 0
  let whole = 0
  const days = new Set<Millis>()
  for (const row of hours) {
    const start = bucketOf(row)
    const usd = estimateUsd(row.cost)
    if (usd <= 0) continue
    const day = stepAt('day', zone, start).start
    days.add(day)
    whole += usd
    passed += usd * Math.min(Math.max((day + passedMs - start) / HOUR_MS, 0), 1)
  }
  return days.size < USUAL_DAYS_MIN ? clockShare(today, now) : passed / whole
}

function clockShare({ start, end }: Span, now: Millis): number {
  return (now - start) / (end - start)
}

function bucketOf({ bucketStart }: AggregateRow): Millis {
  assert(bucketStart !== undefined, 'a bucketed sum says which bucket it is of')
  return bucketStart
}

/** The one place where money becomes a number to compute statistics with. It never becomes money again. */
export function estimateUsd(amount: Picos): number {
  return usdNumberOfPicos(amount)
}
