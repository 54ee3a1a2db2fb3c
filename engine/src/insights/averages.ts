import type { Measures } from '../calls/index.ts'
import { assert, divideHalfEven, type Picos, picos } from '../kernel/index.ts'

/** An amount per thing, rounded half to even to the pico; null for an average over nothing. */
export function averageCost(cost: Picos, count: number): Picos | null {
  assert(Number.isSafeInteger(count) && count >= 0, 'an average is over a whole number of things')
  return count === 0 ? null : picos(divideHalfEven(cost, BigInt(count)))
}

/** Average cost of the calls whose price is known: one that is not priced does not count as free. Null when none is priced. */
export function averageCostPerCall(sums: Measures): Picos | null {
  return averageCost(sums.cost, Math.max(0, sums.calls - sums.unpriced))
}

/** A part of a whole, 0 to 1; null when there is no whole. Counts only, never money. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/** Over the calls that stated a latency; null when none did. */
export function averageLatencyMs(sums: Measures): number | null {
  return share(sums.latencyMs, sums.latencyCalls)
}
