import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type TotalReport, usageOfTotal } from './index.ts'

interface Case {
  readonly name: string
  readonly report: Omit<TotalReport, 'at'>
  readonly meters?: Readonly<Record<string, number>>
  readonly evidence?: Readonly<Record<string, string>>
  readonly notes?: readonly string[]
  readonly refused?: string | true
}

const { cases } = JSON.parse(readFileSync(new URL('../../../conformance/usage/totals.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[]
}

describe('usageOfTotal', () => {
  it.each(cases)('$name', ({ report, meters = {}, evidence, notes = [], refused }) => {
    const usage = usageOfTotal({ at: 0, model: 'm', ...report })
    if (refused !== undefined) {
      expect(usage).toMatchObject({ ok: false, error: { code: 'invalid_field', ...(refused === true ? {} : { path: refused }) } })
      return
    }
    if (!usage.ok) throw new Error(usage.error.detail)
    const [inference] = usage.value.inferences
    expect(inference?.meters).toEqual(meters)
    if (evidence !== undefined) expect(inference?.evidence).toMatchObject(evidence)
    expect(usage.value.notes.map(({ code }) => code)).toEqual(notes)
  })
})
