import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../../conformance/calls/memory-journal.ts'
import { projectJournal } from '../../../../../conformance/calls/model.ts'
import { randomJournal } from '../../../../../conformance/calls/random-journal.ts'
import { type ActivityQuery, type ActivityRow, type CallStore, referenceStore } from '../../../calls/index.ts'
import { openProjection } from '../projection.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 9, 20)
const journal = randomJournal({ seed: 77, entries: 500 })
const reference = referenceStore(projectJournal(journal))
let store: CallStore
beforeAll(async () => {
  store = (await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(journal))).store
  store.notify(journal.length)
})
afterAll(() => store.close())

/** Of equal cost the order is the store's own. */
function sorted(rows: readonly ActivityRow[]): ActivityRow[] {
  const keyOf = ({ organization, sessionId, runId, agent }: ActivityRow): string => JSON.stringify([organization, sessionId, runId, agent])
  return [...rows].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
}

describe('activity in DuckDB', () => {
  it('is what plain sums over the journal say', async () => {
    const times = fc.integer({ min: START - DAY, max: START + 14 * DAY })
    const scopes = fc.constantFrom<ActivityQuery['scope']>(
      { allOrganizations: true },
      { organization: 'acme' },
      { organization: "o'neil; --" },
    )
    await fc.assert(
      fc.asyncProperty(scopes, times, times, fc.array(times, { maxLength: 4 }), async (scope, from, to, since) => {
        const query = { scope, from, to, since, limit: 10_000, atLeast: journal.length }
        expect(sorted(await store.activity(query))).toEqual(sorted(await reference.activity(query)))
      }),
      { numRuns: 60 },
    )
  })

  it('lists those who have spent most', async () => {
    const query = { scope: { allOrganizations: true }, from: START, since: [START], limit: 5, atLeast: journal.length } as const
    const costs = (rows: readonly ActivityRow[]): bigint[] => rows.map(({ sums }) => sums[0]?.cost ?? 0n)
    expect(costs(await store.activity(query))).toEqual(costs(await reference.activity(query)))
    expect(costs(await store.activity(query))).toHaveLength(5)
  })
})
