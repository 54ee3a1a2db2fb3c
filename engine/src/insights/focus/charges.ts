import { assert, type Millis, periodAt, type Span } from '../../kernel/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { PostedCall } from './source.ts'

/** One charge of a call as an export counts it: added, or taken back by a correction of a month that had ended. */
export interface CountedCharge {
  readonly charge: Charge
  readonly sign: 1n | -1n
  /** Null: the charge itself. Otherwise the month in which a correction of it was posted. */
  readonly correctedIn: Millis | null
  /** How sure the cost is today: a correction and what it takes back say the same, so that what has not changed cancels out. */
  readonly status: Charge['status']
}

/** The calendar month of UTC that a time falls into: the billing period. */
export function billingPeriodAt(at: Millis): Span {
  const month = periodAt({ unit: 'month' }, at, 'UTC')
  assert(month.ok, 'a call has a time within the calendar')
  return month.value
}

/**
 * What of a call's charges counts. A price that was corrected while the month of the call was still running replaces the one before it. Once the month
 * has ended its rows stay as they were (sellers invoice by the month), and what is corrected later is taken back and charged anew in rows of the
 * class Correction.
 */
export function countedCharges({ call, adjustments }: PostedCall): CountedCharge[] {
  const monthEnd = billingPeriodAt(call.at).end
  let standing = call.charge
  let newest = call.charge
  let correctedAt: Millis | null = null
  for (const { event, recordedAt } of adjustments) {
    if (event.kind !== 'adjustment') continue
    newest = event.adjustment.charge
    if (recordedAt < monthEnd) standing = newest
    else correctedAt = recordedAt
  }
  const first: CountedCharge = { charge: standing, sign: 1n, correctedIn: null, status: standing.status }
  if (correctedAt === null) return [first]
  const correctedIn = billingPeriodAt(correctedAt).start
  return [
    first,
    { charge: standing, sign: -1n, correctedIn, status: newest.status },
    { charge: newest, sign: 1n, correctedIn, status: newest.status },
  ]
}
