import type { Millis } from '../../kernel/index.ts'

/** One observation; null: nothing was observed, which is not zero. */
export interface Point {
  readonly at: Millis
  readonly value: number | null
}

/** Observations on a grid: `values[i]` is of the step that starts at `start + i * stepMs`; null: missing. */
export interface Series {
  readonly start: Millis
  readonly stepMs: number
  readonly values: readonly (number | null)[]
}

export const HOUR_MS = 3_600_000
/** Five years of hours; a longer series is not what anybody looks for anomalies in. */
const STEPS_MAX = 50_000

/**
 * Puts observations on a grid, in whatever order they come: several of one step become their mean; what is not a finite number is left out, as if it
 * had not been observed; steps without any are missing. Null when nothing is left, or when the steps are more than `STEPS_MAX`.
 */
export function seriesOf(points: readonly Point[], stepMs: number): Series | null {
  const steps = new Map<number, { sum: number; count: number }>()
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { at, value } of points) {
    if (value === null || !Number.isFinite(value) || !Number.isFinite(at)) continue
    const step = Math.floor(at / stepMs)
    first = Math.min(first, step)
    last = Math.max(last, step)
    const before = steps.get(step)
    steps.set(step, { sum: (before?.sum ?? 0) + value, count: (before?.count ?? 0) + 1 })
  }
  if (steps.size === 0 || last - first >= STEPS_MAX) return null
  const values = Array.from({ length: last - first + 1 }, (_, index) => {
    const step = steps.get(first + index)
    return step === undefined ? null : step.sum / step.count
  })
  return { start: first * stepMs, stepMs, values }
}
