import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import invalid from '../../../conformance/money/invalid.json' with { type: 'json' }
import valid from '../../../conformance/money/valid.json' with { type: 'json' }
import { AssertionError } from './assert.ts'
import {
  decimalOfNumber,
  divideHalfEven,
  PICOS_PER_USD,
  parseDecimal,
  picos,
  picosOfDecimal,
  picosOfUsd,
  sumPicos,
  usdNumberOfPicos,
  usdOfPicos,
  ZERO,
} from './money.ts'

const anyAmount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })

describe('picosOfUsd', () => {
  it.each(valid)('$name: $usd', (row) => {
    const amount = picosOfUsd(row.usd)
    expect(amount).toBe(BigInt(row.picos))
    expect(usdOfPicos(picos(BigInt(row.picos)))).toBe(row.shortest)
  })

  it.each(invalid)('refuses $name', (row) => {
    expect(picosOfUsd(row.usd)).toBeNull()
    expect(parseDecimal(row.usd)).toBeNull()
  })

  it('reads back what usdOfPicos writes', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        expect(picosOfUsd(usdOfPicos(picos(amount)))).toBe(amount)
      }),
      { seed: 1 },
    )
  })

  it('writes the shortest text: no trailing zero, no trailing point, no sign on zero', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        expect(usdOfPicos(picos(amount))).toMatch(/^(?:0|-?(?:[1-9]\d*|0(?=\.))(?:\.\d{0,11}[1-9])?)$/)
      }),
      { seed: 2 },
    )
  })
})

describe('divideHalfEven', () => {
  it.each([
    [0n, 1n, 0n],
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-1n, 2n, 0n],
    [-3n, 2n, -2n],
    [-5n, 2n, -2n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-2n, 3n, -1n],
    [10n, 4n, 2n],
    [14n, 4n, 4n],
    [9n, 3n, 3n],
  ])('%s / %s = %s', (dividend, divisor, quotient) => {
    expect(divideHalfEven(dividend, divisor)).toBe(quotient)
  })

  it('is the nearest whole number, and the even one where two are as near', () => {
    const divisors = fc.oneof(fc.bigInt({ min: 1n, max: 12n }), fc.bigInt({ min: 1n, max: 10n ** 20n }))
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: -100n, max: 100n }), anyAmount), divisors, (dividend, divisor) => {
        const quotient = divideHalfEven(dividend, divisor)
        // Oracle in fractions: |dividend - quotient × divisor| is the distance from the exact value, in units of 1/divisor.
        const distance = dividend - quotient * divisor
        const doubled = (distance < 0n ? -distance : distance) * 2n
        expect(doubled <= divisor).toBe(true)
        if (doubled === divisor) expect(quotient % 2n).toBe(0n)
      }),
      { numRuns: 1_000, seed: 3 },
    )
  })

  it('is symmetric about zero', () => {
    fc.assert(
      fc.property(anyAmount, fc.bigInt({ min: 1n, max: 10n ** 12n }), (dividend, divisor) => {
        expect(divideHalfEven(-dividend, divisor)).toBe(-divideHalfEven(dividend, divisor))
      }),
      { seed: 6 },
    )
  })

  it.each([0n, -1n])('throws on the divisor %s: that is a bug of ours', (divisor) => {
    expect(() => divideHalfEven(1n, divisor)).toThrow(AssertionError)
  })
})

describe('decimalOfNumber', () => {
  it.each([
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [2.5e-6, '0.0000025'],
    [1e21, '1000000000000000000000'],
    [-3, '-3'],
    [-0, '0'],
  ])('%s is %s', (value, usd) => {
    const decimal = decimalOfNumber(value)
    expect(decimal === null ? null : usdOfPicos(picosOfDecimal(decimal))).toBe(usd)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 5e-324])('refuses %s', (value) => {
    expect(decimalOfNumber(value)).toBeNull()
  })

  it('recovers any literal of up to 15 significant digits exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), fc.integer({ min: 0, max: 12 }), (digits, scale) => {
        const text = `${digits}e-${scale}`
        const decimal = decimalOfNumber(Number(text))
        expect(decimal === null ? null : picosOfDecimal(decimal)).toBe(picosOfUsd(text))
      }),
      { seed: 7 },
    )
  })
})

describe('sums and numbers for the wire', () => {
  it('sums without loss, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(anyAmount), (amounts) => {
        const money = amounts.map((amount) => picos(amount))
        const total = amounts.reduce((sum, amount) => sum + amount, 0n)
        expect(sumPicos(money)).toBe(total)
        expect(sumPicos([...money].reverse())).toBe(total)
      }),
      { seed: 8 },
    )
  })

  it('sums nothing to zero', () => {
    expect(sumPicos([])).toBe(ZERO)
  })

  it('ten dimes are a dollar', () => {
    const dime = picosOfUsd('0.1')
    expect(dime === null ? null : sumPicos(Array.from({ length: 10 }, () => dime))).toBe(PICOS_PER_USD)
  })

  it('gives a JSON number with every digit that a double holds', () => {
    expect(usdNumberOfPicos(picos(2_500_000_000n))).toBe(0.0025)
    expect(usdNumberOfPicos(picos(-1n))).toBe(-1e-12)
    expect(JSON.stringify(usdNumberOfPicos(picos(123_456_789_012_345n)))).toBe('123.456789012345')
  })
})
