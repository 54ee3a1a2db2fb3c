import { intermittentPaths } from './intermittent-paths.ts'
import { type LevelShift, levelShifts, onLastLevel } from './level-shift.ts'
import { seededRandom, seedOf } from './random.ts'
import { type Season, seasonOf, withoutSeason } from './seasonality.ts'
import { smoothPaths } from './smooth-paths.ts'

/** A step that has begun and not ended: what it has spent, and how much of what such a step usually spends has been spent by now. */
export interface Running {
  readonly spent: number
  readonly share: number
}

/** Each path says what is spent in every step to come; of a running step, what is left of it. */
export type Paths = readonly (readonly number[])[]

export interface Simulation {
  readonly paths: Paths
  readonly kind: 'smoothed' | 'intermittent' | 'no_spend'
  readonly season: Season | null
  /** The last one; `at` is an index of the question's values. */
  readonly shift: LevelShift | null
}

export interface SimulationQuestion {
  /** What was spent in each whole step, oldest first. */
  readonly values: readonly number[]
  readonly running: Running | null
  /** Steps to come, the running one among them. */
  readonly steps: number
  /** A pattern may come again every so many steps; null: none is looked for. */
  readonly seasonSteps: number | null
  readonly count?: number
}

/** Steps that are looked at: a pattern of years ago is not one of today. */
const HISTORY_MAX = 730
const PATHS = 1_000
/** From this share of idle steps on, that are not idle by the pattern, a series spends now and then. */
const IDLE_SHARE = 0.3

/** What may come: many paths, drawn in the same way whenever the same is asked. */
export function simulate(question: SimulationQuestion): Simulation {
  const { running, steps, seasonSteps, count = PATHS } = question
  const forgotten = Math.max(0, question.values.length - HISTORY_MAX)
  const values = question.values.slice(forgotten)
  const ahead = { steps, count, running }
  const random = seededRandom(seedOf([...values, steps, running?.spent ?? 0, running?.share ?? 0]))
  if (values.every((value) => value === 0) && (running?.spent ?? 0) === 0) {
    return { paths: [Array.from({ length: steps }, () => 0)], kind: 'no_spend', season: null, shift: null }
  }
  const season = seasonSteps === null ? null : seasonOf(values, seasonSteps)
  if (idleShare(values, season) >= IDLE_SHARE) {
    return { paths: intermittentPaths(values, ahead, random), kind: 'intermittent', season: null, shift: null }
  }
  const shifts = levelShifts(withoutSeason(values, season), seasonSteps ?? 1)
  // A pattern is seen better where no shift runs through it.
  const onOneLevel = onLastLevel(values, shifts)
  const seen = seasonSteps === null || shifts.length === 0 ? season : seasonOf(onOneLevel, seasonSteps)
  const isNeverNegative = values.every((value) => value >= 0)
  const paths = smoothPaths(withoutSeason(onOneLevel, seen), seen, { ...ahead, isNeverNegative }, random)
  const last = shifts.at(-1)
  return { paths, kind: 'smoothed', season: seen, shift: last === undefined ? null : { ...last, at: last.at + forgotten } }
}

/** Idle steps among those in which something is usually spent. */
function idleShare(values: readonly number[], season: Season | null): number {
  const busy = values.filter((_, index) => season === null || !season.multiplies || (season.profile[index % season.steps] ?? 0) > 0.1)
  return busy.length === 0 ? 1 : busy.filter((value) => value === 0).length / busy.length
}

/** A series that has spent in fewer steps than these has shown nothing of how it spends. */
const BUSY_STEPS_MIN = 4
const STEPS_MIN = 7
const CYCLE_MAX = 24

/** How many whole steps must be known before anything is said of so many to come: a week, of hours a day, and a quarter of what is asked. */
export function stepsNeeded(steps: number, seasonSteps: number | null): number {
  return Math.max(STEPS_MIN, Math.min(seasonSteps ?? 0, CYCLE_MAX), Math.ceil(steps / 4))
}

/** The steps with spend that a history lacks; 0 when it has enough of them, or has never spent, which is a habit too. */
export function busyStepsLacking(values: readonly number[]): number {
  const busy = values.filter((value) => value !== 0).length
  return busy === 0 ? 0 : Math.max(0, BUSY_STEPS_MIN - busy)
}
