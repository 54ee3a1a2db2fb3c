import { describe, expect, it } from 'vitest'
import { retryAfterMs, retryDelayMs } from './backoff.ts'

const limits = { retryBaseMs: 500, retryMaxMs: 30_000 }

describe('retryDelayMs', () => {
  it.each([
    [1, 0, 250],
    [1, 1, 500],
    [2, 0, 500],
    [4, 1, 4000],
    [7, 1, 30_000],
    [1000, 0, 15_000],
  ])('after %i failures with random %d waits %i ms', (failures, random, expected) => {
    expect(retryDelayMs(failures, null, limits, () => random)).toBe(expected)
  })

  it('never waits less than the server asked, and never for ever', () => {
    expect(retryDelayMs(1, 7000, limits, () => 0)).toBe(7000)
    expect(retryDelayMs(7, 10, limits, () => 1)).toBe(30_000)
    expect(retryDelayMs(1, 1e12, limits, () => 0)).toBe(300_000)
  })
})

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  it.each([
    ['3', 3000],
    [' 0.5 ', 500],
    ['Sun, 22 Nov 2026 10:00:05 GMT', 5000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
  ])('reads %s', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected)
  })
})
