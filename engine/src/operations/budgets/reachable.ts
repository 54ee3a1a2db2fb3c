import { fail, ok, type Period, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { type BudgetRule, EVERY_VALUE } from '../../ledger/index.ts'

/** What is compared of a budget. */
export type Reach = Pick<BudgetRule, 'organization' | 'dimension' | 'value' | 'period' | 'zone' | 'limit' | 'mode'>

/**
 * A budget that can never be reached is a mistake of whoever sets it, and is refused with the reason. Every budget that matches a call must let it
 * pass, so a hard limit is never reached where another, that counts all that it counts and more, has a lower one: a longer period that holds each of
 * its periods whole, or a template that also limits its value. Both ways: nor may a new budget make one unreachable that is there. Weeks lie in
 * no month, and periods of different zones in none of each other, so those may be reached. A limit of zero is reached at once: it blocks.
 */
export function reachable(rule: Reach, others: readonly (Reach & Pick<BudgetRule, 'id'>)[]): Result<null> {
  if (rule.dimension === 'organization' && rule.value !== EVERY_VALUE && rule.value !== rule.organization) {
    return fail(refusal('invalid_field', `no call here is of organization "${rule.value}"`, { path: '/value' }))
  }
  for (const other of others) {
    const facts = { path: '/limit_usd', facts: { budget_id: other.id } }
    if (hides(other, rule)) return fail(refusal('invalid_field', why(rule, other), facts))
    if (hides(rule, other)) return fail(refusal('invalid_field', `with this budget, ${why(other, rule)}`, facts))
  }
  return ok(null)
}

/** Whether the inner budget is never reached because of the outer one. */
function hides(outer: Reach, inner: Reach): boolean {
  return (
    outer.mode === 'hard' &&
    inner.mode === 'hard' &&
    outer.dimension === inner.dimension &&
    (outer.value === EVERY_VALUE || outer.value === inner.value) &&
    inner.limit > outer.limit &&
    holds(outer, inner)
  )
}

/** Whether each period of the inner budget lies within one of the outer. */
function holds({ period: outer, zone }: Reach, inner: Reach): boolean {
  if (outer.unit === 'total') return true
  if (outer.unit === 'rolling') return longestMs(inner.period) <= outer.lengthMs
  if (inner.period.unit === 'rolling' || inner.zone !== zone) return false
  return inner.period.unit === outer.unit || (LIES_IN[inner.period.unit] ?? []).includes(outer.unit)
}

const LIES_IN: Readonly<Record<string, readonly string[]>> = {
  hour: ['day', 'week', 'month', 'quarter', 'year'],
  day: ['week', 'month', 'quarter', 'year'],
  month: ['quarter', 'year'],
  quarter: ['year'],
}

const DAY_MS = 86_400_000
/** Zones skip and repeat hours; none repeats more than a day. */
const LONGEST_DAYS: Readonly<Record<string, number>> = { hour: 1, day: 2, week: 8, month: 32, quarter: 93, year: 367 }

function longestMs(period: Period): number {
  if (period.unit === 'rolling') return period.lengthMs
  return (LONGEST_DAYS[period.unit] ?? Number.POSITIVE_INFINITY) * DAY_MS
}

function why(inner: Reach, outer: Reach): string {
  return `${worded(inner)} can never be reached: ${worded(outer)} is reached first`
}

function worded({ limit, period, dimension, value }: Reach): string {
  const each = value === EVERY_VALUE ? `every ${dimension}` : `${dimension} "${value}"`
  const span = period.unit === 'total' ? 'in all' : period.unit === 'rolling' ? `in ${period.lengthMs / 1_000} seconds` : `a ${period.unit}`
  return `a limit of $${usdOfPicos(limit)} ${span} for ${each}`
}
