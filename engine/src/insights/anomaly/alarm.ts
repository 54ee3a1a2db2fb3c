import { OBSERVED_SHARE } from './normal.ts'
import type { Watch } from './watch.ts'

/** A stretch that ends now and is further out of line than such stretches are. */
export interface Alarm {
  readonly sign: 1 | -1
  /** Which of the scales it is, of how many steps. */
  readonly scale: number
  readonly steps: number
  /** How far out it is, and from where on that is alarming; both upwards of zero. */
  readonly mean: number
  readonly limit: number
}

/** The most alarming of the stretches that end at a step; null: all is normal. A step that is not over is looked at alone. */
export function alarmAt(watch: Watch, step: number, isUnfinished: boolean): Alarm | null {
  let worst: Alarm | null = null
  const scales = isUnfinished ? watch.normal.scales.slice(0, 1) : watch.normal.scales
  scales.forEach(({ steps, alarming }, scale) => {
    const from = step - steps + 1
    if (alarming === null || from < watch.lineFrom) return
    const stretch = stretchOf(watch, from, step)
    if (stretch === null || stretch.observed < OBSERVED_SHARE * steps) return
    const sign = stretch.mean >= 0 ? 1 : -1
    const limit = sign === 1 ? alarming.up : alarming.down
    const mean = Math.abs(stretch.mean)
    const changeMin = watch.parameters.scales[scale]?.changeMin ?? 0
    if (mean < limit || !isWorthAWord(sign, stretch, changeMin, watch.parameters.excessMin * watch.scaling.busy)) return
    if (worst === null || mean / limit > worst.mean / worst.limit) worst = { sign, scale, steps, mean, limit }
  })
  return worst
}

interface Stretch {
  readonly observed: number
  readonly mean: number
  readonly seen: number
  readonly expected: number
}

/** The steps from one to another, both of them included; null when none was observed. */
export function stretchOf({ line, expected, series }: Watch, from: number, to: number): Stretch | null {
  let [observed, sum, seen, expectedSum] = [0, 0, 0, 0]
  for (let step = Math.max(0, from); step <= to; step++) {
    const out = line[step] ?? Number.NaN
    if (Number.isNaN(out)) continue
    observed++
    sum += out
    seen += series.values[step] ?? 0
    expectedSum += expected[step] ?? 0
  }
  return observed === 0 ? null : { observed, mean: sum / observed, seen, expected: expectedSum }
}

/** A half more is as far as a third less. */
function isWorthAWord(sign: 1 | -1, { seen, expected }: Stretch, changeMin: number, excessMin: number): boolean {
  const [more, less] = sign === 1 ? [seen, expected] : [expected, seen]
  return more - less >= Math.max(changeMin * Math.abs(less), excessMin)
}
