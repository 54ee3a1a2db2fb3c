import type { Millis } from '../../kernel/index.ts'
import type { Ended, Episode } from './episode.ts'
import { createMemory, type Memory } from './memory.ts'
import { type Normal, normalOf } from './normal.ts'
import type { DetectorParameters } from './parameters.ts'
import { type Scaling, scalingOf } from './scale.ts'
import type { Series } from './series.ts'

export const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** A detector at work on a series: what it knows at a step, from what came before. */
export interface Watch {
  readonly series: Series
  readonly parameters: DetectorParameters
  readonly slotOf: (at: Millis) => number
  readonly lastIsUnfinished: boolean
  readonly memory: Memory
  readonly scaling: Scaling
  normal: Normal
  /** What is expected is a middle, and sums of a skewed series are more than its middles: by so much. */
  bias: number
  fittedAt: number
  /** How far each step was out of line, in spreads of its hour; NaN: not observed, or part of an episode that is over. */
  readonly line: Float64Array
  /** What was expected of each step, as an amount. */
  readonly expected: Float64Array
  /** Steps before it are on another level, or were only learned from. */
  lineFrom: number
  episode: Episode | null
  readonly ended: Ended[]
}

/** An observation that is judged, in the scale of `y`. */
export interface Judged {
  readonly step: number
  readonly slot: number
  readonly y: number
  readonly expected: number
}

/** Learns from the steps before one. Null: all of them are zero, so that there is nothing to compare with. */
export function beginWatch(series: Series, step: number, rest: Pick<Watch, 'parameters' | 'slotOf' | 'lastIsUnfinished'>): Watch | null {
  const { values, start, stepMs } = series
  const scaling = scalingOf(values.slice(0, step))
  if (scaling === null) return null
  const memory = createMemory(stepsOf(series, WEEK_MS))
  const firstStep = Math.max(0, step - stepsOf(series, rest.parameters.memoryMs))
  for (let each = firstStep; each < step; each++) {
    const value = values[each] ?? null
    if (value !== null) memory.learn({ step: each, slot: rest.slotOf(start + each * stepMs), y: scaling.yOf(value) })
  }
  const watch: Watch = {
    ...rest,
    series,
    memory,
    scaling,
    normal: { spreads: [], scales: [] },
    bias: 1,
    fittedAt: step,
    line: new Float64Array(values.length).fill(Number.NaN),
    expected: new Float64Array(values.length),
    lineFrom: step,
    episode: null,
    ended: [],
  }
  fit(watch, step)
  return watch
}

/** Takes anew what is normal, from what is remembered at a step. */
export function fit(watch: Watch, step: number): void {
  const { memory, parameters, series } = watch
  memory.forget(step - stepsOf(series, parameters.memoryMs))
  memory.refit()
  watch.normal = normalOf(memory, parameters, series.stepMs)
  watch.bias = biasOf(watch)
  watch.fittedAt = step
}

/** A young history says more every day, an old one every week. */
export function isDue(watch: Watch, step: number): boolean {
  const young = step < stepsOf(watch.series, 2 * WEEK_MS)
  return step - watch.fittedAt >= stepsOf(watch.series, young ? DAY_MS : WEEK_MS)
}

export function stepsOf({ stepMs }: Series, ms: number): number {
  return Math.max(1, Math.round(ms / stepMs))
}

/** The spread of the hour that a step is in. */
export function spreadOf({ normal }: Watch, slot: number): number {
  return normal.spreads[slot % 24] ?? 1
}

const BIAS_MAX = 1.5

function biasOf({ memory, scaling }: Watch): number {
  let [seen, expected] = [0, 0]
  for (const sample of memory.samples()) {
    seen += scaling.xOf(sample.y)
    expected += scaling.xOf(memory.expected(sample.slot, sample))
  }
  return expected <= 0 ? 1 : Math.min(Math.max(seen / expected, 1), BIAS_MAX)
}
