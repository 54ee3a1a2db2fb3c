import { type ForecastSeries, type ForecastSeriesInput, forecastSeries } from '@purser/contract'
import {
  breachOf,
  DAY_MS,
  type DatedSeries,
  datedSeries,
  dateText,
  dayOf,
  estimateUsd,
  type ForecastOutcome,
  forecastSteps,
  historyLackingInWords,
  methodInWords,
  type Spread,
  type StatedDay,
  sumsInPeriod,
} from '../../insights/index.ts'
import {
  assert,
  decimalOfNumber,
  fail,
  type Millis,
  ok,
  type Picos,
  parseInstant,
  picosOfDecimal,
  picosOfUsd,
  type Result,
  refusal,
  sumPicos,
  usdNumberOfPicos,
  usdOfPicos,
} from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { estimate, intervalsOf } from './figures.ts'
import { eitherSpelling } from './spelling.ts'

const SEASON_DAYS = 7

/** Forecasts what the request carries. The clock is asked only where plain numbers do not say of which days they are. */
export const forecastSeriesOperation = implement(forecastSeries, async ({ services }, input): Promise<Result<ForecastSeries>> => {
  const asked = askedOf(input, services.now())
  if (!asked.ok) return asked
  const { series, last, running, periodStart, end, limits } = asked.value
  const share = running
  const amounts = share === null ? series.amounts : series.amounts.slice(0, -1)
  const values = amounts.map(estimateUsd)
  const today = share === null ? null : { spent: estimateUsd(series.amounts.at(-1) ?? sumPicos([])), share }
  const from = share === null ? last + DAY_MS : last
  const steps = Math.round((end - from) / DAY_MS) + 1
  const spent = sumPicos(series.amounts.slice(Math.max(0, (periodStart - series.first) / DAY_MS)))
  const outcome: ForecastOutcome = steps === 0 ? NOTHING_LEFT : forecastSteps({ values, running: today, steps, seasonSteps: SEASON_DAYS })
  return ok(answerOf({ ...asked.value, series, from, spent, historyDays: values.length, limits }, outcome))
})

const ZEROS: Spread = { median: 0, low80: 0, high80: 0, low95: 0, high95: 0 }
const NOTHING_LEFT: ForecastOutcome = {
  kind: 'forecast',
  forecast: {
    method: { kind: 'no_spend', seasonSteps: null, seasonChance: null, shiftAt: null, levelBefore: null, levelAfter: null },
    rest: ZEROS,
    steps: [],
    paths: [[]],
  },
}

interface Limit {
  readonly name: string | null
  readonly limit: Picos
}

interface Asked {
  readonly series: DatedSeries
  readonly asOf: string
  /** The last day of the series, and how much of it has passed; null: all of it. */
  readonly last: Millis
  readonly running: number | null
  readonly periodStart: Millis
  /** The last day that is forecast. */
  readonly end: Millis
  readonly limits: readonly Limit[]
}

function askedOf(input: ForecastSeriesInput, now: Millis): Result<Asked> {
  const said = eitherSpelling(input)
  if (!said.ok) return said
  const { series, asOf, horizonDays, endDate, periodStart, elapsedShare } = said.value
  const dated = series.filter((each) => typeof each === 'object').length
  if (dated > 0 && dated < series.length) {
    return fail(refusal('invalid_field', 'either all days have dates, or none has', { path: '/series' }))
  }
  const until = lastDayOf(asOf, dated > 0 ? series : [], elapsedShare, now)
  if (!until.ok) return until
  const { last, running } = until.value
  const days = daysOf(series, last)
  if (!days.ok) return days
  const full = datedSeries(days.value, last)
  if (!full.ok) return full
  const start = periodStart === undefined ? ok(firstOfMonth(last)) : dayOf(periodStart, '/periodStart')
  if (!start.ok) return start
  if (start.value > last) return fail(refusal('invalid_period', 'the period begins after the series ends', { path: '/periodStart' }))
  if (endDate !== undefined && horizonDays !== undefined) {
    return fail(refusal('invalid_field', 'endDate and horizonDays say the same thing: send one of them', { path: '/horizonDays' }))
  }
  const end =
    endDate === undefined ? ok(horizonDays === undefined ? lastOfMonth(last) : last + horizonDays * DAY_MS) : dayOf(endDate, '/endDate')
  if (!end.ok) return end
  if (end.value < last)
    return fail(refusal('invalid_period', `the period ends before ${dateText(last)}, the last day of the series`, { path: '/endDate' }))
  if (end.value - last > HORIZON_DAYS_MAX * DAY_MS) {
    return fail(refusal('invalid_period', `more than ${HORIZON_DAYS_MAX} days are not forecast`, { path: '/endDate' }))
  }
  return ok({
    series: full.value,
    asOf: asOf ?? dateText(last),
    last,
    running,
    periodStart: start.value,
    end: end.value,
    limits: limitsOf(said.value),
  })
}

const HORIZON_DAYS_MAX = 366

type Stated = ReturnType<typeof eitherSpelling> extends Result<infer T> ? T : never

function lastDayOf(
  asOf: string | undefined,
  dated: Stated['series'],
  elapsedShare: number | undefined,
  now: Millis,
): Result<{ readonly last: Millis; readonly running: number | null }> {
  if (asOf !== undefined && asOf.length > 10) {
    const at = parseInstant(asOf)
    if (at === null) return fail(refusal('invalid_time', `"${asOf}" is not an RFC 3339 time or date that exists`, { path: '/asOf' }))
    const last = Math.floor(at / DAY_MS) * DAY_MS
    return ok({ last, running: elapsedShare ?? (at - last) / DAY_MS })
  }
  if (elapsedShare !== undefined) {
    return fail(refusal('invalid_field', 'a part of a day has passed only where asOf is a time', { path: '/elapsedShare' }))
  }
  if (asOf !== undefined) {
    const day = dayOf(asOf, '/asOf')
    return day.ok ? ok({ last: day.value, running: null }) : day
  }
  let last: Millis | null = null
  for (const [index, each] of dated.entries()) {
    const day = typeof each === 'object' ? dayOf(each.date, `/series/${index}/date`) : null
    if (day?.ok === false) return day
    if (day !== null && (last === null || day.value > last)) last = day.value
  }
  return ok({ last: last ?? Math.floor(now / DAY_MS) * DAY_MS - DAY_MS, running: null })
}

function daysOf(series: Stated['series'], last: Millis): Result<StatedDay[]> {
  const days: StatedDay[] = []
  for (const [index, each] of series.entries()) {
    if (typeof each !== 'object') {
      days.push({ date: dateText(last - (series.length - 1 - index) * DAY_MS), amount: amountOf(each), path: `/series/${index}` })
      continue
    }
    const { date, costUsd, cost_usd } = each
    const cost = costUsd ?? cost_usd
    if (cost === undefined || (costUsd !== undefined && cost_usd !== undefined)) {
      return fail(refusal('invalid_field', 'a day has one cost, as costUsd or as cost_usd', { path: `/series/${index}` }))
    }
    days.push({ date, amount: amountOf(cost), path: `/series/${index}/date` })
  }
  return ok(days)
}

function limitsOf({ budgetLimitUsd, budgets = [] }: Stated): Limit[] {
  const single = budgetLimitUsd === undefined ? [] : [{ name: null, limit: amountOf(budgetLimitUsd) }]
  return [...single, ...budgets.map(({ name, limit }) => ({ name: name ?? null, limit: amountOf(limit) }))]
}

/** The schema has checked that it is a decimal. */
function amountOf(value: number | string): Picos {
  const decimal = typeof value === 'number' ? decimalOfNumber(value) : null
  const amount = typeof value === 'number' ? (decimal === null ? null : picosOfDecimal(decimal)) : picosOfUsd(value)
  assert(amount !== null, 'an amount that the schema lets through can be read')
  return amount
}

function firstOfMonth(day: Millis): Millis {
  const date = new Date(day)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function lastOfMonth(day: Millis): Millis {
  const date = new Date(day)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - DAY_MS
}

interface Answered extends Asked {
  readonly from: Millis
  readonly spent: Picos
  readonly historyDays: number
}

function answerOf(asked: Answered, outcome: ForecastOutcome): ForecastSeries {
  const { series, asOf, from, spent, periodStart, end, limits, historyDays } = asked
  const forecast = outcome.kind === 'forecast' ? outcome.forecast : null
  const shift = forecast?.method.shiftAt ?? null
  const shiftedOn = shift === null ? null : dateText(series.first + shift * DAY_MS)
  const usd = usdNumberOfPicos(spent)
  const sums = forecast === null ? [] : sumsInPeriod(usd, forecast.paths)
  const budgets = limits.map(({ name, limit }) => {
    const breach = breachOf(usdNumberOfPicos(limit), usd, sums)
    const isPassed = spent > limit
    const dateAt = (step: number | null): string | null =>
      forecast === null || step === null || isPassed ? null : dateText(from + step * DAY_MS)
    return {
      name,
      limitUsd: usdNumberOfPicos(limit),
      breachProbability: isPassed ? 1 : forecast === null ? null : breach.probability,
      isPassed,
      exhaustionDate: dateAt(breach.exhaustedAtStep),
      earliestExhaustionDate: dateAt(breach.earlyAtStep),
    }
  })
  // A sum that passes any limit passes the lowest.
  const known = budgets.flatMap(({ breachProbability }) => (breachProbability === null ? [] : [breachProbability]))
  return {
    status: outcome.kind,
    asOf,
    periodStart: dateText(periodStart),
    endDate: dateText(end),
    spendToDate: usd,
    spendToDateExact: usdOfPicos(spent),
    projectedMonthEndSpend: forecast === null ? null : estimate(usd + forecast.rest.median),
    ...intervalsOf(forecast === null ? null : forecast.rest, usd),
    breachProbability: known.length === 0 ? null : Math.max(...known),
    budgets,
    method: forecast?.method.kind ?? null,
    seasonality: forecast?.method.seasonSteps == null ? null : 'weekly',
    levelShift: shiftedOn,
    explanation: explanationOf(outcome, historyDays, shiftedOn),
    historyDays,
    historyDaysNeeded: outcome.kind === 'forecast' ? null : outcome.needed,
    daysFilled: series.filled,
    daily: (forecast?.steps ?? []).map((step, index) => {
      const { interval80, interval95 } = intervalsOf(step, 0)
      assert(interval80 !== null && interval95 !== null, 'a day that is forecast has intervals')
      return { date: dateText(from + index * DAY_MS), medianUsd: estimate(step.median), interval80, interval95 }
    }),
  }
}

function explanationOf(outcome: ForecastOutcome, historyDays: number, shiftedOn: string | null): string {
  if (outcome === NOTHING_LEFT) return 'The period is over: what is spent is all there is.'
  return outcome.kind === 'forecast' ? methodInWords(outcome.forecast.method, historyDays, shiftedOn) : historyLackingInWords(outcome)
}
