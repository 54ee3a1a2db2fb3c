import type { Blend } from './blend.ts'
import { quantile } from './statistics.ts'

/** Chosen on the tuning part of the back-test and on nothing else (`docs/forecast.md`). */
const CALIBRATION = {
  /** Paths of a series as long as one could wish are as wide as they should be. */
  widening: 1,
  /** With few steps known for many to come their level and noise are guessed from little: so much wider, times steps to come by steps known. */
  perStepUnknown: 0.6,
  /** So many sums of the series' own past outweigh what is usual. */
  prior: 6,
  widest: 3,
  narrowest: 0.7,
}

/**
 * By how much the deviations of simulated sums are stretched. Where the series is long enough to show how wrong such sums were in its own past, that is
 * believed, the more the more sums there were that do not overlap.
 */
export function stretchOf(blend: Blend, simulatedSums: readonly number[], known: number, steps: number): number {
  const { widening, perStepUnknown, prior, widest, narrowest } = CALIBRATION
  const usual = widening + (perStepUnknown * steps) / known
  const sorted = [...simulatedSums].sort((a, b) => a - b)
  const simulated = (quantile(sorted, 0.9) - quantile(sorted, 0.1)) / 2
  if (blend.sumErrors.length === 0 || simulated <= 0) return usual
  const missed = quantile(
    blend.sumErrors.map(Math.abs).sort((a, b) => a - b),
    0.8,
  )
  const apart = blend.sumErrors.length / blend.steps
  const own = Math.min(Math.max(missed / simulated, narrowest), widest)
  return usual * own ** (apart / (prior + apart))
}
