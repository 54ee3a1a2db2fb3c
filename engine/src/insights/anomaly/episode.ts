import type { Alarm } from './alarm.ts'
import { stretchOf } from './alarm.ts'
import { median } from './robust.ts'
import { type Shape, shapeOf } from './shape.ts'
import { DAY_MS, fit, type Judged, spreadOf, stepsOf, type Watch } from './watch.ts'

/** An anomaly that goes on. Places are indices of steps. */
export interface Episode extends Alarm {
  readonly start: number
  readonly shape: Shape
  /** The step at which it was noticed. */
  readonly detected: number
  /** The furthest mean of its scale. */
  furthest: number
  /** What was beyond half of the limit, added up since it was noticed; where that was greatest is its last step so far. */
  beyond: number
  beyondMost: number
  lastLoud: number
  /** What came since, to learn from when it is over. */
  readonly since: Judged[]
}

export interface Ended {
  readonly episode: Episode
  /** The first step after it. */
  readonly end: number
  readonly accepted: boolean
}

/** A stretch without anything that could be judged ends an episode. */
const SILENCE_MS = 3 * DAY_MS
/** Another alarm so soon after an episode is the same episode. */
const MERGE_MS = DAY_MS
/** As far back as a drift may have begun. */
const DRIFT_MS = 28 * DAY_MS
/** Next to nothing happened where next to nothing was expected: in the scale of `y` that says nothing. */
const SILENT_Y = 0.5
/** Of an episode that is accepted, this share must be out of line for it to be a level of its own. */
const LEVEL_SHARE = 0.6

/** A new episode, or the last one again. */
export function open(watch: Watch, alarm: Alarm, judged: Judged): void {
  const { series, ended, line, lineFrom } = watch
  const { step } = judged
  const last = ended.at(-1)
  if (last !== undefined && !last.accepted && last.episode.sign === alarm.sign && step - last.end <= stepsOf(series, MERGE_MS)) {
    ended.pop()
    const furthest = Math.max(last.episode.furthest, (alarm.mean / alarm.limit) * last.episode.limit)
    watch.episode = { ...last.episode, since: [judged], lastLoud: step, furthest, beyond: 0, beyondMost: 0 }
    return
  }
  const from = Math.max(lineFrom, last?.end ?? 0)
  const near = startOf(line, Math.max(from, step - 2 * alarm.steps), step, alarm)
  const day = stepsOf(series, DAY_MS)
  const days = alarm.steps < day ? null : daysOf(watch, Math.max(from, step - stepsOf(series, DRIFT_MS)), step, alarm.sign)
  const slow = days === null ? null : shapeOf(days.means)
  const isDrift = days !== null && slow?.shape === 'drift'
  const start = isDrift ? Math.min(near, days.from + slow.start * day) : near
  const shape = isDrift ? 'drift' : 'shift'
  const furthest = alarm.mean
  watch.episode = { ...alarm, start, shape, detected: step, furthest, beyond: 0, beyondMost: 0, lastLoud: step, since: [judged] }
}

/** The next step of an episode: it goes on, is over, or has become the new normal. */
export function goOn(watch: Watch, episode: Episode, judged: Judged): void {
  const { step } = judged
  const { series, parameters, line } = watch
  episode.since.push(judged)
  const mean = episode.sign * (stretchOf(watch, Math.max(episode.start, step - episode.steps + 1), step)?.mean ?? 0)
  episode.furthest = Math.max(episode.furthest, mean)
  const quietSteps = Math.min(Math.max(Math.floor(episode.steps / 2), stepsOf(series, parameters.quietMs)), stepsOf(series, DAY_MS))
  const lately = episode.since.filter(isTelling).slice(-quietSteps)
  const level = lately.reduce((sum, { step: each }) => sum + episode.sign * (line[each] ?? 0), 0) / Math.max(1, lately.length)
  if (isTelling(judged)) episode.beyond += episode.sign * (line[step] ?? 0) - episode.limit / 2
  if (episode.beyond >= episode.beyondMost) Object.assign(episode, { beyondMost: episode.beyond, lastLoud: step })
  const isQuiet = lately.length >= quietSteps && level < episode.limit / 2
  if (isQuiet || step - episode.lastLoud >= stepsOf(series, SILENCE_MS)) close(watch, episode)
  else if (step - episode.detected >= stepsOf(series, parameters.acceptMs)) accept(watch, episode, step)
}

function close(watch: Watch, episode: Episode): void {
  const end = episode.lastLoud + 1
  watch.ended.push({ episode, end, accepted: false })
  watch.episode = null
  watch.line.fill(Number.NaN, episode.start, end)
  // Once is an exception; what comes every week at that hour is learned all the same, as a middle of weeks.
  for (const { step, slot, y, expected } of episode.since) {
    const reach = episode.limit * spreadOf(watch, slot)
    watch.memory.learn({ step, slot, y: Math.min(Math.max(y, expected - reach), expected + reach) })
  }
}

/** What has lasted is the new normal: a level that all hours have moved to, or else hours that are now as they are. */
function accept(watch: Watch, episode: Episode, step: number): void {
  watch.ended.push({ episode, end: step + 1, accepted: true })
  watch.episode = null
  const telling = episode.since.filter(isTelling)
  const loud = telling.filter((judged) => isLoud(watch, episode, judged))
  const by = median(telling.map(({ y, expected }) => y - expected)) ?? 0
  if (loud.length >= LEVEL_SHARE * telling.length) watch.memory.shift(by)
  for (const { step: each, slot, y } of episode.since) watch.memory.learn({ step: each, slot, y })
  watch.lineFrom = step + 1
  fit(watch, step + 1)
}

function isLoud({ line }: Watch, { sign, limit }: Episode, { step }: Judged): boolean {
  return sign * (line[step] ?? 0) >= limit / 2
}

function isTelling({ y, expected }: Judged): boolean {
  return Math.max(Math.abs(y), Math.abs(expected)) >= SILENT_Y
}

/** The beginning of the last stretch that is out of line: where the sum of what is above half of the limit is greatest. */
function startOf(line: Float64Array, from: number, to: number, { sign, limit }: Alarm): number {
  let [best, start, sum] = [0, to, 0]
  for (let step = to; step >= from; step--) {
    const out = line[step] ?? Number.NaN
    if (Number.isNaN(out)) continue
    sum += sign * out - limit / 2
    if (sum >= best) [best, start] = [sum, step]
  }
  return start
}

/** Means of whole days that end at a step, the first of them at `from`; days without observations are as expected. */
function daysOf(watch: Watch, from: number, to: number, sign: 1 | -1): { readonly from: number; readonly means: number[] } {
  const day = stepsOf(watch.series, DAY_MS)
  const count = Math.floor((to - from + 1) / day)
  const first = to + 1 - count * day
  const means = Array.from({ length: count }, (_, index) => {
    const start = first + index * day
    return sign * (stretchOf(watch, start, start + day - 1)?.mean ?? 0)
  })
  return { from: first, means }
}
