import { describe, expect, it } from 'vitest'
import { type Forecast, forecastSteps } from './forecast.ts'
import { NOW_AND_THEN, STEADY, type Synthetic, synthetic, WANDERING, WEEKLY } from './model/test-series.ts'

const ask = (values: readonly number[], steps = 14, running: { spent: number; share: number } | null = null): Forecast => {
  const outcome = forecastSteps({ values, running, steps, seasonSteps: 7 })
  if (outcome.kind !== 'forecast') throw new Error('there is enough history')
  return outcome.forecast
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('a forecast of series of known making', () => {
  const judged = (process: Synthetic) =>
    Array.from({ length: 120 }, (_, seed) => {
      const all = synthetic(process, seed + 1, 90)
      return { known: all.slice(0, 76), actual: sum(all.slice(76)), said: ask(all.slice(0, 76)) }
    })

  it.each([STEADY, WEEKLY, WANDERING, NOW_AND_THEN])('holds the truth in its 80 % interval about as often as it says: $name', (process) => {
    const inside = judged(process).filter(({ actual, said: { rest } }) => rest.low80 <= actual && actual <= rest.high80).length
    expect(inside / 120).toBeGreaterThan(0.68)
    expect(inside / 120).toBeLessThan(0.93)
  })

  it('errs less than the run-rate where the week has a pattern', () => {
    const errors = Array.from({ length: 60 }, (_, seed) => {
      const all = synthetic(WEEKLY, seed + 1, 82)
      const known = all.slice(0, 77)
      const actual = sum(all.slice(77))
      const runRate = (sum(known.slice(-17)) / 17) * 5
      return { ours: Math.abs(ask(known, 5).rest.median - actual), runRate: Math.abs(runRate - actual) }
    })
    expect(sum(errors.map(({ ours }) => ours))).toBeLessThan(0.75 * sum(errors.map(({ runRate }) => runRate)))
  })
})

describe('what a forecast finds', () => {
  it('a week, where there is one, and none where there is none', () => {
    expect(ask(synthetic(WEEKLY, 7, 60)).method.seasonSteps).toBe(7)
    const found = Array.from({ length: 60 }, (_, seed) => ask(synthetic(STEADY, seed, 60)).method.seasonSteps).filter(
      (steps) => steps !== null,
    )
    expect(found.length).toBeLessThan(6)
  })

  it('the days of the week at their own places', () => {
    const { steps } = ask(synthetic(WEEKLY, 3, 70))
    expect(steps[5]?.median ?? 99).toBeLessThan(30)
    expect(steps[0]?.median ?? 0).toBeGreaterThan(45)
  })

  it('a lasting change of level, and counts what came before only for its pattern', () => {
    const before = synthetic(WEEKLY, 5, 49)
    const after = synthetic(WEEKLY, 6, 21).map((value) => value * 3)
    const { method, rest } = ask([...before, ...after], 7)
    expect(Math.abs((method.shiftAt ?? 0) - 49)).toBeLessThanOrEqual(2)
    expect(rest.median).toBeGreaterThan(0.85 * 3 * 50 * 6.5)
    expect(rest.median).toBeLessThan(1.15 * 3 * 50 * 6.5)
  })

  it('no change of level in one odd day, which moves the sum little', () => {
    const values = synthetic(STEADY, 9, 60)
    const odd = values.map((value, day) => (day === 55 ? 2_000 : value))
    expect(ask(odd).method.shiftAt).toBeNull()
    expect(ask(odd).rest.median).toBeLessThan(1.25 * ask(values).rest.median)
  })

  it('spend now and then', () => {
    const { method, rest } = ask(synthetic(NOW_AND_THEN, 4, 80))
    expect(method.kind).toBe('intermittent')
    expect(rest.low95).toBeGreaterThanOrEqual(0)
    expect(rest.median).toBeGreaterThan(20)
  })
})

describe('the edges of a forecast', () => {
  it('says what it lacks instead of guessing', () => {
    const asked = (values: readonly number[], steps: number) => forecastSteps({ values, running: null, steps, seasonSteps: 7 })
    expect(asked([], 10)).toEqual({ kind: 'not_enough_history', known: 0, needed: 7, busyLacking: 0 })
    expect(asked([5], 10)).toEqual({ kind: 'not_enough_history', known: 1, needed: 7, busyLacking: 0 + 3 })
    expect(asked([1, 2, 3, 4, 5, 6], 1).kind).toBe('not_enough_history')
    expect(asked([1, 2, 3, 4, 5, 6, 7], 1).kind).toBe('forecast')
    expect(asked([1, 2, 3, 4, 5, 6, 7], 31)).toMatchObject({ needed: 8 })
    expect(asked([0, 0, 9, 0, 0, 0, 9, 0, 0], 7)).toMatchObject({ kind: 'not_enough_history', busyLacking: 2 })
  })

  it('nothing spent is nothing expected, and the same every day is that', () => {
    expect(ask(Array.from({ length: 20 }, () => 0))).toMatchObject({
      method: { kind: 'no_spend' },
      rest: { median: 0, low95: 0, high95: 0 },
    })
    const same = ask(
      Array.from({ length: 20 }, () => 12.5),
      10,
    ).rest
    for (const value of Object.values(same)) expect(value).toBeCloseTo(125, 8)
  })

  it('is never below zero where nothing ever was, and may be where credits came', () => {
    const wild = synthetic(WANDERING, 2, 40).map((value, day) => (day % 3 === 0 ? 0.01 : value))
    for (const step of ask(wild).steps) expect(step.low95).toBeGreaterThanOrEqual(0)
    const credits = synthetic(STEADY, 3, 40).map((value) => value - 42)
    expect(ask(credits).rest.low95).toBeLessThan(0)
  })

  it('answers the same question in the same way', () => {
    const values = synthetic(WANDERING, 8, 50)
    expect(ask(values)).toEqual(ask([...values]))
  })

  it('counts a day under way by the part of it that has passed, and not as a low day', () => {
    const values = synthetic(STEADY, 11, 40)
    const morning = ask(values, 5, { spent: 10, share: 0.25 })
    const whole = ask(values, 5)
    expect(morning.rest.median).toBeGreaterThan(whole.rest.median - 20)
    expect(morning.rest.median).toBeLessThan(whole.rest.median)
    expect(ask(values, 1, { spent: 38, share: 1 }).rest).toMatchObject({ median: 0, high95: 0 })
    const dear = ask(values, 1, { spent: 200, share: 0.5 }).rest.median
    expect(dear).toBeGreaterThan(40)
  })

  it('has intervals that hold each other, and a sum narrower than the sum of its days', () => {
    const { rest, steps } = ask(synthetic(WEEKLY, 21, 70))
    for (const { low95, low80, median, high80, high95 } of [rest, ...steps]) {
      expect([low95, low80, median, high80, high95]).toEqual([low95, low80, median, high80, high95].sort((a, b) => a - b))
    }
    expect(rest.high80 - rest.low80).toBeLessThan(sum(steps.map(({ high80, low80 }) => high80 - low80)))
  })
})
