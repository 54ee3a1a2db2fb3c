import type { Millis, Picos } from '../../kernel/index.ts'
import type { ReportSeller } from '../../usage/index.ts'
import { type Compared, magnitude } from './compare.ts'
import { isFee } from './compared-meter.ts'
import { dayBefore, type LineKey, nextDay } from './key.ts'
import type { SomeCalls } from './ours.ts'
import { rateReasons } from './rates-and-quantities.ts'
import type { Reason } from './records.ts'

/** A line with its neighbours: what its reasons are read from. */
export interface LineInContext {
  readonly key: LineKey
  readonly line: Compared
  readonly seller: ReportSeller
  readonly tolerance: Picos
  readonly now: Millis
  /** Calls of the day and model that nobody metered. */
  readonly unmetered: SomeCalls | null
  /** Whether some of the report's lines were left out by a filter. */
  readonly isFiltered: boolean
  /** The same model and meter on another day. */
  onDay(day: Millis): Compared | null
  /** A line of the same day and meter, on the other side only, that names another model. */
  named(amount: Picos): string | null
}

/** Providers say that a day's costs are complete one to two days after it has ended. */
export const FINAL_AFTER_MS = 48 * 3_600_000

/** Why the sides of a line probably differ, the most telling first. Nothing where they agree. */
export function reasonsOf(context: LineInContext): Reason[] {
  const { line, key, now } = context
  if (line.status === 'matched') return []
  const reasons: Reason[] = []
  if (nextDay(key.day) + FINAL_AFTER_MS > now) {
    reasons.push({
      code: 'day_not_final',
      detail: 'the provider may still add to this day: its costs are final one to two days after it ends',
    })
  }
  const midnight = midnightReasons(context)
  reasons.push(...unknownReasons(context), ...nameReasons(context), ...midnight, ...oneSideReasons(context))
  // What lies on the day beside explains amount and quantity at once.
  if (line.status === 'drift' && midnight.length === 0) reasons.push(...rateReasons(line, context.tolerance))
  reasons.push(...sideReasons(context))
  return reasons.length > 0 ? reasons : [fallback(context)]
}

function unknownReasons({ line: { ours, theirs }, unmetered }: LineInContext): Reason[] {
  const reasons: Reason[] = []
  if (theirs !== null && theirs.unknownCurrencies.size > 0) {
    const names = [...theirs.unknownCurrencies].sort().join(', ')
    reasons.push({
      code: 'currency_not_known',
      detail: `no rate of ${names} is known for the day or before: set one with the exchange rates`,
    })
  }
  if (ours !== null && ours.unpricedCalls > 0) {
    reasons.push({ code: 'unpriced_calls', detail: `no price is known of ${calls(ours.unpricedCalls)} of ours: not in our amount` })
  }
  if (unmetered !== null) {
    const detail = `${calls(unmetered.calls)} of ours on this model came without any usage: not in our amount`
    reasons.push({ code: 'unmetered_calls', detail, callIds: unmetered.callIds })
  }
  return reasons
}

function nameReasons({ line, key, named }: LineInContext): Reason[] {
  if (line.status !== 'ours_only' && line.status !== 'theirs_only') return []
  const amount = line.status === 'ours_only' ? line.ourAmount : line.theirAmount
  const other = amount === null ? null : named(amount)
  if (other === null) return []
  const side = line.status === 'ours_only' ? 'they have' : 'we have'
  return [
    {
      code: 'named_otherwise',
      detail: `${side} the same amount on this day under ${other}: one model by two names (here ${key.model ?? key.name})`,
    },
  ]
}

/** What is missing on one day and too much on the next, with calls of ours beside the midnight between them. */
function midnightReasons({ key, line, tolerance, onDay }: LineInContext): Reason[] {
  const { difference } = line
  if (difference === null) return []
  for (const [day, side] of [
    [nextDay(key.day), 'after'],
    [dayBefore(key.day), 'before'],
  ] as const) {
    const other = onDay(day)
    if (other?.difference === null || other?.difference === undefined || other.difference === 0n) continue
    const rest = magnitude(difference + other.difference)
    const isOffset = difference > 0n !== other.difference > 0n && rest <= tolerance + magnitude(difference) / 10n
    // The side that has too much on ours holds the calls that the provider counts on the other day.
    const holder = difference < 0n ? line.ours : other.ours
    const isLate = difference < 0n === (side === 'after')
    const near = isLate ? holder?.late : holder?.early
    if (!isOffset || near === undefined || near.calls === 0) continue
    const detail = `the day ${side} differs by as much the other way; calls of ours within ten minutes of that midnight of UTC: ${near.calls}`
    return [{ code: 'near_midnight', detail, callIds: near.callIds }]
  }
  return []
}

function oneSideReasons({ key, line, seller }: LineInContext): Reason[] {
  if (line.status === 'theirs_only') {
    if (key.name !== null) return [{ code: 'line_not_understood', detail: 'this line of the report names nothing that is metered here' }]
    if (isFee(key.meter)) return [{ code: 'fee_not_metered', detail: 'a fee by the use, which the calls reported here do not count' }]
    return []
  }
  if (line.status !== 'ours_only' || line.ours === null) return []
  if (seller === 'anthropic' && line.ours.tiers.has('priority')) {
    return [{ code: 'not_in_cost_report', detail: "calls at priority tier are not in Anthropic's cost report" }]
  }
  if (line.ours.failedCalls === line.ours.calls) {
    return [{ code: 'failed_calls', detail: 'every call of this line failed: the provider may not bill them' }]
  }
  return []
}

function sideReasons({ key, line: { ours, theirs, status } }: LineInContext): Reason[] {
  const reasons: Reason[] = []
  if (ours !== null && key.meter === null && key.name === null && key.model !== null) {
    reasons.push({ code: 'stated_by_seller', detail: 'a cost that the seller stated with its answers, which no rate divides by meter' })
  }
  if (ours !== null && ours.estimatedCalls > 0) {
    reasons.push({ code: 'estimated_calls', detail: `the cost of ${calls(ours.estimatedCalls)} of ours is estimated or open` })
  }
  if (theirs !== null && theirs.owners.size > 1 && status !== 'ours_only') {
    const detail = `their line adds up ${theirs.owners.size} projects, workspaces or keys, of which some may not report here`
    reasons.push({ code: 'several_keys', detail })
  }
  return reasons
}

function fallback({ line, isFiltered }: LineInContext): Reason {
  const isMore = line.status === 'theirs_only' || (line.difference ?? 0n) > 0n
  if (isMore) return { code: 'calls_not_metered', detail: 'calls that were not reported here: of other programs, keys or projects' }
  const filtered = isFiltered ? 'of projects, workspaces or keys that were not asked about, ' : ''
  return { code: 'calls_not_billed', detail: `calls ${filtered}of another account of the provider, or that it has not billed` }
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}
