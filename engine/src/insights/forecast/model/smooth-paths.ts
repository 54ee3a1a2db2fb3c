import { type Blend, blendOf } from './blend.ts'
import { stretchOf } from './calibration.ts'
import type { Paths, Running } from './paths.ts'
import { normal, type Random } from './random.ts'
import { type Season, withSeason } from './seasonality.ts'
import type { Followed } from './smoothing.ts'
import { robustSpread } from './statistics.ts'

/** Errors further back say little of the noise today. */
const ERRORS_MAX = 200
/** Errors are drawn in runs of about so many, so that what came together comes together. */
const RUN_STEPS = 3
const SURPRISE_MAX = 3

interface Drawn {
  readonly followed: Followed
  readonly pool: readonly number[]
  readonly usual: number
  /** How uncertain the level itself is. */
  readonly levelSpread: number
}

/**
 * What may come of a series that spends something most of the time: paths from the blend's level, each with errors drawn from the past, that move
 * the level as they did there. So what goes wrong on one day goes on being wrong, and the spread of a sum is that of its path.
 */
export function smoothPaths(
  plain: readonly number[],
  season: Season | null,
  ahead: { readonly steps: number; readonly count: number; readonly running: Running | null; readonly isNeverNegative: boolean },
  random: Random,
): Paths {
  const { steps, count, running, isNeverNegative } = ahead
  const blend = blendOf(plain, steps)
  const drawn = blend.members.map(({ followed }) => drawnOf(followed, isNeverNegative, plain.length))
  const levels = Array.from({ length: count }, () => levelPath(pick(blend, drawn, random), steps, random))
  const stretch = stretchOf(
    blend,
    levels.map((path) => sumOf(path, blend.steps)),
    plain.length,
    steps,
  )
  const middle = Array.from({ length: steps }, (_, step) => levels.reduce((sum, path) => sum + (path[step] ?? 0), 0) / count)
  const floor = isNeverNegative ? 0 : Number.NEGATIVE_INFINITY
  return levels.map((path) => {
    const full = path.map((level, step) => {
      const centre = middle[step] ?? 0
      return withSeason(centre, stretch * (level - centre), season, plain.length + step)
    })
    if (running !== null) settleRunning(full, running)
    return full.map((value) => Math.max(value, floor))
  })
}

function drawnOf(followed: Followed, relative: boolean, count: number): Drawn {
  const { errors, levels, level, smoother } = followed
  const recent = errors.slice(-ERRORS_MAX)
  const then = levels.slice(-ERRORS_MAX)
  const pool = recent.map((error, index) => {
    const before = then[index] ?? level
    return relative && level > 0 && before > 0 ? error * Math.min(Math.max(level / before, 0.5), 2) : error
  })
  const centre = pool.reduce((sum, error) => sum + error, 0) / Math.max(1, pool.length)
  const usual = robustSpread(pool, 0) || Math.sqrt(pool.reduce((sum, error) => sum + error ** 2, 0) / Math.max(1, pool.length))
  const counted = Math.max(smoother.alpha / (2 - smoother.alpha), 1 / count)
  return { followed, pool: pool.map((error) => error - centre), usual, levelSpread: usual * Math.sqrt(counted) }
}

function pick(blend: Blend, drawn: readonly Drawn[], random: Random): Drawn | undefined {
  let left = random()
  for (const [index, { weight }] of blend.members.entries()) {
    left -= weight
    if (left <= 0) return drawn[index]
  }
  return drawn.at(-1)
}

function levelPath(drawn: Drawn | undefined, steps: number, random: Random): number[] {
  if (drawn === undefined) return []
  const { followed, pool, usual, levelSpread } = drawn
  const { alpha, beta, damping } = followed.smoother
  let level = followed.level + levelSpread * normal(random)
  let slope = followed.slope
  let place = Math.floor(random() * pool.length)
  const path: number[] = []
  for (let step = 0; step < steps; step++) {
    const error = pool[place] ?? 0
    const expected = level + damping * slope
    path.push(expected + error)
    const taken = Math.min(Math.max(error, -SURPRISE_MAX * usual), SURPRISE_MAX * usual)
    level = expected + alpha * taken
    slope = beta === 0 ? 0 : damping * slope + beta * taken
    place = random() < 1 / RUN_STEPS ? Math.floor(random() * pool.length) : (place + 1) % Math.max(1, pool.length)
  }
  return path
}

function sumOf(path: readonly number[], steps: number): number {
  let sum = 0
  for (const value of path.slice(0, steps)) sum += value
  return sum
}

/**
 * The first step has begun: what is left of it, and what its beginning says. The more of it has passed, the more its own pace counts; what it
 * surprises by moves the rest of the path a little, since a surprise lasts.
 */
function settleRunning(path: number[], { spent, share }: Running): void {
  const expected = path[0] ?? 0
  const own = share > 0 ? spent / share : expected
  const whole = (1 - share) * expected + share * own
  path[0] = whole * (1 - share)
}
