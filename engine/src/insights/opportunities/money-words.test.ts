import { describe, expect, it } from 'vitest'
import { usd } from '../../../../conformance/insights/world.ts'
import { countWords, usdWords } from './money-words.ts'

describe('amounts in sentences', () => {
  it.each([
    ['45.67', '$45.67'],
    ['0', '$0.00'],
    ['1234567.891', '$1234567.89'],
    ['0.1', '$0.10'],
    ['0.0999', '$0.0999'],
    ['0.004123', '$0.00412'],
    ['0.000000000001', '$0.000000000001'],
    ['0.09999', '$0.10'],
    ['-2.005', '-$2.00'],
  ])('%s is %s', (amount, words) => {
    expect(usdWords(usd(amount))).toBe(words)
  })

  it('counts in the right number', () => {
    expect([0, 1, 2].map((count) => countWords(count, 'call'))).toEqual(['0 calls', '1 call', '2 calls'])
  })
})
