import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import invalid from '../../../conformance/instants/invalid.json' with { type: 'json' }
import valid from '../../../conformance/instants/valid.json' with { type: 'json' }
import { formatInstant, parseInstant } from './clock.ts'

describe('parseInstant', () => {
  it.each(valid)('$name: $text', (row) => {
    const at = parseInstant(row.text)
    expect(at === null ? null : formatInstant(at)).toBe(row.instant)
  })

  it.each(invalid)('refuses $name', (row) => {
    expect(parseInstant(row.text)).toBeNull()
  })

  it('reads back what formatInstant writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(9999, 0) }), (at) => {
        expect(parseInstant(formatInstant(at))).toBe(at)
      }),
      { seed: 1 },
    )
  })

  it('takes exactly the days that exist', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1900, max: 2400 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 31 }),
        (year, month, day) => {
          const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
          const exists = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day
          expect(parseInstant(`${date}T00:00:00Z`) !== null).toBe(exists)
        },
      ),
      { numRuns: 1_000, seed: 2 },
    )
  })
})
