import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import rows from '../../../../../conformance/gateway/usage-events.json' with { type: 'json' }
import { hideUsage } from './hide-usage.ts'

function filtered(bytes: Buffer, cuts: readonly number[]): string {
  const filter = hideUsage()
  const out: Buffer[] = []
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    const piece = filter.take(Buffer.from(bytes.subarray(from, to)))
    if (piece !== null) out.push(piece)
    from = to
  }
  const rest = filter.rest()
  return Buffer.concat(rest === null ? out : [...out, rest]).toString('utf8')
}

describe('usage that the client did not ask for', () => {
  it.each(rows)('$name', (row) => {
    expect(filtered(Buffer.from(row.in), [])).toBe(row.out)
  })

  it('is hidden however the stream is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rows), fc.array(fc.nat()), (row, cuts) => {
        expect(filtered(Buffer.from(row.in), cuts)).toBe(row.out)
      }),
    )
  })

  it('leaves streams that hold none as they are, byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (bytes, cuts) => {
        const text = Buffer.from(bytes).toString('latin1').replaceAll('usage', '')
        expect(filtered(Buffer.from(text), cuts)).toBe(text)
      }),
    )
  })
})
