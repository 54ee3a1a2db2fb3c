import { type CostForecast, type CostForecastQuery, forecastCost, forecastSpend } from '@purser/contract'
import type { Dimension, Filter } from '../../calls/index.ts'
import { bucketLabel, budgetForecasts, DAY_MS, dayOf, type PeriodForecast, spendForecast } from '../../insights/index.ts'
import { fail, formatInstant, isZone, type Millis, ok, periodAt, type Result, refusal, type Span } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { readScope } from '../authority/scope.ts'
import { inCamel, snakeDimension, statedDimension } from '../chargeback/spelling.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { budgetsAnswer } from './budgets-answer.ts'
import { estimate, figuresAnswer, intervalsOf } from './figures.ts'
import { inSnakeCase } from './spelling.ts'
import { standingsAhead } from './standings-ahead.ts'

/** What the period will have cost, and which budgets will not last. */
export const forecastCostOperation = implement(forecastCost, (context, query): Promise<Result<CostForecast>> => {
  const { organization_id, organizationId = organization_id } = query
  if (organization_id !== undefined && organizationId !== organization_id) {
    const said = refusal('invalid_field', 'organizationId and organization_id are the same field: send one of them', {
      path: '/organization_id',
    })
    return Promise.resolve(fail(said))
  }
  return forecast(context, { ...query, ...(organizationId === undefined ? {} : { organizationId }) })
})

/** The same in our spelling. */
export const forecastSpendOperation = implement(forecastSpend, async (context, query): Promise<Result<unknown>> => {
  const { group_by, organization_id, end_date, ...rest } = query
  const said = await forecast(context, {
    ...rest,
    ...(group_by === undefined ? {} : { groupBy: group_by }),
    ...(end_date === undefined ? {} : { endDate: end_date }),
    ...(organization_id === undefined ? {} : { organizationId: organization_id }),
  })
  if (!said.ok) return fail({ ...said.error, ...(said.error.path === undefined ? {} : { path: snakeDimension(said.error.path) }) })
  const spelled = (dimension: string | null): string | null => (dimension === null ? null : snakeDimension(dimension))
  const budgets = said.value.budgets.map((budget) => ({ ...budget, dimension: snakeDimension(budget.dimension) }))
  return ok(inSnakeCase({ ...said.value, groupBy: spelled(said.value.groupBy), budgets }))
})

const GROUPS = 20
const PERIOD = 'month'

interface Asked {
  readonly dimension: Dimension | null
  readonly period: Span
  readonly zone: string
  readonly now: Millis
}

async function forecast(context: Context, query: CostForecastQuery): Promise<Result<CostForecast>> {
  const { services, caller } = context
  const scope = readScope(caller, query.organizationId)
  if (!scope.ok) return inCamel(scope)
  const asked = askedOf(query, services.now())
  if (!asked.ok) return asked
  const { dimension, period, zone, now } = asked.value
  const { value, groupBy } = query
  const where: readonly Filter[] = dimension === null || value === undefined ? [] : [{ dimension, in: [value] }]
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const atLeast = services.committer.head()
  return answering(async () => {
    const question = { scope: scope.value, where, atLeast, zone, now, period, limit: query.limit ?? GROUPS, pause: othersGoOn }
    const spend = await spendForecast(services.calls, { ...question, groupBy: value === undefined ? dimension : null })
    const { standings, leftOut } = await standingsAhead(services, { organization, dimension, value: value ?? null })
    const budgets = budgetsAnswer(await budgetForecasts(services.calls, { standings, now, atLeast, pause: othersGoOn }))
    const isMonth = query.endDate === undefined && (query.period ?? PERIOD) === 'month'
    return ok({
      organizationId: organization,
      groupBy: groupBy ?? null,
      value: value ?? null,
      period: query.period ?? PERIOD,
      zone,
      periodStart: formatInstant(period.start),
      periodEnd: formatInstant(period.end),
      asOf: formatInstant(now),
      currency: 'USD',
      ...figuresAnswer(spend.total, zone, isMonth),
      breachProbability: likeliest(budgets),
      budgets,
      budgetsLeftOut: leftOut,
      daily: dailyAnswer(spend.total, zone),
      groups: spend.lines.map((line) => ({
        value: line.value,
        ...figuresAnswer(line.forecast, zone, isMonth),
        breachProbability: likeliest(budgets.filter((budget) => budget.value === line.value)),
      })),
      groupsLeftOut: spend.othersLeftOut,
    })
  })
}

/** Sixty forecasts in one go would keep a call waiting that asks for its hold. */
function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function askedOf(query: CostForecastQuery, now: Millis): Result<Asked> {
  const { groupBy, value, zone = 'UTC', period: unit = PERIOD, endDate } = query
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  if (value !== undefined && groupBy === undefined) {
    return fail(refusal('missing_field', 'a value is one of a dimension: say which in groupBy', { path: '/groupBy' }))
  }
  const dimension = groupBy === undefined ? ok(null) : statedDimension(groupBy, '/groupBy')
  if (!dimension.ok) return dimension
  const running = periodAt({ unit }, now, zone)
  if (!running.ok) return running
  const end = endDate === undefined ? ok(running.value.end) : endOfDay(endDate, zone)
  if (!end.ok) return end
  if (end.value <= now || end.value > now + HORIZON_MS) {
    return fail(refusal('invalid_period', `"${endDate}" is over, or more than a year ahead`, { path: '/endDate' }))
  }
  return ok({ dimension: dimension.value, period: { start: running.value.start, end: end.value }, zone, now })
}

const HORIZON_MS = 367 * DAY_MS

/** When a local date is over. */
function endOfDay(date: string, zone: string): Result<Millis> {
  const midnight = dayOf(date, '/endDate')
  if (!midnight.ok) return midnight
  // Local noon lies within fourteen hours of noon in UTC, so one of the days around it has this date.
  for (const near of [-1, 0, 1]) {
    const day = periodAt({ unit: 'day' }, midnight.value + DAY_MS / 2 + near * DAY_MS, zone)
    if (day.ok && bucketLabel(day.value.start, 'day', zone) === date) return ok(day.value.end)
  }
  return fail(refusal('invalid_time', `there is no ${date} in ${zone}`, { path: '/endDate' }))
}

/** That any of several is passed is at least as likely as the likeliest. Null where of none can be told. */
function likeliest(budgets: readonly { readonly breachProbability: number | null }[]): number | null {
  const known = budgets.flatMap(({ breachProbability }) => (breachProbability === null ? [] : [breachProbability]))
  return known.length === 0 ? null : Math.max(...known)
}

function dailyAnswer({ days }: PeriodForecast, zone: string): CostForecast['daily'] {
  return days.map(({ start, spentUsd, rest }) => ({
    date: bucketLabel(start, 'day', zone),
    spentUsd,
    medianUsd: rest === null ? null : estimate(rest.median),
    ...intervalsOf(rest, 0),
  }))
}
