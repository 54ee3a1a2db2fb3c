import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../conformance/calls/memory-journal.ts'
import { entriesOf } from '../../../../conformance/calls/table-entries.ts'
import type { CallStore } from '../../calls/index.ts'
import { openProjection } from './projection.ts'

const journal = entriesOf([
  { call: { id: 'c1', run: 'ours', session: 'ours', at: 3000 } },
  { call: { id: 'c2', run: 'stated', session: 'stated', at: 3000 } },
  { runEnd: { id: 'ours', at: 5000, success: true } },
  { runEnd: { id: 'stated', at: 5000, success: true } },
  { sessionEnd: { id: 'ours', at: 5000 } },
  { sessionEnd: { id: 'stated', at: 5000 } },
  { run: { id: 'ours', workflow: 'Report', at: 9000, atGiven: false, late: true } },
  { run: { id: 'stated', workflow: 'Report', at: 9000, late: true } },
  { session: { id: 'ours', at: 9000, atGiven: false, late: true } },
  { session: { id: 'stated', at: 9000, late: true } },
])

describe('a start that is later than the end', () => {
  let store: CallStore
  beforeAll(async () => {
    store = (await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(journal))).store
  })
  afterAll(() => store.close())

  it.each([
    ['workflows', 'workflow_id'],
    ['user_sessions', 'session_id'],
  ])('gives no negative duration in %s: our time gives way, the stated one leaves it unknown', async (view, id) => {
    const text = `SELECT ${id}, epoch_ms(started_at)::INTEGER, duration_seconds::DOUBLE FROM ${view} ORDER BY ${id}`
    const { rows } = await store.sql({ scope: { allOrganizations: true }, text, atLeast: journal.length, rowsMax: 9, msMax: 60_000 })
    expect(rows).toEqual([
      ['ours', 3000, 2],
      ['stated', 9000, null],
    ])
  })

  it('counts towards the duration of its workflow only where that is known', async () => {
    const query = { scope: { organization: 'acme' }, workflow: 'Report', atLeast: journal.length } as const
    expect(await store.runTotals(query)).toMatchObject({ runs: 2, endedRuns: 1, durationMs: 2000 })
  })
})
