import { HOURS_OF_WEEK, isWeekend, sameHours } from './hours.ts'
import { median, shrunk } from './robust.ts'

/** What the value of an hour of the week is expected from. */
export type Basis = 'hour_of_week' | 'hour_of_day' | 'overall'

/** An observation that is remembered. `step` says when. */
export interface Sample {
  readonly step: number
  readonly slot: number
  y: number
}

/**
 * How many samples the wider group counts for: in an hour of the week, which has one a week, those of the same hour on days of its kind; in those the
 * same hour of any day; in that all hours together, which say least.
 */
const WIDER_WEIGHT = { slot: 2, kindOfDay: 1, hourOfDay: 0.25 } as const
/** With so many weeks an hour of the week speaks for itself. */
const OWN_WEEKS_MIN = 2

/** The observations of the last weeks by hour of the week, and what they lead one to expect of each hour. */
export interface Memory {
  learn(sample: Sample): void
  /** Forgets what is older than the first step that is kept. */
  forget(firstStep: number): void
  /** All that was has been on another level. */
  shift(by: number): void
  samples(): readonly Sample[]
  /** Takes the wider groups (same hour of such days, same hour, all) anew from what is remembered. */
  refit(): void
  /** `without` leaves one sample out, so that it can be compared with what the others say of it. */
  expected(slot: number, without?: Sample): number
  basis(slot: number): { readonly basis: Basis; readonly weeks: number }
}

export function createMemory(stepsPerWeek: number): Memory {
  const bySlot: Sample[][] = Array.from({ length: HOURS_OF_WEEK }, () => [])
  let samples: Sample[] = []
  let wider: Float64Array = new Float64Array(HOURS_OF_WEEK)

  return {
    learn(sample) {
      samples.push(sample)
      bySlot[sample.slot]?.push(sample)
    },
    forget(firstStep) {
      if ((samples[0]?.step ?? firstStep) >= firstStep) return
      samples = samples.filter(({ step }) => step >= firstStep)
      for (const slot of bySlot) while ((slot[0]?.step ?? firstStep) < firstStep) slot.shift()
    },
    shift(by) {
      for (const sample of samples) sample.y += by
      wider = wider.map((value) => value + by)
    },
    samples: () => samples,
    refit() {
      wider = widerOf(bySlot, samples)
    },
    expected(slot, without) {
      return expectedOf(bySlot[slot] ?? [], without, wider[slot] ?? 0)
    },
    basis(slot) {
      const weeks = new Set((bySlot[slot] ?? []).map(({ step }) => Math.floor(step / stepsPerWeek))).size
      if (weeks >= OWN_WEEKS_MIN) return { basis: 'hour_of_week', weeks }
      const sameHour = sameHours(slot % 24).some((other) => (bySlot[other]?.length ?? 0) > 0)
      return { basis: sameHour ? 'hour_of_day' : 'overall', weeks }
    },
  }
}

/** The few samples of a slot, in order. This is asked for each sample of each series, so nothing is made anew. */
const few = new Float64Array(512)

function expectedOf(samples: readonly Sample[], without: Sample | undefined, wider: number): number {
  let count = 0
  for (const sample of samples) {
    if (sample === without || count === few.length) continue
    let place = count++
    for (; place > 0 && (few[place - 1] ?? 0) > sample.y; place--) few[place] = few[place - 1] ?? 0
    few[place] = sample.y
  }
  if (count === 0) return wider
  const middle = ((few[(count - 1) >> 1] ?? 0) + (few[count >> 1] ?? 0)) / 2
  return shrunk(middle, count, wider, WIDER_WEIGHT.slot)
}

/** For each hour of the week: the same hour of days of its kind, completed by that hour of any day, completed by all there is. */
function widerOf(bySlot: readonly (readonly Sample[])[], samples: readonly Sample[]): Float64Array {
  const all = median(samples.map(({ y }) => y)) ?? 0
  const wider = new Float64Array(HOURS_OF_WEEK)
  for (let hour = 0; hour < 24; hour++) {
    const slots = sameHours(hour)
    const own = slots.flatMap((slot) => (bySlot[slot] ?? []).map(({ y }) => y))
    const ofHour = shrunk(median(own), own.length, all, WIDER_WEIGHT.hourOfDay)
    for (const weekend of [false, true]) {
      const alike = slots.filter((slot) => isWeekend(slot) === weekend)
      const ys = alike.flatMap((slot) => (bySlot[slot] ?? []).map(({ y }) => y))
      const expected = shrunk(median(ys), ys.length, ofHour, WIDER_WEIGHT.kindOfDay)
      for (const slot of alike) wider[slot] = expected
    }
  }
  return wider
}
