import { describe, expect, it } from 'vitest'
import { AssertionError, assert, unreachable } from './assert.ts'
import { ERRORS, type ErrorCode, refusal } from './errors.ts'
import { checkLimits, LIMITS } from './limits.ts'

describe('limits', () => {
  it('agree with each other', () => {
    expect(() => checkLimits()).not.toThrow()
    expect(Object.values(LIMITS).every((limit) => Number.isSafeInteger(limit) && limit > 0)).toBe(true)
  })

  it('are refused when a batch cannot fit into the queue', () => {
    expect(() => checkLimits({ ...LIMITS, commandsWaitingMax: 1 } as unknown as typeof LIMITS)).toThrow(AssertionError)
  })
})

describe('assert', () => {
  it('throws for what does not hold and only then', () => {
    expect(() => assert(true, 'fine')).not.toThrow()
    expect(() => assert(0, 'a message')).toThrow('a message')
    expect(() => unreachable('a' as never)).toThrow(AssertionError)
  })
})

describe('the error registry', () => {
  it.each(Object.entries(ERRORS))('%s has a status, a sentence, and says whether to retry', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
    expect(entry.status).toBeGreaterThanOrEqual(400)
    expect(entry.status).toBeLessThan(600)
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/)
    expect(entry.remedy).toMatch(/^[A-Z].*\.$/)
    // A client's fault does not heal by itself; a fault of the server may, and so do being too early and being too fast.
    expect(entry.retryable).toBe(entry.status >= 500 || entry.status === 425 || entry.status === 429)
  })

  it('builds a refusal without empty members', () => {
    const code: ErrorCode = 'invalid_field'
    expect(refusal(code, 'why')).toEqual({ code, detail: 'why' })
    expect(refusal(code, 'why', { path: '/a', facts: { limit: 1 } })).toEqual({ code, detail: 'why', path: '/a', facts: { limit: 1 } })
  })
})
