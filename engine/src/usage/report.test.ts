import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INPUT_METERS, OUTPUT_METERS, type UsageReport, usageOfReport, usageTotal } from './index.ts'

interface Case {
  readonly name: string
  readonly report: Omit<UsageReport, 'at'>
  readonly meters?: Readonly<Record<string, number>>
  readonly evidence?: Readonly<Record<string, string>>
  readonly notes?: readonly string[]
  readonly attested?: string
  readonly refused?: string
}

const { cases } = JSON.parse(readFileSync(new URL('../../../conformance/usage/reports.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[]
}

describe('usageOfReport', () => {
  it('has valid and invalid cases', () => {
    expect(cases.filter(({ refused }) => refused === undefined).length).toBeGreaterThan(10)
    expect(cases.filter(({ refused }) => refused !== undefined).length).toBeGreaterThan(10)
  })

  it.each(cases)('$name', ({ report, meters, evidence, notes, attested, refused }) => {
    const result = usageOfReport({ at: 0, ...report })
    if (refused !== undefined) {
      expect(result).toMatchObject({ ok: false, error: { code: 'invalid_field', path: refused } })
      return
    }
    if (!result.ok) throw new Error(result.error.detail)
    const [inference] = result.value.inferences
    expect(inference?.meters).toEqual(meters)
    if (evidence !== undefined) expect(inference?.evidence).toEqual(evidence)
    if (notes !== undefined) expect(result.value.notes.map(({ code }) => code)).toEqual(notes)
    expect(result.value.attested?.amount).toBe(attested)
  })

  it('splits totals into meters that sum to them, or refuses', () => {
    const count = fc.integer({ min: 0, max: 50 })
    const optional = fc.option(count, { nil: undefined })
    fc.assert(
      fc.property(count, count, optional, optional, optional, optional, optional, (input, output, read, write, hour, reasoning, audio) => {
        const parts = { cacheReadTokens: read, cacheWriteTokens: write, cacheWrite1hTokens: hour, reasoningTokens: reasoning }
        const result = usageOfReport({ at: 0, model: 'm', inputTokens: input, outputTokens: output, inputAudioTokens: audio, ...parts })
        const fits = (read ?? 0) + (write ?? 0) + (audio ?? 0) <= input && (hour ?? 0) <= (write ?? 0) && (reasoning ?? 0) <= output
        expect(result.ok).toBe(fits)
        if (!result.ok) return
        expect(usageTotal(result.value, INPUT_METERS)).toBe(input)
        expect(usageTotal(result.value, OUTPUT_METERS)).toBe(output)
      }),
    )
  })
})
