import { type CallQuery, type CallStore, type Dimension, type Measures, sumMeasures } from '../../calls/index.ts'
import { type Millis, type Picos, periodAt, picos, type Span } from '../../kernel/index.ts'
import type { ModelUse, RatesAt, TokenRates } from '../anomaly/index.ts'
import { averageCost } from '../averages.ts'
import { addRuns } from './by-run.ts'
import { addValues } from './by-value.ts'
import { type Lever, leversOf, type OutcomeUse } from './levers.ts'
import { addUse, emptyWeek, type WeekUse } from './week-use.ts'

export interface OutcomeQuestion extends CallQuery {
  /** Where weeks begin. */
  readonly zone: string
  readonly now: Millis
  /** Runs that succeeded; or each value of a dimension that has calls. */
  readonly outcome:
    | { readonly kind: 'run'; readonly workflows: readonly string[] | null }
    | { readonly kind: 'value'; readonly dimension: Dimension }
  readonly from: Millis
  readonly to: Millis
  /** What models charge, for the levers. */
  readonly ratesAt: RatesAt
}

export interface OutcomeWeek extends Span {
  /** It has not ended, or the question begins or ends within it. */
  readonly isPartial: boolean
  readonly outcomes: number
  readonly attempts: number
  readonly failed: number
  readonly running: number
  readonly sums: Measures
  /** All cost of the week's attempts over its outcomes; null without an outcome, or where no cost is known. */
  readonly costPerOutcome: Picos | null
  /** The same over all attempts. */
  readonly costPerAttempt: Picos | null
}

/** Two times compared. Too few outcomes: no change is told, and the counts say why. */
export interface Comparison {
  readonly weeks: number
  readonly outcomes: number
  readonly costPerOutcome: Picos | null
  readonly change: Picos | null
  /** Null with `change`. */
  readonly levers: Readonly<Record<Lever, Picos>> | null
}

export interface CostPerOutcome {
  readonly weeks: readonly OutcomeWeek[]
  /** The last full week, and what it is compared with; null when there is no full week. */
  readonly trend: {
    readonly week: OutcomeWeek
    readonly previous: Comparison
    readonly lastFour: Comparison
  } | null
  /** Calls of the time that are part of no outcome that is counted. */
  readonly outside: Measures
}

/** Fewer outcomes than this on either side of a comparison are chance. */
export const OUTCOMES_MIN = 5
const WEEKS_BEFORE = 4

/** What does an outcome cost, week by week, how does that change, and by what? */
export async function costPerOutcome(store: CallStore, question: OutcomeQuestion): Promise<CostPerOutcome> {
  const { scope, where, atLeast, from, to, outcome, zone } = question
  const query: CallQuery = { scope, atLeast, from, to, ...(where === undefined ? {} : { where }) }
  const uses = weeksOf(question)
  const outside =
    outcome.kind === 'run'
      ? await addRuns(store, query, outcome.workflows, uses)
      : await addValues(store, query, outcome.dimension, zone, uses)
  const weeks = uses.map((use) => weekOf(use, question))
  return { weeks, trend: trendOf(uses, weeks, question), outside }
}

function weeksOf({ from, to, zone }: OutcomeQuestion): WeekUse[] {
  const weeks: WeekUse[] = []
  for (let at = from; at < to; ) {
    const span = periodAt({ unit: 'week' }, at, zone)
    if (!span.ok) break
    weeks.push(emptyWeek(span.value))
    at = span.value.end
  }
  return weeks
}

function weekOf({ span, outcomes, attempts, failed, running, sums }: WeekUse, { from, to, now }: OutcomeQuestion): OutcomeWeek {
  return {
    ...span,
    isPartial: span.start < from || span.end > Math.min(to, now),
    ...{ outcomes, attempts, failed, running, sums },
    costPerOutcome: perEach(sums, outcomes),
    costPerAttempt: perEach(sums, attempts),
  }
}

/** Null where calls were made and of none of them a cost is known. */
function perEach(sums: Measures, count: number): Picos | null {
  return sums.calls > 0 && sums.unpriced >= sums.calls ? null : averageCost(sums.cost, count)
}

function trendOf(uses: readonly WeekUse[], weeks: readonly OutcomeWeek[], question: OutcomeQuestion): CostPerOutcome['trend'] {
  const full = weeks.flatMap((week, index) => (week.isPartial ? [] : [index]))
  const last = full.at(-1)
  const week = last === undefined ? undefined : weeks[last]
  const use = last === undefined ? undefined : uses[last]
  if (week === undefined || use === undefined) return null
  const before = full.slice(0, -1).flatMap((index) => uses[index] ?? [])
  const compare = (count: number) => comparison(before.slice(-count), { week, use }, question)
  return { week, previous: compare(1), lastFour: compare(WEEKS_BEFORE) }
}

function comparison(before: readonly WeekUse[], { week, use }: { week: OutcomeWeek; use: WeekUse }, question: OutcomeQuestion): Comparison {
  const pooled = pooledOf(before)
  const cost = perEach(pooled.sums, pooled.outcomes)
  const about = { weeks: before.length, outcomes: pooled.outcomes, costPerOutcome: cost }
  const isEnough = pooled.outcomes >= OUTCOMES_MIN && week.outcomes >= OUTCOMES_MIN
  if (!isEnough || cost === null || week.costPerOutcome === null) return { ...about, change: null, levers: null }
  const change = picos(week.costPerOutcome - cost)
  return { ...about, change, levers: leversOf(useOf(pooled, question), useOf(use, question), change) }
}

function pooledOf(weeks: readonly WeekUse[]): WeekUse {
  const pooled = emptyWeek({ start: weeks[0]?.span.start ?? 0, end: weeks.at(-1)?.span.end ?? 0 })
  for (const week of weeks) {
    for (const { sold, sums } of week.models.values()) addUse(pooled, sold, sums)
    pooled.outcomes += week.outcomes
    pooled.attempts += week.attempts
    pooled.failed += week.failed
    pooled.running += week.running
  }
  return pooled
}

/** Runs fail as a whole; where outcomes are values of a dimension, calls do. Rates are those at the end of the time. */
function useOf({ span, outcomes, attempts, sums, models }: WeekUse, { outcome, ratesAt }: OutcomeQuestion): OutcomeUse {
  const tries = outcome.kind === 'run' ? { attempts, succeeded: outcomes } : { attempts: sums.calls, succeeded: sums.calls - sums.failed }
  const rates = new Map<string, TokenRates>()
  const used = [...models].map(([name, { sold, sums: of }]): ModelUse => {
    const { organization, seller, model } = sold
    const isNamed = organization !== null && seller !== null && model !== null
    const charged = isNamed ? ratesAt({ organization, seller, model, at: span.end - 1 }) : null
    if (charged !== null) rates.set(name, charged)
    return { ...of, model: name }
  })
  return { outcomes, ...tries, models: used, rates }
}

/** The sums over all weeks of an answer. */
export function allWeeks({ weeks }: CostPerOutcome): { readonly outcomes: number; readonly attempts: number; readonly sums: Measures } {
  return {
    outcomes: weeks.reduce((sum, { outcomes }) => sum + outcomes, 0),
    attempts: weeks.reduce((sum, { attempts }) => sum + attempts, 0),
    sums: sumMeasures(weeks.map(({ sums }) => sums)),
  }
}
