import type { Paths, Running } from './paths.ts'
import type { Random } from './random.ts'

/** A step weighs half of one that came so many steps later. */
const HALF_LIFE = 30
const STEPS_MAX = 180
/** Steps are drawn in runs of about so many: who is busy today is more often busy tomorrow. */
const RUN_STEPS = 3

/**
 * What may come of a series that spends now and then: steps drawn from its own past, idle ones too. Each path draws with weights of its own
 * (Rubin's Bayesian bootstrap, newer steps weighing more), so that it is as uncertain how often and how much is spent as a short history leaves it. Croston's method
 * and its kin say only the mean.
 */
export function intermittentPaths(
  values: readonly number[],
  ahead: { readonly steps: number; readonly count: number; readonly running: Running | null },
  random: Random,
): Paths {
  const recent = values.slice(-STEPS_MAX)
  const base = recent.map((_, index) => 0.5 ** ((recent.length - 1 - index) / HALF_LIFE))
  return Array.from({ length: ahead.count }, () => {
    let total = 0
    const upTo = base.map((weight) => {
      total += -weight * Math.log(1 - random())
      return total
    })
    let place = 0
    const path = Array.from({ length: ahead.steps }, (_, step) => {
      place = step === 0 || place + 1 >= recent.length || random() < 1 / RUN_STEPS ? placeOf(upTo, random() * total) : place + 1
      return recent[place] ?? 0
    })
    if (ahead.running !== null) path[0] = (path[0] ?? 0) * (1 - ahead.running.share)
    return path
  })
}

function placeOf(upTo: readonly number[], target: number): number {
  let low = 0
  let high = upTo.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((upTo[middle] ?? 0) < target) low = middle + 1
    else high = middle
  }
  return low
}
