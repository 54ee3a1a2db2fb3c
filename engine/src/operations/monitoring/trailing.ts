import { TRAILING_DAYS_DEFAULT } from '@purser/contract'
import type { CallQuery } from '../../calls/index.ts'
import { assert, fail, formatInstant, isZone, type Millis, ok, periodAt, type Result, refusal, type Span } from '../../kernel/index.ts'
import type { Context } from '../context.ts'
import { monitoredScope } from './scope.ts'

/** The last local days, today among them, of the calls that may be seen. */
export interface TrailingDays {
  readonly days: number
  readonly zone: string
  readonly query: CallQuery & { readonly from: Millis; readonly to: Millis }
}

/** Reads what questions of this family share. The answer has everything that was acknowledged before the question. */
export function trailingDays(
  { services, caller }: Context,
  input: { readonly days?: number; readonly zone?: string; readonly organizationId?: string },
): Result<TrailingDays> {
  const scope = monitoredScope(caller, input.organizationId)
  if (!scope.ok) return scope
  const { days = TRAILING_DAYS_DEFAULT, zone = 'UTC' } = input
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  const today = dayOf(services.now(), zone)
  let from = today.start
  for (let back = 1; back < days; back += 1) from = dayOf(from - 1, zone).start
  return ok({ days, zone, query: { scope: scope.value, from, to: today.end, atLeast: services.committer.head() } })
}

function dayOf(at: Millis, zone: string): Span {
  const span = periodAt({ unit: 'day' }, at, zone)
  assert(span.ok, 'the zone was checked, and the clock lies within the calendar')
  return span.value
}

export function spanAnswer({ days, zone, query }: TrailingDays): { days: number; zone: string; from: string; to: string } {
  return { days, zone, from: formatInstant(query.from), to: formatInstant(query.to) }
}
