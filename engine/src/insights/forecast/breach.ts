import type { Paths } from './model/paths.ts'

/** Whether and when a limit is passed by what may be spent. Steps count from the first one to come. */
export interface Breach {
  /** Share of the futures that pass it, from 0 to 1; exactly 1 where it is passed already. */
  readonly probability: number
  readonly isPassed: boolean
  /** The step in which half of all futures have reached the limit; null where fewer do within the time that was looked at. */
  readonly exhaustedAtStep: number | null
  /** The same of a tenth of all futures: as early as must be reckoned with. */
  readonly earlyAtStep: number | null
}

/** What is spent within the period after each step to come, for each future. US dollars. */
export type Sums = readonly (readonly number[])[]

/** The sums of a period that ends after the last step: what is spent already, and what comes. */
export function sumsInPeriod(spent: number, paths: Paths): Sums {
  return paths.map((path) => {
    let sum = spent
    return path.map((value) => {
      sum += value
      return sum
    })
  })
}

/**
 * The sums of a window of fixed length that moves on: after each step, what lies within it of the steps before and of those to come. `before` holds whole
 * steps, oldest first, and what the running one has spent last; `length` is in steps and need not be whole.
 */
export function sumsInWindow(before: readonly number[], length: number, paths: Paths): Sums {
  return paths.map((path) => {
    const running = before.at(-1) ?? 0
    const all = [...before.slice(0, -1), running + (path[0] ?? 0), ...path.slice(1)]
    return path.map((_, step) => {
      const end = before.length + step
      let sum = 0
      for (let at = end - 1; at >= 0 && at > end - 1 - length; at--) sum += (all[at] ?? 0) * Math.min(1, length - (end - 1 - at))
      return sum
    })
  })
}

/** How likely a limit is passed, and when it is used up. A limit is passed by more than it, and used up by as much. */
export function breachOf(limit: number, spent: number, sums: Sums): Breach {
  const isPassed = spent > limit
  const passing = sums.filter((sum) => sum.some((value) => value > limit)).length
  const reached = sums
    .map((sum) => (spent >= limit ? 0 : sum.findIndex((value) => value >= limit)))
    .map((step) => (step < 0 ? Number.POSITIVE_INFINITY : step))
  const sorted = Float64Array.from(reached).sort()
  return {
    probability: isPassed ? 1 : sums.length === 0 ? 0 : passing / sums.length,
    isPassed,
    exhaustedAtStep: stepOf(sorted, 0.5),
    earlyAtStep: stepOf(sorted, 0.1),
  }
}

function stepOf(sorted: Float64Array, share: number): number | null {
  const step = sorted.length === 0 ? Number.POSITIVE_INFINITY : quantileBelow(sorted, share)
  return Number.isFinite(step) ? step : null
}

/** The first step by which at least that share of the futures is there: no step between two steps. */
function quantileBelow(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY
}
