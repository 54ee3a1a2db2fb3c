import { describe, expect, it } from 'vitest'
import { projectEntry } from '../../calls/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import { sampleCall } from '../../ledger/sample.ts'
import { createCardBook, fxTable, price } from '../../pricing/index.ts'
import { cardWith, usageWith } from '../../pricing/test-cards.ts'
import { focusCsv } from './csv.ts'
import { focusExport } from './export.ts'
import { focusParquet } from './parquet.ts'
import { exportRates } from './rates.ts'
import type { ExportSources } from './source.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)
const DAYS = 50
const CALLS_A_DAY = 2_000
/** Calls come every 40 seconds, from 7 agents, with two meters each: they fill 23 hours. */
const ROWS_A_DAY = 23 * 7 * 2
const book = createCardBook({
  cards: [
    cardWith({
      rates: [
        { meter: 'input', price: '3', per: 1_000_000 },
        { meter: 'output', price: '15', per: 1_000_000 },
      ],
    }),
  ],
})

/** A hundred thousand calls that are made when they are asked for, and how many were. */
function endlessSources(): { readonly sources: ExportSources; readonly read: () => number } {
  let read = 0
  const kept = new Map<number, JournalEntry>()
  const entryAt = (seq: number): JournalEntry => {
    const known = kept.get(seq)
    if (known !== undefined) return known
    if (kept.size > 4 * CALLS_A_DAY) kept.clear()
    const made = madeEntry(seq)
    kept.set(seq, made)
    return made
  }
  const madeEntry = (seq: number): JournalEntry => {
    const at = START + Math.floor((seq - 1) / CALLS_A_DAY) * DAY + ((seq - 1) % CALLS_A_DAY) * 40_000
    const usage = usageWith({ input: 1_000 + seq, output: seq }, { at })
    const call = sampleCall({ id: `c${seq}`, at, usage, agent: `a${seq % 7}`, charge: price(usage, book, { knownAt: at }) })
    return { seq, organization: 'org', recordedAt: at, event: { kind: 'call', call }, transfers: [] }
  }
  const seqsIn = (from: number, to: number): number[] => {
    const first = Math.floor((from - START) / DAY) * CALLS_A_DAY + 1
    return Array.from({ length: CALLS_A_DAY }, (_, index) => first + index).filter((seq) => {
      const { event } = entryAt(seq)
      return event.kind === 'call' && event.call.at >= from && event.call.at < to
    })
  }
  const rowOfSeq = (seq: number) => {
    const [change] = projectEntry(entryAt(seq), () => null)
    if (change?.kind !== 'row') throw new TypeError('a call is a row')
    return change.row
  }
  const sources: ExportSources = {
    calls: {
      aggregate: async () =>
        Array.from({ length: DAYS }, (_, day) => ({ ...SUMS, keys: [], bucketStart: START + day * DAY, calls: CALLS_A_DAY })),
      rows: async ({ from = START, to = START, limit }) => {
        const rows = seqsIn(from, to).slice(0, limit).map(rowOfSeq)
        read += rows.length
        return rows
      },
    },
    ledger: {
      readCalls: async (_range, afterSeq) => ({
        entries: Array.from({ length: 1_000 }, (_, index) => entryAt(afterSeq + 1 + index)),
        adjustments: [],
        throughSeq: afterSeq + 1_000,
      }),
    },
  }
  return { sources, read: () => read }
}

const SUMS = {
  failed: 0,
  unpriced: 0,
  uncertain: 0,
  unmetered: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cost: 0n as never,
  latencyMs: 0,
  latencyCalls: 0,
}

describe('an export of 100,000 calls', () => {
  const asked = {
    scope: { organization: 'org' },
    atLeast: DAYS * CALLS_A_DAY,
    version: '1.4',
    subAccount: 'team',
    granularity: 'hour',
  } as const

  it.each([
    ['CSV', focusCsv, 500],
    ['Parquet', focusParquet, 5_000],
  ] as const)(
    'is written as %s while it is read: never more than a day and a piece is held',
    async (_name, write, rowsOfPiece) => {
      const { sources, read } = endlessSources()
      let breaths = 0
      const { rows, tally } = focusExport(sources, exportRates(book, fxTable([])), asked, {
        breathe: async () => {
          breaths += 1
        },
      })
      let passed = 0
      async function* counted() {
        for await (const row of rows) {
          passed += 1
          yield row
        }
      }
      let pieces = 0
      let largest = 0
      for await (const piece of write(counted(), '1.4')) {
        pieces += 1
        largest = Math.max(largest, piece.length)
        // What was read and has not passed yet is the day at hand and the next one.
        expect(read()).toBeLessThanOrEqual((Math.floor(passed / ROWS_A_DAY) + 2) * CALLS_A_DAY)
      }
      expect([tally.calls, tally.rows, passed]).toEqual([100_000, DAYS * ROWS_A_DAY, DAYS * ROWS_A_DAY])
      expect(pieces).toBe(Math.ceil((DAYS * ROWS_A_DAY) / rowsOfPiece))
      expect(largest).toBeLessThan(rowsOfPiece * 2_000)
      // Others had their turn every 200 calls that were read and every 200 rows that were written.
      expect(breaths).toBe(500 + Math.floor((DAYS * ROWS_A_DAY) / 200))
      expect(tally.billed).toBe(tally.projected)
    },
    120_000,
  )
})
