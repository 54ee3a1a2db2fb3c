import { DEFAULT_PARAMETERS, type DetectorParameters, detect } from '../../src/insights/index.ts'
import type { Alarmed, Labelled } from './score.ts'

/** A way to raise alarms; each sees only what came before. */
export interface Method {
  readonly name: string
  readonly alarms: (labelled: Labelled) => Alarmed[]
}

const HOUR_MS = 3_600_000
const WEEK_STEPS_MS = 7 * 24 * HOUR_MS
/** As for ours: alarms a day apart are one. */
const MERGE_MS = 24 * HOUR_MS

export function utcSlot(at: number): number {
  return (((Math.floor(at / HOUR_MS) + 72) % 168) + 168) % 168
}

export function ours(parameters: DetectorParameters = DEFAULT_PARAMETERS, direction: 'up' | 'both' = 'both'): Method {
  return {
    name: 'learned baseline',
    alarms: ({ series, from }) => {
      const historyMinMs = Math.min(parameters.historyMinMs, from - series.start)
      const { findings } = detect(series, { slotOf: utcSlot, from, parameters: { ...parameters, historyMinMs } })
      const end = series.start + series.values.length * series.stepMs
      return findings
        .filter((finding) => direction === 'both' || finding.direction === 'up')
        .map((finding) => ({ detectedAt: finding.detectedAt, end: finding.end ?? end }))
    },
  }
}

/** More than so many times the mean of what was learned, or less than that part of it. */
export function multiplier(factor: number, direction: 'up' | 'both' = 'both'): Method {
  return {
    name: `${factor} times the mean`,
    alarms: (labelled) => {
      const mean = average(before(labelled))
      return merged(labelled, (value) => value > factor * mean || (direction === 'both' && value < mean / factor))
    },
  }
}

/** Outside of what was seen while learning, by a tenth. */
export function threshold(direction: 'up' | 'both' = 'both'): Method {
  return {
    name: 'static threshold (range seen, and 10 %)',
    alarms: (labelled) => {
      const seen = before(labelled)
      const [low, high] = [Math.min(...seen), Math.max(...seen)]
      const margin = (high - low) / 10
      return merged(labelled, (value) => value > high + margin || (direction === 'both' && value < low - margin))
    },
  }
}

/** Three standard deviations from the mean of the last week. */
export function threeSigma(direction: 'up' | 'both' = 'both'): Method {
  return {
    name: '3 sigma of the last week',
    alarms: (labelled) => {
      const { series } = labelled
      const window = Math.round(WEEK_STEPS_MS / series.stepMs)
      return merged(labelled, (value, step) => {
        const seen = series.values.slice(Math.max(0, step - window), step).filter((each) => each !== null)
        const mean = average(seen)
        const deviation = Math.sqrt(average(seen.map((each) => (each - mean) ** 2)))
        const out = direction === 'both' ? Math.abs(value - mean) : value - mean
        return seen.length > 2 && out > 3 * deviation
      })
    },
  }
}

function before({ series, from }: Labelled): number[] {
  return series.values.slice(0, Math.round((from - series.start) / series.stepMs)).filter((value) => value !== null)
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** The steps that a rule is alarmed by, as episodes. */
function merged({ series, from }: Labelled, isOut: (value: number, step: number) => boolean): Alarmed[] {
  const alarms: { detectedAt: number; end: number }[] = []
  series.values.forEach((value, step) => {
    const end = series.start + (step + 1) * series.stepMs
    if (value === null || end <= from || !isOut(value, step)) return
    const last = alarms.at(-1)
    if (last !== undefined && end - last.end <= MERGE_MS) last.end = end
    else alarms.push({ detectedAt: end, end })
  })
  return alarms
}
