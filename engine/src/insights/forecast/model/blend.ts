import { type Followed, follow, SMOOTHERS, type Smoother, slopeWeight } from './smoothing.ts'

/** Smoothers that have followed a series, and how much each is believed. */
export interface Blend {
  readonly members: readonly { readonly followed: Followed; readonly weight: number }[]
  /** What the blend would have said of the sum of the next `steps`, less what it was, at the origins from `warm` on; in levels. */
  readonly sumErrors: readonly number[]
  readonly steps: number
}

/** How sharply the better ones are preferred; chosen on the tuning part of the back-test. */
const PREFERENCE = 6

/**
 * Each smoother says at every past step what the sum of the next steps would be; the less it was wrong, the more it weighs. Asked is the sum, because the
 * sum is what will be forecast: what is best for tomorrow is often not best for a month. A blend of the good ones is rarely worse than the best.
 */
export function blendOf(values: readonly number[], horizon: number, smoothers: readonly Smoother[] = SMOOTHERS): Blend {
  const warm = Math.min(Math.max(3, Math.floor(values.length / 4)), 30)
  const steps = Math.max(1, Math.min(horizon, Math.floor((values.length - warm) / 2)))
  const tried = smoothers.map((smoother) => {
    const followed = follow(values, smoother, warm)
    return { followed, far: sumErrorsOf(values, followed, steps, warm), near: sumErrorsOf(values, followed, 1, warm) }
  })
  const scores = tried.map(({ far, near }) => ({ far: absolute(far), near: absolute(near) }))
  const bestFar = Math.min(...scores.map(({ far }) => far))
  const bestNear = Math.min(...scores.map(({ near }) => near))
  // Sums of overlapping steps are few in truth, so the next step has a say where the history is short.
  const trust = tried[0] === undefined ? 0 : tried[0].far.length / (tried[0].far.length + 2 * steps)
  const raw = scores.map(({ far, near }) => {
    const loss = trust * relative(far, bestFar) + (1 - trust) * relative(near, bestNear)
    return Math.exp(-PREFERENCE * loss)
  })
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  const members = tried.map(({ followed }, index) => ({ followed, weight: (raw[index] ?? 0) / total }))
  const origins = tried[0]?.far.length ?? 0
  const sumErrors = Array.from({ length: origins }, (_, origin) =>
    tried.reduce((sum, { far }, index) => sum + (far[origin] ?? 0) * (members[index]?.weight ?? 0), 0),
  )
  return { members, sumErrors, steps }
}

function sumErrorsOf(values: readonly number[], { smoother, levels, slopes }: Followed, steps: number, warm: number): number[] {
  const slopeCounts = slopeWeight(smoother.damping, steps)
  const errors: number[] = []
  let actual = 0
  for (let at = warm; at < warm + steps; at++) actual += values[at] ?? 0
  for (let origin = 0; warm + origin + steps <= values.length; origin++) {
    errors.push(steps * (levels[origin] ?? 0) + slopeCounts * (slopes[origin] ?? 0) - actual)
    actual += (values[warm + origin + steps] ?? 0) - (values[warm + origin] ?? 0)
  }
  return errors
}

/** Newer origins count a little more. */
function absolute(errors: readonly number[]): number {
  let sum = 0
  let total = 0
  for (const [index, error] of errors.entries()) {
    const weight = 0.995 ** (errors.length - 1 - index)
    sum += weight * Math.abs(error)
    total += weight
  }
  return total === 0 ? 0 : sum / total
}

function relative(score: number, best: number): number {
  return best <= 0 ? (score <= 0 ? 0 : 1) : score / best - 1
}
