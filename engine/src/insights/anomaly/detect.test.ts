import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourOfWeek } from '../../kernel/index.ts'
import { detect } from './detect.ts'
import { SPEND_PARAMETERS } from './parameters.ts'
import { HOUR_MS, type Series, seriesOf } from './series.ts'

/** A Monday, 00:00 UTC. */
const START = Date.UTC(2026, 0, 5)
const DAY = 24
const WEEK = 7 * DAY
const slotOf = (at: number): number => ((at - START) / HOUR_MS) % WEEK

/** Working hours on working days, with noise that is always the same. */
function spend(step: number): number {
  const isWork = step % WEEK < 5 * DAY && step % DAY >= 8 && step % DAY < 18
  const noise = 1 + 0.2 * Math.sin(step * 12.9898) * Math.cos(step * 78.233)
  return (isWork ? 10 : 1) * noise
}

function weeks(count: number, change: (value: number, step: number) => number | null = (value) => value): Series {
  return { start: START, stepMs: HOUR_MS, values: Array.from({ length: count * WEEK }, (_, step) => change(spend(step), step)) }
}

function found(series: Series, more: { readonly lastIsUnfinished?: boolean } = {}) {
  return detect(series, { slotOf, parameters: SPEND_PARAMETERS, ...more }).findings
}

const at = (step: number): number => START + step * HOUR_MS
const MONDAY_10 = 5 * WEEK + 10

describe('what alarms nobody', () => {
  it.each<[string, Series]>([
    ['weeks of work', weeks(9)],
    ['nothing but zeros', weeks(9, () => 0)],
    ['a level that never moves', weeks(9, () => 45)],
    ['a single call in a night', weeks(9, (value, step) => (step === 5 * WEEK + 3 ? value + 3 : value))],
    ['hours that are missing', weeks(9, (value, step) => (step % 7 === 0 || (step > 900 && step < 1_000) ? null : value))],
    ['growth of two percent a week', weeks(9, (value, step) => value * 1.02 ** (step / WEEK))],
  ])('%s', (_, series) => {
    expect(found(series)).toEqual([])
  })
})

describe('where the clocks change', () => {
  it('local working hours go on being expected by the clock on the wall', () => {
    const zone = 'Europe/Berlin'
    const start = Date.UTC(2026, 1, 1)
    const series = {
      ...{ start, stepMs: HOUR_MS },
      values: Array.from({ length: 12 * WEEK }, (_, step) => {
        const hour = hourOfWeek(start + step * HOUR_MS, zone)
        return (hour < 5 * DAY && hour % DAY >= 8 && hour % DAY < 18 ? 10 : 0) * (1 + 0.2 * Math.sin(step * 12.9898))
      }),
    }
    const ask = (slot: (at: number) => number) => detect(series, { slotOf: slot, parameters: SPEND_PARAMETERS }).findings
    expect(ask((time) => hourOfWeek(time, zone))).toEqual([])
    // By the hours of UTC the work begins an hour early from the last Sunday of March on.
    expect(ask((time) => hourOfWeek(time, 'UTC'))).not.toEqual([])
  })
})

describe('too little history is a state', () => {
  it.each<[string, Series]>([
    ['one day', weeks(1, (value, step) => (step < DAY ? value * (step === 20 ? 100 : 1) : null))],
    ['six days', { ...weeks(1), values: weeks(1).values.slice(0, 6 * DAY) }],
    ['no observations', weeks(5, () => null)],
    ['too few observations', weeks(3, (value, step) => (step % 24 === 0 ? value : null))],
    ['nothing but zeros', weeks(5, () => 0)],
  ])('%s', (_, series) => {
    expect(detect(series, { slotOf })).toMatchObject({ findings: [], expected: null })
  })

  it('of spend that happened in a few hours only', () => {
    const rare = weeks(5, (value, step) => (step % 60 === 0 ? value : 0))
    expect(detect(rare, { slotOf, parameters: SPEND_PARAMETERS })).toMatchObject({ findings: [], expected: null, active: 14 })
  })

  it('says how much there is', () => {
    const { values } = weeks(1)
    const late = { start: START, stepMs: HOUR_MS, values: [...Array.from({ length: 48 }, () => null), ...values.slice(0, 30)] }
    expect(detect(late, { slotOf })).toMatchObject({ observed: 30, historyMs: 30 * HOUR_MS })
  })
})

describe('what is found', () => {
  it('is a spike, once, with what was expected and what was seen', () => {
    const [spike, ...others] = found(weeks(7, (value, step) => (step >= MONDAY_10 && step < MONDAY_10 + 3 ? value * 10 : value)))
    expect(others).toEqual([])
    expect(spike).toMatchObject({ kind: 'spike', direction: 'up', severity: 'high', accepted: false, steps: 3 })
    expect([spike?.start, spike?.detectedAt, spike?.end]).toEqual([at(MONDAY_10), at(MONDAY_10 + 1), at(MONDAY_10 + 3)])
    expect(spike?.expected).toBeGreaterThan(25)
    expect(spike?.expected).toBeLessThan(36)
    expect((spike?.observed ?? 0) / (spike?.expected ?? 1)).toBeGreaterThan(8)
    expect(spike?.rarity).toMatchObject({ asFar: 0 })
    expect(spike?.rarity.of).toBeGreaterThan(500)
  })

  it('is a level that stays, accepted after a week, and nothing after that', () => {
    const [shift, ...others] = found(weeks(9, (value, step) => (step >= MONDAY_10 ? value * 2 : value)))
    expect(others).toEqual([])
    expect(shift).toMatchObject({ kind: 'shift', direction: 'up', accepted: true })
    expect(Math.abs((shift?.start ?? 0) - at(MONDAY_10))).toBeLessThanOrEqual(2 * HOUR_MS)
    expect(shift?.end).toBeLessThanOrEqual(at(MONDAY_10 + WEEK + DAY))
  })

  it('is another level once the first is accepted', () => {
    const later = MONDAY_10 + 2 * WEEK
    const findings = found(weeks(9, (value, step) => value * (step >= later ? 6 : step >= MONDAY_10 ? 2 : 1)))
    expect(findings.map(({ direction }) => direction)).toEqual(['up', 'up'])
    findings.forEach(({ start }, index) => {
      expect(Math.abs(start - at([MONDAY_10, later][index] ?? 0))).toBeLessThanOrEqual(2 * HOUR_MS)
    })
  })

  it('is a slow drift, that is told as one', () => {
    const findings = found(weeks(9, (value, step) => value * 1.04 ** Math.max(0, (step - MONDAY_10) / DAY)))
    expect(findings[0]).toMatchObject({ kind: 'drift', direction: 'up' })
    expect(Math.abs((findings[0]?.start ?? 0) - at(MONDAY_10))).toBeLessThan(6 * DAY * HOUR_MS)
  })

  it('is a fall', () => {
    const findings = found(weeks(6, (value, step) => (step >= MONDAY_10 ? value / 10 : value)))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ direction: 'down', end: null, accepted: false })
  })

  it('is an agent at work at night', () => {
    const night = 5 * WEEK + 2 * DAY + 22
    const findings = found(weeks(7, (value, step) => (step >= night && step < night + 7 ? 12 : value)))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ kind: 'spike', start: at(night) })
  })

  it('is one episode where it pauses for some hours', () => {
    const isOut = (step: number): boolean => step >= MONDAY_10 && step < MONDAY_10 + 30 && step % 12 < 8
    expect(found(weeks(7, (value, step) => (isOut(step) ? value + 80 : value)))).toHaveLength(1)
  })
})

describe('an hour that is not over', () => {
  const until = (last: number): Series => {
    const { values } = weeks(7)
    return { start: START, stepMs: HOUR_MS, values: [...values.slice(0, MONDAY_10), last] }
  }

  it('can be too much already', () => {
    expect(found(until(100), { lastIsUnfinished: true })).toHaveLength(1)
  })

  it('is not too little', () => {
    expect(found(until(0), { lastIsUnfinished: true })).toEqual([])
  })
})

describe('a decision', () => {
  it('depends on nothing that comes after it', () => {
    const change = fc.record({
      from: fc.integer({ min: 4 * WEEK, max: 6 * WEEK }),
      hours: fc.integer({ min: 1, max: 250 }),
      times: fc.double({ min: 0.1, max: 8, noNaN: true }),
    })
    fc.assert(
      fc.property(change, fc.integer({ min: 4 * WEEK, max: 7 * WEEK }), ({ from, hours, times }, cut) => {
        const whole = weeks(7, (value, step) => (step >= from && step < from + hours ? value * times : value))
        const early = found({ ...whole, values: whole.values.slice(0, cut) })
        const late = found(whole)
        const told = late.filter(({ detectedAt }) => detectedAt <= at(cut))
        expect(early.length).toBe(told.length)
        early.forEach((finding, index) => {
          expect(finding).toMatchObject({
            start: told[index]?.start,
            detectedAt: told[index]?.detectedAt,
            direction: told[index]?.direction,
          })
        })
      }),
      { numRuns: 25 },
    )
  })
})

describe('a series', () => {
  it('is made of observations in any order, twice or not at all, and of numbers alone', () => {
    const points = [
      { at: at(3) + 5, value: 4 },
      { at: at(0), value: 1 },
      { at: at(3) + 9, value: 8 },
      { at: at(1), value: Number.NaN },
      { at: Number.POSITIVE_INFINITY, value: 3 },
      { at: at(2), value: null },
    ]
    expect(seriesOf(points, HOUR_MS)).toEqual({ start: at(0), stepMs: HOUR_MS, values: [1, null, null, 6] })
    expect(seriesOf([{ at: at(0), value: Number.NaN }], HOUR_MS)).toBeNull()
    expect(seriesOf([], HOUR_MS)).toBeNull()
    expect(
      seriesOf(
        [points[0], { at: Date.UTC(2226, 0, 1), value: 1 }].flatMap((each) => each ?? []),
        HOUR_MS,
      ),
    ).toBeNull()
  })
})
