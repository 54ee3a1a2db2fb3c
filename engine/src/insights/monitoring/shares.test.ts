import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { sharesOf } from './shares.ts'

describe('shares', () => {
  it.each([
    [
      ['1', '1', '1'],
      [33.34, 33.33, 33.33],
    ],
    [
      ['2', '1'],
      [66.67, 33.33],
    ],
    [['5'], [100]],
    [
      ['1', '0'],
      [100, 0],
    ],
    [
      ['0', '0'],
      [null, null],
    ],
    [
      ['3', '-1'],
      [null, null],
    ],
    [[], []],
  ])('of %j are %j', (parts, shares) => {
    expect(sharesOf(parts.map((part) => picos(BigInt(part))))).toEqual(shares)
  })

  it('add up to a hundred, each within a hundredth of what it is', () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 24n }).map(picos)
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1, maxLength: 40 }), (parts) => {
        const total = parts.reduce((sum: bigint, part) => sum + part, 0n)
        fc.pre(total > 0n)
        const shares = sharesOf(parts)
        expect(shares.reduce((sum: number, share) => sum + Math.round((share ?? Number.NaN) * 100), 0)).toBe(10_000)
        for (const [index, share] of shares.entries()) {
          const exact = (Number(parts[index]) / Number(total)) * 100
          expect(Math.abs((share ?? Number.NaN) - exact)).toBeLessThan(0.01 + 1e-9)
        }
      }),
    )
  })
})
