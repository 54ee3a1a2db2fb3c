import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos } from '../../kernel/index.ts'
import type { ExactCall } from './exact-call.ts'

/** What input has cost, by what became of it; from the lines of the calls that were looked at. */
export interface InputCost {
  /** Calls whose lines are those of their cost. */
  readonly calls: number
  readonly input: Picos
  readonly cacheWrites: Picos
  readonly cacheReads: Picos
  /** Of the cost of input; null where that is nothing. A ratio, for reading. */
  readonly writeShare: number | null
}

export function inputCost(calls: readonly PriceableCall[], exact: ReadonlyMap<number, ExactCall>): InputCost {
  const sums = { calls: 0, input: 0n, cacheWrites: 0n, cacheReads: 0n }
  for (const call of calls) {
    const found = exact.get(call.seq)
    if (found === undefined || found.costPosted === null || found.costPosted !== call.cost) continue
    sums.calls += 1
    for (const { meter, amount } of found.lines) {
      if (!meter.startsWith('input')) continue
      sums.input += amount
      if (meter.startsWith('input.cache_write')) sums.cacheWrites += amount
      if (meter.startsWith('input.cache_read')) sums.cacheReads += amount
    }
  }
  return {
    calls: sums.calls,
    input: picos(sums.input),
    cacheWrites: picos(sums.cacheWrites),
    cacheReads: picos(sums.cacheReads),
    writeShare: sums.input === 0n ? null : ratio(sums.cacheWrites, sums.input),
  }
}

/** A part of an amount, 0 to 1, with nine places: the one way from money to a ratio. */
export function ratio(part: bigint, whole: bigint): number {
  return Number((part * 1_000_000_000n) / whole) / 1_000_000_000
}
