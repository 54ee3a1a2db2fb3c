import { type CallStore, referenceStore } from '../../engine/src/calls/index.ts'
import {
  type ExportSources,
  exportRates,
  type FocusExport,
  type FocusQuestion,
  type FocusRow,
  type FocusVersion,
  focusExport,
  writtenColumns,
} from '../../engine/src/insights/focus/index.ts'
import { type Millis, picos } from '../../engine/src/kernel/index.ts'
import { type CallRecord, isCallIn, type JournalEntry } from '../../engine/src/ledger/index.ts'
import { sampleCall } from '../../engine/src/ledger/sample.ts'
import { type CardBook, type Charge, type FxTable, fxTable, price } from '../../engine/src/pricing/index.ts'
import type { Usage } from '../../engine/src/usage/index.ts'
import { projectJournal } from '../calls/model.ts'

/** A journal of calls as they would have been posted, and what an export reads of it. */
export class FocusWorld {
  readonly entries: JournalEntry[] = []
  readonly #book: CardBook
  readonly #fx: FxTable

  constructor(book: CardBook, fx: FxTable = fxTable([])) {
    this.#book = book
    this.#fx = fx
  }

  /** Posts a call, priced by the book unless a charge is given. */
  call(usage: Usage, facts: Partial<CallRecord> & { readonly organization?: string; readonly recordedAt?: Millis } = {}): string {
    const { organization = 'org', recordedAt = usage.at, ...rest } = facts
    const id = rest.id ?? `call-${this.entries.length + 1}`
    const charge = rest.charge ?? price(usage, this.#book, { organization, knownAt: recordedAt, fx: this.#fx })
    this.#post(organization, recordedAt, { kind: 'call', call: sampleCall({ at: usage.at, ...rest, id, usage, charge }) })
    return id
  }

  /** Posts a correction of a call, whose new charge is given. */
  adjust(call: string, charge: Charge, recordedAt: Millis, organization = 'org'): void {
    let before = 0n
    for (const { event } of this.entries) {
      if (event.kind === 'call' && event.call.id === call) before = event.call.charge.amount ?? 0n
      if (event.kind === 'adjustment' && event.adjustment.call === call) before = event.adjustment.charge.amount ?? 0n
    }
    const id = `adjustment-${this.entries.length + 1}`
    const delta = picos((charge.amount ?? 0n) - before)
    this.#post(organization, recordedAt, { kind: 'adjustment', adjustment: { id, call, delta, charge, reason: 'test', at: recordedAt } })
  }

  #post(organization: string, recordedAt: Millis, event: JournalEntry['event']): void {
    this.entries.push({ seq: this.entries.length + 1, organization, recordedAt, event, transfers: [] })
  }

  store(): CallStore {
    return referenceStore(projectJournal(this.entries))
  }

  /** Reads the journal in pieces of so many entries. */
  sources(pieceEntries = 7): ExportSources {
    return { calls: this.store(), ledger: { readCalls: async (range, after) => this.#piece(range, after, pieceEntries) } }
  }

  #piece(range: { readonly from: Millis; readonly to: Millis }, afterSeq: number, pieceEntries: number) {
    const piece = this.entries.slice(afterSeq, afterSeq + pieceEntries)
    const entries = piece.filter((entry) => isCallIn(range, entry))
    const corrections = this.entries.filter(({ event }) => event.kind === 'adjustment')
    const adjustments = corrections.flatMap((entry) => {
      const called = piece.find(
        ({ organization, event }) =>
          event.kind === 'call' &&
          entry.event.kind === 'adjustment' &&
          organization === entry.organization &&
          event.call.id === entry.event.adjustment.call,
      )
      return called === undefined ? [] : [{ callSeq: called.seq, entry }]
    })
    return { entries, adjustments, throughSeq: afterSeq + piece.length }
  }

  export(question: Partial<FocusQuestion> = {}, limits: Parameters<typeof focusExport>[3] = {}): FocusExport {
    const asked: FocusQuestion = {
      scope: { organization: 'org' },
      atLeast: this.entries.length,
      version: '1.4',
      subAccount: 'team',
      granularity: 'day',
      ...question,
    }
    return focusExport(this.sources(), exportRates(this.#book, this.#fx), asked, limits)
  }

  async rows(question: Partial<FocusQuestion> = {}): Promise<NamedCells[]> {
    return named(await collected(this.export(question).rows), question.version)
  }
}

/** A row with the names of its columns. */
export type NamedCells = Readonly<Record<string, string | null>>

export function named(rows: readonly FocusRow[], version: FocusVersion = '1.4'): NamedCells[] {
  const columns = writtenColumns(version)
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])))
}

export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}
