import type { Millis } from '../../kernel/index.ts'
import { alarmAt } from './alarm.ts'
import { goOn, open } from './episode.ts'
import { type Finding, findingsOf } from './finding.ts'
import type { Basis } from './memory.ts'
import { type DetectorParameters, PARAMETERS } from './parameters.ts'
import type { Series } from './series.ts'
import { beginWatch, fit, isDue, spreadOf, type Watch } from './watch.ts'

/** How a series is looked at. */
export interface DetectorQuestion {
  /** The hour of the week that a time is in, 0 for Monday 00:00 local time. */
  readonly slotOf: (at: Millis) => number
  /** Learns from what is before, and looks for anomalies from here on; absent: as soon as there is history enough. */
  readonly from?: Millis
  /** The last step is not over: it can be too much already, but not too little. */
  readonly lastIsUnfinished?: boolean
  readonly parameters?: DetectorParameters
}

/** What is expected of an hour of the week. */
export interface Expectation {
  readonly value: number
  readonly basis: Basis
  /** In how many weeks that hour was observed. */
  readonly weeks: number
}

export interface Detection {
  /** Oldest first; only the last may still go on. */
  readonly findings: readonly Finding[]
  /** Null: there is not enough history to say what is normal. */
  readonly expected: ((slot: number) => Expectation) | null
  /** Steps that were observed, and the time from the first of them to the end. */
  readonly observed: number
  /** Of these, steps that were not zero. */
  readonly active: number
  readonly historyMs: number
}

/**
 * Follows a series step by step and tells where it is not what its history leads one to expect. What is decided at a step depends on nothing that
 * comes after it. Learned are the level of each hour of the week, and how far stretches of several lengths usually lie from it, upwards and
 * downwards; an alarm is a stretch further out than that. A level that stays is accepted. A series that never moves, or is all zeros, alarms nobody.
 */
export function detect(series: Series, question: DetectorQuestion): Detection {
  const { stepMs, start, values } = series
  const parameters = question.parameters ?? PARAMETERS
  const rest = { parameters, slotOf: question.slotOf, lastIsUnfinished: question.lastIsUnfinished === true }
  const first = values.findIndex((value) => value !== null)
  const historyMs = first === -1 ? 0 : (values.length - first) * stepMs
  let watch: Watch | null = null
  let [observed, active] = [0, 0]
  for (let step = 0; step <= values.length; step++) {
    const isLong = first !== -1 && (step - first) * stepMs >= parameters.historyMinMs
    const hasHistory = isLong && observed >= parameters.observedMin && active >= parameters.activeMin
    const isAsked = question.from === undefined || start + step * stepMs >= question.from || step === values.length
    if (watch === null && hasHistory && isAsked) watch = beginWatch(series, step, rest)
    const value = values[step] ?? null
    if (value === null) continue
    observed++
    if (value !== 0) active++
    if (watch !== null) judge(watch, step, value)
  }
  if (watch === null) return { findings: [], expected: null, observed, active, historyMs }
  return { findings: findingsOf(watch), expected: expecting(watch), observed, active, historyMs }
}

function judge(watch: Watch, step: number, value: number): void {
  const { series, memory, scaling } = watch
  if (isDue(watch, step)) fit(watch, step)
  const slot = watch.slotOf(series.start + step * series.stepMs)
  const expected = memory.expected(slot)
  const y = scaling.yOf(value)
  const out = (y - expected) / spreadOf(watch, slot)
  const isUnfinished = watch.lastIsUnfinished && step === series.values.length - 1
  watch.expected[step] = scaling.xOf(expected) * watch.bias
  watch.line[step] = isUnfinished ? Math.max(0, out) : out
  if (watch.episode !== null) {
    if (!isUnfinished) goOn(watch, watch.episode, { step, slot, y, expected })
    return
  }
  const alarm = alarmAt(watch, step, isUnfinished)
  if (alarm !== null) open(watch, alarm, { step, slot, y, expected })
  else if (!isUnfinished) memory.learn({ step, slot, y })
}

function expecting({ memory, scaling, bias }: Watch): (slot: number) => Expectation {
  return (slot) => ({ value: scaling.xOf(memory.expected(slot)) * bias, ...memory.basis(slot) })
}
