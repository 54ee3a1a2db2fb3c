import type { Meter } from '../../usage/index.ts'
import type { PostedCall } from './source.ts'

/** What no row of an export stands for, because FOCUS has no cost that is not known. */
export interface LeftOut {
  /** Calls without any known price: none of their usage is in a row. */
  unpricedCalls: number
  /** Calls whose price is known in part: the rest of their usage is in no row. */
  partialCalls: number
  /** What of them has no price, by seller, model, meter and why. */
  readonly usage: Map<string, LeftOutUsage>
  /** Usage of more kinds than are listed, counted by call. */
  unlisted: number
}

export interface LeftOutUsage {
  readonly seller: string
  readonly model: string
  readonly meter: Meter | null
  readonly reason: 'no_card' | 'no_rate' | 'quantity_missing' | 'no_usage'
  calls: number
  /** What was counted of it; null where not even that is known. */
  quantity: bigint | null
}

const LISTED_MAX = 200

export function nothingLeftOut(): LeftOut {
  return { unpricedCalls: 0, partialCalls: 0, usage: new Map(), unlisted: 0 }
}

/** Counts what of a call has no price by what is known today. */
export function leaveOut(left: LeftOut, { call, adjustments }: PostedCall): void {
  const newest = adjustments.at(-1)?.event
  const charge = newest?.kind === 'adjustment' ? newest.adjustment.charge : call.charge
  if (charge.status === 'unpriced') left.unpricedCalls += 1
  else if (charge.status === 'partial') left.partialCalls += 1
  else return
  const { seller } = call.usage
  if (charge.unpriced.length === 0) {
    add(left, { seller, model: call.usage.modelServed ?? call.usage.modelRequested ?? '', meter: null, reason: 'no_usage' }, null)
  }
  for (const { model, meter, quantity, reason } of charge.unpriced) add(left, { seller, model, meter, reason }, quantity)
}

function add(left: LeftOut, what: Omit<LeftOutUsage, 'calls' | 'quantity'>, quantity: number | null): void {
  const key = JSON.stringify([what.seller, what.model, what.meter, what.reason])
  const known = left.usage.get(key)
  const counted = quantity === null ? null : BigInt(quantity)
  if (known !== undefined) {
    known.calls += 1
    known.quantity = known.quantity === null || counted === null ? null : known.quantity + counted
  } else if (left.usage.size < LISTED_MAX) left.usage.set(key, { ...what, calls: 1, quantity: counted })
  else left.unlisted += 1
}
