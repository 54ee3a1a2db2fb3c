import type { AnalyticsQuery } from '@purser/contract'
import { type CallQuery, DIMENSIONS, type Dimension, type Filter } from '../../calls/index.ts'
import { type CalendarUnit, fail, isZone, type Millis, ok, periodAt, type Result, refusal, relativeRange } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { anyTime } from '../validation/index.ts'

/** A question as the insights take it, and the zone its days are counted in. */
export interface Question {
  readonly query: CallQuery
  readonly zone: string
}

const FILTERS = ['agent', 'model', 'user', 'team', 'project', 'cost_center', 'workflow'] as const
const NAMED_PERIODS: ReadonlyMap<string, CalendarUnit> = new Map([
  ['hour', 'hour'],
  ['today', 'day'],
  ['day', 'day'],
  ['week', 'week'],
  ['month', 'month'],
  ['quarter', 'quarter'],
  ['year', 'year'],
])

/** The fields that every analytics question shares → a query. It sees everything that was acknowledged before it was asked. */
export function questionOf({ services, caller }: Context, input: AnalyticsQuery): Result<Question> {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const zone = input.zone ?? 'UTC'
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  const span = spanOf(input, services.now(), zone)
  if (!span.ok) return span
  const where = filtersOf(input)
  return ok({
    zone,
    query: { scope: scope.value, ...span.value, ...(where.length === 0 ? {} : { where }), atLeast: services.committer.head() },
  })
}

function spanOf(input: AnalyticsQuery, now: Millis, zone: string): Result<{ from?: Millis; to?: Millis }> {
  const from = input.from === undefined ? ok(undefined) : anyTime(input.from, '/from')
  if (!from.ok) return from
  const to = input.to === undefined ? ok(undefined) : anyTime(input.to, '/to')
  if (!to.ok) return to
  const period = input.period === undefined || input.period === 'all' ? ok({}) : periodSpan(input.period, now, zone)
  if (!period.ok) return period
  const span = { ...period.value, ...defined('from', from.value), ...defined('to', to.value) }
  if (span.from !== undefined && span.to !== undefined && span.from >= span.to) {
    return fail(refusal('invalid_period', 'the period ends before it begins', { path: '/to' }))
  }
  return ok(span)
}

function periodSpan(text: string, now: Millis, zone: string): Result<{ from: Millis; to: Millis }> {
  const unit = NAMED_PERIODS.get(text)
  const span = unit === undefined ? relativeRange(text, now, zone) : periodAt({ unit }, now, zone)
  if (!span.ok) {
    return fail(refusal('invalid_period', `"${text}" is not a period; one is for example 24h, 7d, today, month`, { path: '/period' }))
  }
  return ok({ from: span.value.start, to: span.value.end })
}

function defined<K extends string>(key: K, value: Millis | undefined): { readonly [P in K]?: Millis } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: Millis })
}

function filtersOf(input: AnalyticsQuery): Filter[] {
  const filters: Filter[] = []
  for (const dimension of FILTERS) {
    const text = input[dimension]
    if (text !== undefined && text !== '') filters.push({ dimension, in: text.split(',').map((value) => value.trim()) })
  }
  return filters
}

/** The name of a dimension on the wire: as in the store, or as the tracking fields spell it. */
export function dimensionOf(name: string, path = '/group_by'): Result<Dimension> {
  const plain = ALIASES.get(name) ?? name
  const fixed = DIMENSIONS.find((dimension) => dimension === plain)
  if (fixed !== undefined) return ok(fixed)
  if (plain.startsWith('tag:') && plain.length > 4 && plain.length <= 260) return ok(plain as Dimension)
  return fail(refusal('unknown_dimension', `"${name}" is not one of ${DIMENSIONS.join(', ')} or tag:<name>`, { path }))
}

const ALIASES: ReadonlyMap<string, Dimension> = new Map([
  ['agent_name', 'agent'],
  ['user_id', 'user'],
  ['session_id', 'session'],
  ['workflow_name', 'workflow'],
  ['workflow_id', 'run'],
  ['organization_id', 'organization'],
  ['provider', 'seller'],
  ['key_id', 'key'],
])
