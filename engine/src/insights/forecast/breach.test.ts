import { describe, expect, it } from 'vitest'
import { breachOf, sumsInPeriod, sumsInWindow } from './breach.ts'

describe('passing a limit', () => {
  const paths = Array.from({ length: 10 }, (_, index) => [index, index, index])

  it('is as probable as futures pass it, and not where they only reach it', () => {
    expect(breachOf(12, 0, sumsInPeriod(0, paths))).toEqual({ probability: 0.5, isPassed: false, exhaustedAtStep: 2, earlyAtStep: 1 })
    expect(breachOf(27, 0, sumsInPeriod(0, paths)).probability).toBe(0)
    expect(breachOf(26.99, 0, sumsInPeriod(0, paths)).probability).toBe(0.1)
  })

  it('is certain where it is passed already, whatever credits may come', () => {
    expect(breachOf(10, 11, sumsInPeriod(11, [[-5], [-5]]))).toMatchObject({ probability: 1, isPassed: true, exhaustedAtStep: 0 })
    expect(breachOf(10, 10, sumsInPeriod(10, [[0], [0]]))).toMatchObject({ probability: 0, isPassed: false, exhaustedAtStep: 0 })
  })

  it('has no date where most futures never get there', () => {
    expect(breachOf(25, 0, sumsInPeriod(0, paths))).toMatchObject({ probability: 0.1, exhaustedAtStep: null, earlyAtStep: 2 })
  })
})

describe('a window that moves on', () => {
  it('lets go of what has left it', () => {
    expect(sumsInWindow([100, 10, 10, 0], 3, [[1, 1, 1, 1]])).toEqual([[21, 12, 3, 3]])
  })

  it('counts a part of a step that lies in it by half', () => {
    expect(sumsInWindow([100, 10, 10, 4], 2.5, [[1, 1]])).toEqual([[5 + 10 + 5, 1 + 5 + 5]])
  })
})
