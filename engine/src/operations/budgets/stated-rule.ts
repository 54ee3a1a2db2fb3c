import type { BudgetSet } from '@purser/contract'
import { ALL_TIME, fail, isZone, type Millis, ok, type Period, parsePeriod, type Result, refusal } from '../../kernel/index.ts'
import { type BudgetRule, EVERY_VALUE, windowStart } from '../../ledger/index.ts'
import { dimensionOf, statedAmount } from '../validation/index.ts'

/** An input that sets a budget, as a rule that begins now; refuses what is no dimension, period, zone or amount. */
export function statedRule(input: BudgetSet, organization: string, now: Millis): Result<Omit<BudgetRule, 'id'>> {
  const dimension = dimensionOf(input.dimension)
  if (!dimension.ok) return dimension
  const period = parsePeriod(input.period)
  if (!period.ok) return fail({ ...period.error, path: '/period' })
  const zone = input.zone ?? 'UTC'
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  const limit = statedAmount(input.limit_usd, '/limit_usd')
  if (!limit.ok) return limit
  const thresholds = input.thresholds ?? [75, 90, 100]
  return ok({
    organization,
    name: input.name ?? null,
    dimension: dimension.value,
    value: input.value ?? EVERY_VALUE,
    period: period.value,
    zone,
    limit: limit.value,
    mode: input.mode ?? 'hard',
    thresholds: [...new Set(thresholds)].sort((a, b) => a - b),
    unpriced: input.unpriced ?? 'deny',
    createdAt: now,
    countsFrom: countsFrom(period.value, zone, now),
  })
}

function countsFrom(period: Period, zone: string, now: Millis): Millis {
  return period.unit === 'total' ? ALL_TIME.start : windowStart(period, zone, now)
}

/** Whether one is set in place of the other, and not beside it. */
export function countsTheSame(a: BudgetRule, b: Omit<BudgetRule, 'id'>): boolean {
  return a.dimension === b.dimension && a.value === b.value && a.zone === b.zone && periodKey(a.period) === periodKey(b.period)
}

function periodKey(period: Period): string {
  return period.unit === 'rolling' ? `rolling ${period.lengthMs}` : period.unit
}
