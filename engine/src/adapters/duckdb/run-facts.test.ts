import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../conformance/calls/memory-journal.ts'
import cases from '../../../../conformance/calls/projection.json' with { type: 'json' }
import { entriesOf, type TableEntry } from '../../../../conformance/calls/table-entries.ts'
import type { CallStore } from '../../calls/index.ts'
import { openProjection } from './projection.ts'

const journal = entriesOf([
  { call: { id: 'c1', run: 'ours', session: 'ours', at: 3000 } },
  { call: { id: 'c2', run: 'stated', session: 'stated', at: 3000 } },
  { runEnd: { id: 'ours', at: 5000, success: true } },
  { runEnd: { id: 'stated', at: 5000, success: true } },
  { sessionEnd: { id: 'ours', at: 5000 } },
  { sessionEnd: { id: 'stated', at: 5000 } },
  { run: { id: 'backfilled', workflow: 'Import', at: 20_000, atGiven: false } },
  { call: { id: 'c3', run: 'backfilled', session: 'backfilled', at: 3000 } },
  { runEnd: { id: 'backfilled', at: 21_000, atGiven: false, success: true } },
  { sessionEnd: { id: 'backfilled', at: 21_000, atGiven: false } },
  { session: { id: 'backfilled', at: 20_000, atGiven: false, late: true } },
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
      ['backfilled', 3000, null],
      ['ours', 3000, 2],
      ['stated', 9000, null],
    ])
  })

  it('counts towards the duration of its workflow only where that is known', async () => {
    const query = { scope: { organization: 'acme' }, workflows: ['Report'], atLeast: journal.length } as const
    expect(await store.runTotals(query)).toMatchObject([{ runs: 2, endedRuns: 1, durationMs: 2000 }])
    expect(await store.runTotals({ ...query, workflows: ['Import'] })).toMatchObject([{ runs: 1, endedRuns: 0, durationMs: 0 }])
  })
})

const listings = (
  cases as unknown as { name: string; entries: TableEntry[]; rows: object[]; listed?: { runId: string; workflow: string | null }[] }[]
)
  .flatMap(({ name, entries, rows, listed }) => (listed === undefined ? [] : [{ name, entries: entriesOf(entries), rows, listed }]))
  .flatMap((table) => [
    { ...table, how: 'at once' },
    { ...table, how: 'one by one, each folded' },
  ])

describe('the workflow of a run', () => {
  const everyone = { allOrganizations: true } as const
  let store: CallStore | null = null
  afterEach(() => store?.close())

  it.each(listings)('$name ($how)', async ({ entries, rows, listed, how }) => {
    const arrived = how === 'at once' ? [...entries] : []
    const asked = { scope: everyone, limit: 9 }
    store = (await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(arrived))).store
    for (const entry of entries.slice(arrived.length)) {
      arrived.push(entry)
      store.notify(arrived.length)
      await store.runs({ ...asked, atLeast: arrived.length })
    }
    const atLeast = entries.length
    const runs = await store.runs({ ...asked, atLeast })
    for (const run of listed) expect(runs.find((known) => known.runId === run.runId)).toMatchObject(run)
    const found = (await store.rows({ ...asked, atLeast })).sort((left, right) => left.seq - right.seq)
    for (const [index, row] of rows.entries()) expect(found[index]).toMatchObject(row)
    const names = await store.sql({
      scope: everyone,
      text: 'SELECT workflow_id, workflow_name FROM workflows ORDER BY ALL',
      atLeast,
      rowsMax: 9,
      msMax: 60_000,
    })
    expect(names.rows).toEqual(expect.arrayContaining(listed.map(({ runId, workflow }) => [runId, workflow])))
    for (const { runId, workflow } of listed) {
      if (workflow === null) continue
      const [executions] = await store.runTotals({ scope: everyone, workflows: [workflow], atLeast })
      expect(executions?.runs).toBe(listed.filter((run) => run.workflow === workflow).length)
      expect((await store.runs({ ...asked, workflow, atLeast })).map((run) => run.runId)).toContain(runId)
    }
  })
})
