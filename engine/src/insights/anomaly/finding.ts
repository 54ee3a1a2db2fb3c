import type { Millis } from '../../kernel/index.ts'
import type { Ended, Episode } from './episode.ts'
import type { Shape } from './shape.ts'
import { stepsOf, type Watch } from './watch.ts'

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A stretch of time in which a series was not what its history leads one to expect: one for an episode, however long it is. */
export interface Finding {
  /** A spike is over within hours, a shift is a level that came at once, a drift one that came slowly. */
  readonly kind: 'spike' | Shape
  readonly direction: 'up' | 'down'
  readonly severity: Severity
  readonly start: Millis
  /** The end of the first step at which this could be said. */
  readonly detectedAt: Millis
  /** Null while it goes on. */
  readonly end: Millis | null
  /** It lasted so long that it is the new normal: what comes later is compared with it. */
  readonly accepted: boolean
  /** Sums over the steps that were observed, and what was expected of them, which is an estimate. */
  readonly observed: number
  readonly expected: number
  /** Steps that were observed. */
  readonly steps: number
  /** The furthest that a stretch of `stretchSteps` was out of line, in standard deviations of such stretches. */
  readonly deviations: number
  readonly stretchSteps: number
  /** Of the stretches of that length that were learned from, how many were as far out of line. */
  readonly rarity: { readonly asFar: number; readonly of: number }
}

/** What noticed within hours and is over within half a day, or began so lately, is a spike. */
const SPIKE_MS = 12 * 3_600_000

/** The findings of a watch, oldest first. */
export function findingsOf(watch: Watch): Finding[] {
  const { episode, ended, series } = watch
  const open = episode === null ? [] : [findingOf(watch, { episode, end: series.values.length, accepted: false }, false)]
  return [...ended.map((each) => findingOf(watch, each, true)), ...open]
}

function findingOf(watch: Watch, { episode, end, accepted }: Ended, isOver: boolean): Finding {
  const { start, stepMs, values } = watch.series
  const isShort = episode.steps <= stepsOf(watch.series, SPIKE_MS) && end - episode.start <= stepsOf(watch.series, SPIKE_MS)
  let [observed, expected, steps] = [0, 0, 0]
  for (let step = episode.start; step < end; step++) {
    const value = values[step] ?? null
    if (value === null) continue
    observed += value
    expected += watch.expected[step] ?? 0
    steps++
  }
  const normal = watch.normal.scales[episode.scale]
  const seen = normal?.seen ?? []
  return {
    kind: isShort ? 'spike' : episode.shape,
    direction: episode.sign === 1 ? 'up' : 'down',
    severity: severityOf(episode),
    start: start + episode.start * stepMs,
    detectedAt: start + (episode.detected + 1) * stepMs,
    end: isOver ? start + end * stepMs : null,
    accepted,
    observed,
    expected,
    steps,
    deviations: episode.furthest / (normal?.spread ?? 1),
    stretchSteps: episode.steps,
    rarity: { asFar: seen.filter((mean) => episode.sign * mean >= episode.furthest).length, of: seen.length },
  }
}

/** By how many times it is beyond what would have been alarming. */
function severityOf({ furthest, limit }: Episode): Severity {
  const times = furthest / limit
  if (times >= 4) return 'critical'
  if (times >= 2.5) return 'high'
  return times >= 1.5 ? 'medium' : 'low'
}
