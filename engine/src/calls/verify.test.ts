import { describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../conformance/calls/memory-journal.ts'
import { projectJournal } from '../../../conformance/calls/model.ts'
import { randomJournal } from '../../../conformance/calls/random-journal.ts'
import { picos } from '../kernel/index.ts'
import { type AccountState, emptyTally, tally } from '../ledger/index.ts'
import type { CallRow } from './records.ts'
import { referenceStore } from './reference-store.ts'
import { amountOfEntry, type ProjectedSums, verify } from './verify.ts'

const journal = randomJournal({ seed: 21, entries: 500 })
const rows = projectJournal(journal).calls
const accounts = [...tally(emptyTally(), journal).accounts.values()]
const limits = { bucketSeqs: 32, differencesMax: 10 }

function projected(calls: readonly CallRow[]): ProjectedSums {
  const { sumsBySeq } = referenceStore({ calls })
  const amounts = async (fromSeq: number, toSeq: number) =>
    calls
      .filter((row) => row.seq >= fromSeq && row.seq < toSeq)
      .map(({ seq, organization, callId, cost }) => ({ seq, organization, callId, cost }))
  return { sumsBySeq, amounts }
}

function check(calls: readonly CallRow[], kept: readonly AccountState[] = accounts) {
  return verify(memoryJournal(journal), projected(calls), { accounts: kept, counters: [], agents: [] }, limits)
}

function changed(index: number, change: Partial<CallRow>): CallRow[] {
  return rows.map((row, at) => (at === index ? { ...row, ...change } : row))
}

describe('verify', () => {
  it('agrees with a projection of the same journal', async () => {
    const seen = await check(rows)
    expect(seen).toMatchObject({ agrees: true, amounts: [], accounts: [], unbalanced: [], amountsTruncated: false })
    expect(seen.projectionCost).toBe(seen.journal.cost)
    expect(seen.journal).toMatchObject({ head: 500, calls: rows.filter((row) => row.calls === 1).length })
  })

  it('finds one pico, and names the row with both amounts', async () => {
    const index = rows.findIndex((row) => row.cost !== null && row.seq > 200)
    const row = rows[index]!
    const seen = await check(changed(index, { cost: picos((row.cost ?? 0n) + 1n) }))
    expect(seen.agrees).toBe(false)
    const { seq, organization, callId } = row
    expect(seen.amounts).toEqual([{ seq, organization, callId, journal: row.cost, projection: picos((row.cost ?? 0n) + 1n) }])
  })

  it('finds what cancels out within a bucket only by being elsewhere: a lost row, a doubled row, a row of another organization', async () => {
    const index = rows.findIndex((row) => row.cost !== null && row.cost !== 0n)
    const row = rows[index]!
    expect((await check(rows.filter((_, at) => at !== index))).amounts).toMatchObject([
      { seq: row.seq, journal: row.cost, projection: null },
    ])
    expect((await check([...rows, row])).amounts).toMatchObject([{ seq: row.seq, journal: null, projection: row.cost }])
    expect((await check(changed(index, { organization: 'stranger' }))).amounts).toMatchObject([{ seq: row.seq, journal: row.cost }])
  })

  it('tells a missing unpriced call from one that is there', async () => {
    const index = rows.findIndex((row) => row.calls === 1 && row.cost === null)
    const seen = await check(rows.filter((_, at) => at !== index))
    expect(seen.amounts).toMatchObject([{ seq: rows[index]!.seq, journal: 'unpriced', projection: null }])
  })

  it('finds an account that is off by one pico, one that is missing, and books that do not balance', async () => {
    const [first, ...rest] = accounts
    const off = { ...first!, debits: picos(first!.debits + 1n) }
    const seen = await check(rows, [off, ...rest])
    expect(seen).toMatchObject({ agrees: false, amounts: [], accounts: [{ stored: off, journal: first }] })
    expect(seen.unbalanced).toEqual([{ organization: first!.organization, difference: 1n }])
    expect((await check(rows, rest)).accounts).toMatchObject([{ account: first!.account, journal: first }])
  })

  it('finds a posting that moved another amount than its call was charged', () => {
    const entry = journal.find((known) => known.transfers.length > 0 && known.event.kind === 'call')!
    const [transfer] = entry.transfers
    const posted = { ...entry, transfers: [{ ...transfer!, amount: picos(transfer!.amount + 5n) }] }
    expect(amountOfEntry(posted)?.cost).toBe(picos(transfer!.amount + 5n))
  })

  it('lists no more than it was asked to, and says that there are more', async () => {
    const seen = await check(rows.map((row) => ({ ...row, cost: row.cost === null ? null : picos(row.cost + 1n) })))
    expect(seen.amounts).toHaveLength(10)
    expect(seen.amountsTruncated).toBe(true)
  })
})
