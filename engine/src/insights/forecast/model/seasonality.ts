import { chiSquareTail, mean, median, robustSpread } from './statistics.ts'

/** A pattern that comes again every `steps` steps. */
export interface Season {
  readonly steps: number
  /** What a phase is beside the level: a factor where `multiplies`, else an amount. Phase of a step is its index modulo `steps`. */
  readonly profile: readonly number[]
  readonly multiplies: boolean
  /** How probable phases as different as these would be where there is no pattern. */
  readonly chance: number
}

/** So improbable must the pattern be by chance before it is believed. */
const CHANCE_MAX = 0.02
/** A cycle weighs so much less than the one after it. */
const CYCLE_DECAY = 0.93

/**
 * The pattern of a series, or null where its phases differ no more than they would by chance: the ranks of what is left without the level are compared
 * between phases (Kruskal and Wallis), so that no outlier makes a pattern. Takes two whole cycles.
 */
export function seasonOf(values: readonly number[], steps: number): Season | null {
  if (values.length < 2 * steps || steps < 2) return null
  const level = movingLevel(values, steps)
  const multiplies = values.every((value) => value >= 0) && level.every((each) => each > 0)
  const left = values.map((value, index) => (multiplies ? value / (level[index] ?? 1) : value - (level[index] ?? 0)))
  const chance = chanceOfPhases(left, steps)
  if (chance > CHANCE_MAX) return null
  return { steps, profile: profileOf(left, steps, multiplies), multiplies, chance }
}

/** The mean over one whole cycle around each step; at the ends of the nearest whole cycle. */
function movingLevel(values: readonly number[], steps: number): number[] {
  const sums = [0]
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value)
  const last = values.length - steps
  return values.map((_, index) => {
    const start = Math.min(Math.max(index - Math.floor(steps / 2), 0), last)
    const whole = ((sums[start + steps] ?? 0) - (sums[start] ?? 0)) / steps
    if (steps % 2 === 1 || start + steps >= values.length || index < steps / 2) return whole
    // An even cycle has no middle step: half of the first and half of the one after the last.
    return whole + ((values[start + steps] ?? 0) - (values[start] ?? 0)) / (2 * steps)
  })
}

function chanceOfPhases(left: readonly number[], steps: number): number {
  const order = left.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value)
  const sums = Array.from({ length: steps }, () => 0)
  const counts = Array.from({ length: steps }, () => 0)
  let ties = 0
  for (let at = 0; at < order.length; ) {
    let end = at + 1
    while (end < order.length && order[end]?.value === order[at]?.value) end++
    for (const { index } of order.slice(at, end)) {
      sums[index % steps] = (sums[index % steps] ?? 0) + (at + end + 1) / 2
      counts[index % steps] = (counts[index % steps] ?? 0) + 1
    }
    ties += (end - at) ** 3 - (end - at)
    at = end
  }
  const n = left.length
  const untied = 1 - ties / (n ** 3 - n)
  if (untied <= 0) return 1
  const between = sums.reduce((total, sum, phase) => total + sum ** 2 / (counts[phase] ?? 1), 0)
  return chiSquareTail(((12 / (n * (n + 1))) * between - 3 * (n + 1)) / untied, steps - 1)
}

/** Newer cycles weigh more, outliers are cut to where the others lie, and what noise alone would make is taken back. */
function profileOf(left: readonly number[], steps: number, multiplies: boolean): number[] {
  const neutral = multiplies ? 1 : 0
  const phases = Array.from({ length: steps }, (_, phase) => {
    const mine = left.filter((_, index) => index % steps === phase)
    const middle = median(mine)
    const reach = 3 * robustSpread(mine, middle)
    const kept = mine.map((value) => (mine.length < 4 ? value : Math.min(Math.max(value, middle - reach), middle + reach)))
    const weights = kept.map((_, index) => CYCLE_DECAY ** (kept.length - 1 - index))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const average = kept.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0) / total
    const noise = kept.reduce((sum, value, index) => sum + (weights[index] ?? 0) * (value - average) ** 2, 0) / total / kept.length
    return { average, noise }
  })
  const centre = mean(phases.map(({ average }) => average))
  const between = mean(phases.map(({ average }) => (average - centre) ** 2))
  const kept = between <= 0 ? 0 : Math.max(0, 1 - mean(phases.map(({ noise }) => noise)) / between)
  return phases.map(({ average }) => neutral + kept * (multiplies ? average / centre - 1 : average - centre))
}

/**
 * The series without its pattern. What a step differs by from what its phase lets expect is taken relative to that, but never to less than a part of the
 * level: a little spent in a phase in which there is usually nothing is a little, and not a hundred times nothing.
 */
export function withoutSeason(values: readonly number[], season: Season | null): number[] {
  if (season === null) return [...values]
  const level = movingLevel(values, season.steps)
  return values.map((value, index) => {
    const phase = season.profile[index % season.steps] ?? 0
    if (!season.multiplies) return value - phase
    const local = level[index] ?? 0
    return local + (value - local * phase) / Math.max(phase, NOISE_MIN)
  })
}

/** The step of so high a level and so large a surprise, with the pattern. The inverse of `withoutSeason`. */
export function withSeason(level: number, surprise: number, season: Season | null, index: number): number {
  if (season === null) return level + surprise
  const phase = season.profile[index % season.steps] ?? 0
  return season.multiplies ? level * phase + surprise * Math.max(phase, NOISE_MIN) : level + surprise + phase
}

/** So much of the noise of a usual step is in the quietest phase. */
const NOISE_MIN = 0.4
