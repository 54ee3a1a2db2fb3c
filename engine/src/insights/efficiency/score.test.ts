import { describe, expect, it } from 'vitest'
import { EVERYTHING, START, usd, worldStore } from '../../../../conformance/insights/world.ts'
import { efficiency } from './efficiency.ts'
import { scoreOf } from './score.ts'

describe('the score', () => {
  it.each([
    [{ wasteShare: 0, cacheShare: 0.95, failedShare: 0 }, 100, [0, 0, 0]],
    [{ wasteShare: 0.1, cacheShare: 0.57, failedShare: 0.04 }, 69, [15, 12, 4]],
    [{ wasteShare: 0.1, cacheShare: null, failedShare: 0.04 }, 72.9, [21.4, 0, 5.7]],
    [{ wasteShare: null, cacheShare: null, failedShare: 0.1 }, 50, [0, 0, 50]],
    [{ wasteShare: 1, cacheShare: 0, failedShare: 1 }, 0, [50, 30, 20]],
    [{ wasteShare: null, cacheShare: null, failedShare: null }, null, [0, 0, 0]],
  ])('%j', (measured, score, lost) => {
    const found = scoreOf(measured)
    expect(found.score).toBe(score)
    expect(found.parts.map((part) => part.lost)).toEqual(lost)
    const weights = found.parts.reduce((sum, { weight }) => sum + weight, 0)
    if (score !== null) expect(Math.abs(weights - 100)).toBeLessThan(0.11)
  })

  it('never rises when a part gets worse', () => {
    let last = 101
    for (let step = 0; step <= 20; step += 1) {
      const { score } = scoreOf({ wasteShare: step / 20, cacheShare: 1 - step / 20, failedShare: step / 20 })
      expect(score).toBeLessThanOrEqual(last)
      last = score ?? 0
    }
  })
})

describe('efficiency of a time', () => {
  const DAY = 86_400_000

  it('has a score of each day, none where there are no calls, and the figures that it is made of', async () => {
    const store = worldStore({
      calls: [
        { at: START, cost: '0.9' },
        { at: START, cost: '0.1', success: false },
        { at: START + 2 * DAY, cost: '1', inputTokens: 100, cacheReadTokens: 95 },
      ],
    })
    const found = await efficiency(store, { ...EVERYTHING, zone: 'UTC' }, { score: 99, date: '2026-01-05' })
    // 10 % wasted of the first day: 0.3 of 71.4 points; half of the calls failed: all of 28.6.
    expect(found.days.map(({ calls, score }) => [calls, score])).toEqual([
      [2, 50],
      [0, null],
      [1, 100],
    ])
    expect(found.days.map(({ waste }) => [...waste])).toEqual([[['failed', usd('0.1')]], [], []])
    expect(found.selfAssessed?.score).toBe(99)
    expect(found.parts.map(({ value }) => value)).toEqual([0.05, 0.95, 1 / 3])
    expect(found.score).toBe(72.5)
  })
})
