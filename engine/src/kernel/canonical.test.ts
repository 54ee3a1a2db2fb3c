import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionError } from './assert.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: {} }, '{"b":{}}'],
    [{ '10': 1, '9': 2 }, '{"10":1,"9":2}'],
    [[], '[]'],
    ['\u20ac"\n', '"\u20ac\\"\\n"'],
    [1e21, '1e+21'],
    [-0, '0'],
    // RFC 8785, section 3.2.3: keys are ordered by UTF-16 code units.
    [
      { '\ufb33': 1, '\ud83d\ude00': 2, '\u20ac': 3, '\r': 4, '1': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":4,"1":5,"\u0080":6,"\u00f6":7,"\u20ac":3,"\ud83d\ude00":2,"\ufb33":1}',
    ],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('does not depend on the order in which members were added, and reads back to the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { seed: 1 },
    )
  })

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [undefined], [[undefined]], [() => 1]])('throws on %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(AssertionError)
  })
})

describe('sha256Hex', () => {
  // NIST FIPS 180-2, appendix B.1.
  it('gives the published digest of "abc"', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex(new TextEncoder().encode('abc'))).toBe(sha256Hex('abc'))
  })
})
