import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pagesOf, ReconcileWorld, type TableCall, type TableReport } from '../../../../conformance/reconcile/world.ts'

const DAY = 86_400_000
const START = Date.parse('2026-11-01T00:00:00Z')

/** The prices of the world's cards in dollars for a million, written down once more: what a provider would reckon by. */
const PRICES: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  'gpt-4o': { input: 2n, 'input.cache_read': 1n, output: 10n },
  'gpt-4o-mini': { input: 1n, output: 5n },
}
const KINDS: Readonly<Record<string, string>> = { input: 'input', 'input.cache_read': 'cached input', output: 'output' }

const tokens = fc.integer({ min: 0, max: 50_000_000 })
const call = fc.record({
  day: fc.integer({ min: 0, max: 4 }),
  second: fc.integer({ min: 0, max: 86_399 }),
  model: fc.constantFrom('gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-mini'),
  input: tokens,
  cached: tokens,
  output: tokens,
  reasoning: tokens,
})

function callsOf(facts: readonly (typeof call extends fc.Arbitrary<infer T> ? T : never)[]): TableCall[] {
  return facts.map(({ day, second, model, input, cached, output, reasoning }, index) => ({
    id: `call-${index}`,
    at: new Date(START + day * DAY + second * 1_000).toISOString(),
    model,
    meters: { input, output, 'output.reasoning': reasoning, ...(model === 'gpt-4o-mini' ? {} : { 'input.cache_read': cached }) },
  }))
}

interface Billed {
  readonly day: string
  readonly name: string
  readonly picos: bigint
  readonly quantity: number
}

/** The bill that a provider would send for the calls, reckoned apart from the code under test. */
function billFor(calls: readonly TableCall[]): Billed[] {
  const bill = new Map<string, Billed>()
  for (const { at, model, meters } of calls) {
    const day = at.slice(0, 10)
    const base = model.replace('-2024-08-06', '')
    const counted = { ...meters, output: (meters.output ?? 0) + (meters['output.reasoning'] ?? 0) }
    for (const [meter, price] of Object.entries(PRICES[base] ?? {})) {
      const quantity = counted[meter as 'input'] ?? 0
      const name = `${base === 'gpt-4o' ? 'gpt-4o-2024-08-06' : base}, ${KINDS[meter]}`
      const before = bill.get(`${day} ${name}`) ?? { day, name, picos: 0n, quantity: 0 }
      const picos = before.picos + BigInt(quantity) * price * 1_000_000n
      bill.set(`${day} ${name}`, { day, name, picos, quantity: before.quantity + quantity })
    }
  }
  return [...bill.values()]
}

function reportOf(bill: readonly Billed[]): TableReport {
  const days: Record<string, [string, number, number][]> = {}
  for (let day = 0; day < 5; day++) days[new Date(START + day * DAY).toISOString().slice(0, 10)] = []
  for (const { day, name, picos, quantity } of bill) days[day]?.push([name, Number(picos) / 1e12, quantity])
  return { openai_costs: days }
}

describe('a report made from our own books', () => {
  it('matches in every line, for every history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (facts) => {
        const calls = callsOf(facts)
        const found = await new ReconcileWorld(calls).reconcile(pagesOf(reportOf(billFor(calls))))
        expect(found.lines.filter(({ status }) => status !== 'matched')).toEqual([])
        expect(found.reconciled).toBe(true)
        expect(found.totals.theirs).toBe(found.totals.ours)
      }),
      { numRuns: 60 },
    )
  })

  it('differs in exactly the line that is changed, by exactly what it is changed by', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.integer({ min: 1, max: 10_000 }),
        async (facts, at, cents) => {
          const calls = callsOf(facts)
          const bill = billFor(calls)
          const changed = bill[at % bill.length]
          if (changed === undefined || changed.picos === 0n) return
          const dearer = bill.map((line) => (line === changed ? { ...line, picos: line.picos + BigInt(cents) * 10_000_000_000n } : line))
          const found = await new ReconcileWorld(calls).reconcile(pagesOf(reportOf(dearer)))
          const drifting = found.lines.filter(({ status }) => status !== 'matched')
          expect(drifting).toHaveLength(1)
          expect(drifting[0]).toMatchObject({ status: 'drift', difference: BigInt(cents) * 10_000_000_000n })
          expect(drifting[0]?.theirs?.names).toEqual([changed.name])
          expect(drifting[0]?.reasons.length).toBeGreaterThan(0)
          expect(found.reconciled).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has each call behind each of its lines, once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 20 }), async (facts) => {
        const calls = callsOf(facts)
        const found = await new ReconcileWorld(calls).reconcile(pagesOf(reportOf(billFor(calls))), { callIdsMax: 100 })
        for (const { ours } of found.lines) {
          expect(ours === null ? 0 : new Set(ours.callIds).size).toBe(ours?.calls ?? 0)
        }
        const behind = new Set(found.lines.flatMap(({ ours }) => ours?.callIds ?? []))
        const used = calls.filter(({ meters }) => Object.values(meters).some((quantity) => quantity > 0))
        for (const { id } of used) expect(behind.has(id)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})
