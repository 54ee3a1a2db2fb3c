import { describe, expect, it } from 'vitest'
import { roomAfter } from './room.ts'

const TIGHTEST = { budgetId: 'b', name: null, remainingUsd: '1' }

describe('what a call leaves of the tightest budget', () => {
  it.each([
    ['what was held comes back and the cost goes', TIGHTEST, '0.5', '0.2', '1.3'],
    ['nothing is held for a price that is not known', TIGHTEST, null, '0.2', '0.8'],
    ['a cost that is not known leaves nothing to say', TIGHTEST, '0.5', null, null],
    ['never less than nothing', TIGHTEST, '0', '3', '0'],
    ['no budget limits the call', null, '0.5', '0.2', null],
  ])('%s', (_, tightest, held, cost, left) => {
    expect(roomAfter(tightest, held, cost)).toBe(left)
  })
})
