import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocate, picos, sumPicos } from './index.ts'

interface Case {
  readonly name: string
  readonly amount: string
  readonly weights: readonly string[]
  readonly parts?: readonly string[]
  readonly refused?: true
}

const { cases } = JSON.parse(readFileSync(new URL('../../../conformance/money/allocations.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[]
}

describe('allocate', () => {
  it.each(cases)('$name', ({ amount, weights, parts, refused }) => {
    const split = () => allocate(picos(BigInt(amount)), weights.map(BigInt))
    if (refused === true) expect(split).toThrow(/weights/)
    else expect(split()).toEqual(parts?.map(BigInt))
  })

  it('adds up exactly, and no part is a pico or more away from its share', () => {
    const weight = fc.bigInt({ min: 0n, max: 10n ** 20n })
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }),
        fc.array(weight, { minLength: 1, maxLength: 40 }),
        (amount, weights) => {
          const whole = weights.reduce((sum, one) => sum + one, 0n)
          fc.pre(whole > 0n)
          const parts = allocate(picos(amount), weights)
          expect(sumPicos(parts)).toBe(amount)
          for (const [index, part] of parts.entries()) {
            const distance = part * whole - amount * (weights[index] ?? 0n)
            expect(distance < whole && distance > -whole).toBe(true)
          }
        },
      ),
    )
  })
})
