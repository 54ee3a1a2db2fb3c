import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../conformance/calls/memory-journal.ts'
import { projectJournal } from '../../../../conformance/calls/model.ts'
import { randomJournal } from '../../../../conformance/calls/random-journal.ts'
import { openProjection } from '../../adapters/duckdb/index.ts'
import { type CallStore, type Measures, referenceStore, sumMeasures } from '../../calls/index.ts'
import { agentTrends, allocateToAgents } from './agents-by-organization.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 9, 20)
const journal = randomJournal({ seed: 5, entries: 300 })
const store = referenceStore(projectJournal(journal))
const question = { scope: { allOrganizations: true }, from: START, to: START + 13 * DAY, atLeast: journal.length } as const

function withoutStart({ start: _, ...day }: Measures & { readonly start: number }): Measures {
  return day
}

describe('trends by organization and agent', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu'])('add up to the whole on every day in %s, whatever the limit', async (zone) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (limit) => {
        const trends = await agentTrends(store, { ...question, zone }, limit)
        expect(trends.series.length).toBeLessThanOrEqual(limit)
        for (const [index, day] of trends.days.entries()) {
          const parts = [...trends.series.map(({ days }) => days[index]!), ...(trends.others === null ? [] : [trends.others.days[index]!])]
          expect(sumMeasures(parts)).toEqual(withoutStart(day))
        }
        const totals = [...trends.series, ...(trends.others === null ? [] : [trends.others.total])]
        expect(sumMeasures(totals)).toEqual(trends.total)
      }),
      { numRuns: 12 },
    )
  })

  it('are days of zeros where nothing was ever called', async () => {
    const trends = await agentTrends(referenceStore({ calls: [] }), { ...question, zone: 'UTC' }, 10)
    expect(trends.days).toHaveLength(13)
    expect(trends).toMatchObject({ series: [], others: null, total: { calls: 0, cost: 0n } })
  })

  it('are the same from the columnar store', async () => {
    const { store: duck } = await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(journal))
    duck.notify(journal.length)
    const ask = (from: CallStore) => agentTrends(from, { ...question, zone: 'Europe/Berlin' }, 50)
    try {
      expect((await ask(duck)).days).toEqual((await ask(store)).days)
      expect((await ask(duck)).total).toEqual((await ask(store)).total)
    } finally {
      await duck.close()
    }
  })
})

it('what is allocated adds up to the whole, with what names no agent by itself', async () => {
  const whole = await allocateToAgents(store, question, 1_000)
  expect(whole.others).toBeNull()
  expect(whole.unattributed.calls).toBeGreaterThan(0)
  for (let limit = 1; limit < whole.lines.length; limit += 1) {
    const { lines, unattributed, others, total } = await allocateToAgents(store, question, limit)
    expect(sumMeasures([...lines, unattributed, ...(others === null ? [] : [others])])).toEqual(total)
    expect(unattributed).toEqual(whole.unattributed)
    expect(lines.every(({ agent }) => agent !== null)).toBe(true)
  }
})
