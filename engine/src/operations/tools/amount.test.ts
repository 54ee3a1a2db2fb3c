import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import table from '../../../../conformance/tools/amounts.json' with { type: 'json' }
import { usdOfPicos } from '../../kernel/index.ts'
import { roundedFrom, statedAmount } from './amount.ts'

describe('amounts as clients of the tools write them', () => {
  it.each(table.valid)('$name: $value is $usd', ({ value, usd, rounded }: { value: string | number; usd: string; rounded?: boolean }) => {
    const read = statedAmount(value, '/amount', 'refused')
    expect(read.ok && [usdOfPicos(read.value.amount), read.value.roundedFrom]).toEqual([usd, rounded === true ? String(value) : null])
  })

  it.each(table.zero)('$name: $value is zero, and refused where zero makes no sense', ({ value }) => {
    expect(statedAmount(value, '/amount', 'allowed')).toMatchObject({ ok: true, value: { amount: 0n } })
    expect(statedAmount(value, '/amount', 'refused')).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/amount' } })
  })

  it.each(table.invalid)('$name: $value is refused', ({ value, says }) => {
    const read = statedAmount(value, '/amount', 'allowed')
    expect(read).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/amount', detail: expect.stringContaining(says) } })
  })

  it('reads back every amount that it can write', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 24n - 1n }), (amount) => {
        const text = usdOfPicos(amount as Parameters<typeof usdOfPicos>[0])
        expect(statedAmount(text, '/amount', 'refused')).toEqual({ ok: true, value: { amount, roundedFrom: null } })
      }),
    )
  })

  it('takes any double that a program prints, or refuses it: never another amount, never zero for what is not', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        const read = statedAmount(String(value), '/amount', 'allowed')
        if (!read.ok) return
        const back = Number(usdOfPicos(read.value.amount))
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(5.1e-13, value * 1e-15))
        if (value > 0) expect(read.value.amount).toBeGreaterThan(0n)
      }),
    )
  })

  it('says which amounts were rounded, and nothing where none was', () => {
    const of = (text: string) => {
      const read = statedAmount(text, '/a', 'allowed')
      return read.ok ? read.value : null
    }
    expect(roundedFrom({ a: of('1'), b: null })).toEqual({})
    expect(roundedFrom({ a: of('1'), b: of('14.999999999999998') })).toEqual({ rounded_from: { b: '14.999999999999998' } })
  })
})
