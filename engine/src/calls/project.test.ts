import { describe, expect, it } from 'vitest'
import { projectJournal } from '../../../conformance/calls/model.ts'
import cases from '../../../conformance/calls/projection.json' with { type: 'json' }
import { randomJournal } from '../../../conformance/calls/random-journal.ts'
import { entriesOf, type TableEntry } from '../../../conformance/calls/table-entries.ts'
import { mergeAdjustments } from './adjusted.ts'
import { measuresOfRow, sumMeasures } from './measures.ts'
import { projectEntry } from './project.ts'
import { referenceStore } from './reference-store.ts'

const tables = cases as unknown as {
  name: string
  entries: TableEntry[]
  rows: Record<string, unknown>[]
  runs?: Record<string, unknown>[]
  sessions?: Record<string, unknown>[]
  listed?: Record<string, unknown>[]
}[]

describe('projectEntry', () => {
  it.each(tables)('$name', async ({ entries, rows, runs, sessions, listed }) => {
    const data = projectJournal(entriesOf(entries))
    const projected = data.calls.map((row) => ({ ...row, cost: row.cost === null ? null : String(row.cost) }))
    expect(projected).toHaveLength(rows.length)
    rows.forEach((row, index) => {
      expect(projected[index]).toMatchObject(row)
    })
    for (const run of runs ?? []) expect(data.runs?.find((known) => known.runId === run.runId)).toMatchObject(run)
    for (const session of sessions ?? [])
      expect(data.sessions?.find((known) => known.sessionId === session.sessionId)).toMatchObject(session)
    const found = await referenceStore(data).runs({ scope: { allOrganizations: true }, atLeast: 0, limit: 9 })
    for (const run of listed ?? []) expect(found.find((known) => known.runId === run.runId)).toMatchObject(run)
  })

  it('gives the same changes for the same entry, whoever asks', () => {
    for (const entry of randomJournal({ seed: 5, entries: 200 }))
      expect(projectEntry(entry, () => null)).toEqual(projectEntry(entry, () => null))
  })
})

describe('mergeAdjustments', () => {
  it.each([1, 2, 3])('keeps every sum, with one row a call (seed %i)', (seed) => {
    const { calls } = projectJournal(randomJournal({ seed, entries: 400 }))
    const merged = mergeAdjustments(calls)
    expect(merged.every((row) => row.calls === 1)).toBe(true)
    expect(calls.some((row) => row.calls === 0)).toBe(true)
    expect(sumMeasures(merged.map(measuresOfRow))).toEqual(sumMeasures(calls.map(measuresOfRow)))
  })
})
