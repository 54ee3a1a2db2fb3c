import { median, robustSpread } from './statistics.ts'

/** The step from which on the series runs on another level. */
export interface LevelShift {
  readonly at: number
  readonly before: number
  readonly after: number
}

/** So many steps on each side are compared, at the most and at the least; of a series with a pattern at least one cycle, or its remains would be shifts. */
const WINDOW = 28
const SIDE_MIN = 5
const CYCLE_MAX = 24
/** How many standard errors apart the sides must be, and by what part of the larger. */
const ERRORS_MIN = 6
const CHANGE_MIN = 0.2
/** So much of the difference must be made within these few steps; what comes slowly is a trend. */
const ABRUPT_SHARE = 0.6
const ABRUPT_STEPS = 3
/** A median's standard error beside that of a mean, for normal noise. */
const MEDIAN_ERROR = 1.2533

/**
 * The abrupt and lasting changes of level, in order. Medians of both sides are compared, so that no outlier, however far, makes a shift; the
 * strongest cuts the series in two, and both parts are searched in the same way.
 */
export function levelShifts(values: readonly number[], cycle: number): LevelShift[] {
  const side = Math.min(Math.max(SIDE_MIN, cycle), CYCLE_MAX)
  const shifts: LevelShift[] = []
  const parts = [{ from: 0, to: values.length }]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const shift = strongestShift(values, part, side)
    if (shift === null) continue
    shifts.push(shift)
    parts.push({ from: part.from, to: shift.at }, { from: shift.at, to: part.to })
  }
  return shifts.sort((a, b) => a.at - b.at)
}

interface Part {
  readonly from: number
  readonly to: number
}

function strongestShift(values: readonly number[], { from, to }: Part, side: number): LevelShift | null {
  const window = Math.max(WINDOW, 2 * side)
  let strongest: LevelShift | null = null
  let errorsMost = ERRORS_MIN
  for (let at = from + side; at <= to - side; at++) {
    const left = values.slice(Math.max(from, at - window), at)
    const right = values.slice(at, Math.min(to, at + window))
    const before = median(left)
    const after = median(right)
    const change = after - before
    if (Math.abs(change) < CHANGE_MIN * Math.max(Math.abs(before), Math.abs(after)) || change === 0) continue
    const abrupt = median(right.slice(0, ABRUPT_STEPS)) - median(left.slice(-ABRUPT_STEPS))
    if (abrupt * Math.sign(change) < ABRUPT_SHARE * Math.abs(change)) continue
    const spread = Math.max(robustSpread(left, before), robustSpread(right, after), 1e-9 * Math.abs(change))
    const errors = Math.abs(change) / (MEDIAN_ERROR * spread * Math.sqrt(1 / left.length + 1 / right.length))
    if (errors < errorsMost) continue
    strongest = { at, before, after }
    errorsMost = errors
  }
  return strongest
}

/**
 * What came before the last shift, moved to the level after it: its pattern and its noise go on speaking, its level does not. No moved step
 * lies further out than those after the shift by half: a rare step before a start is not a hundred times a usual one after it.
 */
export function onLastLevel(values: readonly number[], shifts: readonly LevelShift[]): number[] {
  const moved = [...values]
  for (const { at, before, after } of shifts) {
    const scales = before > 0 && after > 0
    for (let index = 0; index < at; index++) {
      moved[index] = scales ? (moved[index] ?? 0) * (after / before) : (moved[index] ?? 0) + (after - before)
    }
  }
  const last = shifts.at(-1)
  if (last === undefined) return moved
  const since = values.slice(last.at)
  const reach = REACH * (Math.max(...since) - Math.min(...since, 0))
  const most = Math.min(...since, 0) + reach
  const least = Math.min(...since) >= 0 ? 0 : Math.max(...since) - reach
  return moved.map((value, index) => (index >= last.at ? value : Math.min(Math.max(value, least), most)))
}

const REACH = 1.5
