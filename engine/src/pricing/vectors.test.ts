import { describe, expect, it } from 'vitest'
import { recordedJson, skipReason } from '../../../conformance/recorded.ts'
import { picosOfUsd } from '../kernel/index.ts'
import { type Charge, price } from './index.ts'
import { testBook } from './test-book.ts'
import { usageOfVector, type Vector } from './test-vectors.ts'

const folder = 'pricing-vectors'
const skip = skipReason(folder)
const vectors = recordedJson<Vector>(folder).map(({ data }) => data)
const knownAt = Date.UTC(2026, 10, 1)

/** Ambiguous as bare payloads, but not with what the caller of `price` knows besides. */
const SETTLED_BY_CONTEXT: ReadonlySet<string> = new Set([
  // The model is not in the body; the request names it.
  'cohere-billed-units',
])

/** Alternatives that need a quantity which usage does not carry: items that are taken as free are not metered. */
const NOT_COMPUTED: ReadonlySet<string> = new Set(['openai-responses-web-search all_items_usd'])

/** What a payload without one right amount must give. */
const WITHOUT_EXPECTATION: Readonly<Record<string, { status: Charge['status']; usd: string | null }>> = {
  'bedrock-mantle-openai-responses': { status: 'ambiguous', usd: '0.00021285' },
  'deepseek-stream': { status: 'ambiguous', usd: '0.00005057' },
  // The model is named by the request of this recording, so its price is known.
  'gemini-embedding-typo': { status: 'exact', usd: '0.0000014' },
  'gemini-stream-partial-usage': { status: 'partial', usd: '0.000225' },
  'openai-chat-stream-no-usage': { status: 'partial', usd: '0.0000048' },
  'openrouter-advisor-opaque-oracle': { status: 'attested', usd: '0.0160614' },
}

function charged(vector: Vector): Charge {
  return price(usageOfVector(vector), testBook(), { knownAt })
}

describe.skipIf(skip !== null)(`recorded pricing vectors${skip === null ? '' : `: ${skip}`}`, () => {
  it('are all 56, 50 of them with an amount', () => {
    expect(vectors).toHaveLength(56)
    expect(vectors.filter((vector) => vector.expected !== null)).toHaveLength(50)
  })

  for (const vector of vectors) {
    const expected = vector.expected
    if (expected === null) {
      it(`${vector.id} is shown as what it is, and never as zero`, () => {
        const charge = charged(vector)
        const want = WITHOUT_EXPECTATION[vector.id]
        expect(want).toBeDefined()
        expect(charge.status).toBe(want?.status)
        expect(charge.amount).toBe(want?.usd == null ? null : picosOfUsd(want.usd))
        expect(charge.amount).not.toBe(0n)
      })
      continue
    }
    it(`${vector.id} costs ${expected.total_usd} USD`, () => {
      const charge = charged(vector)
      const computed = charge.attested === undefined ? charge.amount : charge.attested.computed
      expect(computed).toBe(BigInt(expected.total_pico_usd))
      expect(charge.unpriced).toEqual([])
      // Usage may split a line further, e.g. reasoning out of output; no amount may appear or vanish.
      expect(charge.lines.reduce((sum, line) => sum + line.amount, 0n)).toBe(computed)
      if (charge.attested !== undefined) {
        expect(charge.status).toBe('attested')
        expect(charge.amount).toBe(charge.attested.amount)
        expect(charge.attested.variance).toBe(charge.attested.amount - BigInt(expected.total_pico_usd))
        expect(charge.attested.variance).toBe(0n)
      } else {
        expect(charge.status).toBe(expected.ambiguous === null || SETTLED_BY_CONTEXT.has(vector.id) ? 'exact' : 'ambiguous')
      }
      const others = charge.alternatives.map((other) => other.amount)
      for (const [name, usd] of Object.entries(expected.alternatives ?? {})) {
        if (!NOT_COMPUTED.has(`${vector.id} ${name}`)) expect(others, name).toContain(picosOfUsd(usd))
      }
    })
  }

  it('say what else an ambiguous amount may be, or why they cannot', () => {
    for (const vector of vectors) {
      const charge = charged(vector)
      if (charge.status !== 'ambiguous') continue
      expect(charge.alternatives.length + charge.notes.length, vector.id).toBeGreaterThan(0)
      for (const other of charge.alternatives) expect(other.amount, vector.id).not.toBe(charge.amount)
    }
  })
})
