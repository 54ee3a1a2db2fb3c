import { assert, type Millis, periodAt, type Span } from '../../kernel/index.ts'

/** What a series is counted by. */
export type StepUnit = 'hour' | 'day'

/** After so many steps a pattern may come again. */
export const SEASON_STEPS: Readonly<Record<StepUnit, number>> = { hour: 24, day: 7 }

/** The local hours or days of a zone, from the one that holds a time up to the one that holds the last moment before another. */
export function stepsBetween(unit: StepUnit, zone: string, from: Millis, end: Millis): Span[] {
  const steps: Span[] = []
  for (let at = from; at < end; ) {
    const step = stepAt(unit, zone, at)
    steps.push(step)
    at = step.end
  }
  return steps
}

/** The local hour or day that a time lies in. The zone has been checked. */
export function stepAt(unit: StepUnit, zone: string, at: Millis): Span {
  const span = periodAt({ unit }, at, zone)
  assert(span.ok, 'the zone and the times of a question are checked before it is asked')
  return span.value
}
