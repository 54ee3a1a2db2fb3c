import type { CallStore } from '../../../calls/index.ts'
import type { Millis } from '../../../kernel/index.ts'
import { detect, type Expectation } from '../detect.ts'
import { HOURS_OF_WEEK } from '../hours.ts'
import { SPEND_PARAMETERS } from '../parameters.ts'
import { HOUR_MS } from '../series.ts'
import { type AnomalyQuestion, type Unknown, unknownOf } from './find-anomalies.ts'
import { type Subject, slotsOf, spendBySubject } from './spend-series.ts'

/** What a subject usually spends in an hour, learned from its last weeks. Estimates, in US dollars. */
export interface LearnedBaseline {
  readonly subject: Subject
  /** In the hour of the week that it is now, and what that is known from. */
  readonly now: Expectation & { readonly hourOfWeek: number }
  /** On average over the hours of a week, and in the busiest of them. */
  readonly usdPerHour: number
  readonly busiest: { readonly usdPerHour: number; readonly hourOfWeek: number }
  readonly historyMs: number
}

export interface LearnedBaselines {
  readonly baselines: readonly LearnedBaseline[]
  readonly insufficient: readonly Unknown[]
  readonly truncated: boolean
}

/** What is normal, for everyone who spends? */
export async function learnedBaselines(
  store: CallStore,
  question: Omit<AnomalyQuestion, 'period' | 'direction'>,
): Promise<LearnedBaselines> {
  const { now, zone } = question
  // The hour that is not over says nothing of what is normal.
  const until = Math.floor(now / HOUR_MS) * HOUR_MS
  const { spends, truncated } = await spendBySubject(store, { ...question, now: until, judgeFrom: until - 14 * 24 * HOUR_MS })
  const slotOf = slotsOf(zone)
  const baselines: LearnedBaseline[] = []
  const insufficient: Unknown[] = []
  for (const { subject, series } of spends) {
    await question.breathe?.()
    const detection = detect(series, { slotOf, from: until - 14 * 24 * HOUR_MS, parameters: SPEND_PARAMETERS })
    const { expected, historyMs } = detection
    if (expected === null) insufficient.push(unknownOf(subject, detection))
    else baselines.push(baselineOf(subject, expected, slotOf(until), historyMs))
  }
  return { baselines, insufficient, truncated }
}

function baselineOf(subject: Subject, expected: (slot: number) => Expectation, hourNow: number, historyMs: Millis): LearnedBaseline {
  const week = Array.from({ length: HOURS_OF_WEEK }, (_, slot) => ({ hourOfWeek: slot, usdPerHour: Math.max(0, expected(slot).value) }))
  const busiest = week.reduce((best, each) => (each.usdPerHour > best.usdPerHour ? each : best))
  const usdPerHour = week.reduce((sum, each) => sum + each.usdPerHour, 0) / HOURS_OF_WEEK
  const now = expected(hourNow)
  return { subject, now: { ...now, value: Math.max(0, now.value), hourOfWeek: hourNow }, usdPerHour, busiest, historyMs }
}
