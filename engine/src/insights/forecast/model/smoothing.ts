import { robustSpread } from './statistics.ts'

/** A way to follow a level: how fast it moves, and whether what it gained last goes on, ever less. */
export interface Smoother {
  readonly alpha: number
  /** Share of each surprise that changes the slope; 0: there is no slope. */
  readonly beta: number
  /** What is left of the slope after each step. */
  readonly damping: number
}

/** A smoother that has followed a series. */
export interface Followed {
  readonly smoother: Smoother
  readonly level: number
  readonly slope: number
  /** By how much the next step was missed, from `warm` on. */
  readonly errors: readonly number[]
  /** Level and slope before each step from `warm` on, for trying what would have been said then. */
  readonly levels: readonly number[]
  readonly slopes: readonly number[]
}

const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.55, 0.8]

/** Slow to fast, without a slope and with a damped one (Gardner and McKenzie; damped trends win where horizons are long). */
export const SMOOTHERS: readonly Smoother[] = [
  ...ALPHAS.map((alpha) => ({ alpha, beta: 0, damping: 0 })),
  ...ALPHAS.slice(1).map((alpha) => ({ alpha, beta: 0.1 * alpha, damping: 0.95 })),
  ...ALPHAS.slice(3).map((alpha) => ({ alpha, beta: 0.3 * alpha, damping: 0.9 })),
]

/** Beyond so many usual errors a surprise moves the level no further: one odd day is not a new level. */
const SURPRISE_MAX = 3

/**
 * Follows a series. The first steps are averaged, however slow the smoother, so that where it began is soon forgotten; surprises are cut to what
 * is usual (Gelper, Fried and Croux), and the errors it reports are not.
 */
export function follow(values: readonly number[], smoother: Smoother, warm: number): Followed {
  const { alpha, beta, damping } = smoother
  let level = values[0] ?? 0
  let slope = 0
  let usual = startingSpread(values)
  const errors: number[] = []
  const levels: number[] = []
  const slopes: number[] = []
  for (let at = 1; at < values.length; at++) {
    const expected = level + damping * slope
    const error = (values[at] ?? 0) - expected
    if (at >= warm) {
      errors.push(error)
      levels.push(level)
      slopes.push(slope)
    }
    const reach = SURPRISE_MAX * usual
    const taken = usual > 0 ? Math.min(Math.max(error, -reach), reach) : error
    usual += 0.05 * (Math.min(Math.abs(error) * 1.2533, 2 * SURPRISE_MAX * usual || Number.POSITIVE_INFINITY) - usual)
    const before = level
    level = expected + Math.max(alpha, 1 / (at + 1)) * taken
    slope = beta === 0 ? 0 : damping * slope + (beta / alpha) * (level - before - damping * slope)
  }
  return { smoother, level, slope, errors, levels, slopes }
}

function startingSpread(values: readonly number[]): number {
  const steps = values.slice(1, 60).map((value, index) => value - (values[index] ?? 0))
  return steps.length < 4 ? 0 : robustSpread(steps, 0) / Math.SQRT2
}

/** How often the slope counts in the sum of so many steps ahead. */
export function slopeWeight(damping: number, steps: number): number {
  let weight = 0
  let gained = 0
  let left = damping
  for (let step = 0; step < steps; step++) {
    gained += left
    left *= damping
    weight += gained
  }
  return weight
}
