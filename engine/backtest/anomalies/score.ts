import type { Series } from '../../src/insights/index.ts'

export interface Window {
  readonly start: number
  readonly end: number
}

/** A series, what is wrong with it, and from where on a detector is judged. */
export interface Labelled {
  readonly name: string
  readonly series: Series
  readonly from: number
  readonly windows: readonly Window[]
  /** Not looked at while parameters were chosen. */
  readonly heldOut: boolean
}

/** What a method says: when it alarmed, and until when that alarm went on. */
export interface Alarmed {
  readonly detectedAt: number
  readonly end: number
}

export interface Score {
  readonly windows: number
  readonly found: number
  readonly alarms: number
  readonly falseAlarms: number
  readonly weeks: number
  /** Of the windows that were found, from their start, in hours. */
  readonly delays: readonly number[]
}

const WEEK_MS = 7 * 86_400_000
const HOUR_MS = 3_600_000

export const NOTHING: Score = { windows: 0, found: 0, alarms: 0, falseAlarms: 0, weeks: 0, delays: [] }

/**
 * A window is found when something was alarmed within it; an alarm that was raised in no window is false. `toleranceMs` after a window an alarm is not
 * yet false: an episode that ends late is still that episode.
 */
export function scoreOf({ series, from, windows }: Labelled, alarms: readonly Alarmed[], toleranceMs = 0): Score {
  const judged = alarms.filter(({ detectedAt }) => detectedAt > from)
  const end = series.start + series.values.length * series.stepMs
  const first = windows.map((window) =>
    Math.min(
      ...judged
        .filter(({ detectedAt }) => detectedAt >= window.start && detectedAt <= window.end + toleranceMs)
        .map((alarm) => alarm.detectedAt),
    ),
  )
  const isIn = ({ detectedAt }: Alarmed): boolean =>
    windows.some((window) => detectedAt >= window.start && detectedAt <= window.end + toleranceMs)
  return {
    windows: windows.length,
    found: first.filter((at) => Number.isFinite(at)).length,
    alarms: judged.length,
    falseAlarms: judged.filter((alarm) => !isIn(alarm)).length,
    weeks: (end - from) / WEEK_MS,
    delays: first.flatMap((at, index) => (Number.isFinite(at) ? [(at - (windows[index]?.start ?? 0)) / HOUR_MS] : [])),
  }
}

export function added(left: Score, right: Score): Score {
  return {
    windows: left.windows + right.windows,
    found: left.found + right.found,
    alarms: left.alarms + right.alarms,
    falseAlarms: left.falseAlarms + right.falseAlarms,
    weeks: left.weeks + right.weeks,
    delays: [...left.delays, ...right.delays],
  }
}
