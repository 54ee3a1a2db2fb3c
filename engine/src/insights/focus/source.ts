import type { CallQuery, CallRow, CallStore } from '../../calls/index.ts'
import { assert, type Millis, periodAt, type Span } from '../../kernel/index.ts'
import type { CallRecord, JournalEntry, LedgerStore } from '../../ledger/index.ts'

/** Where an export reads: the projection for who and what a call is for today, the journal for the lines of its charges. */
export interface ExportSources {
  readonly calls: Pick<CallStore, 'aggregate' | 'rows'>
  readonly ledger: Pick<LedgerStore, 'readCalls'>
}

/** A call with all that was posted for it. */
export interface PostedCall {
  readonly row: CallRow
  readonly call: CallRecord
  /** Corrections of its cost, oldest first. */
  readonly adjustments: readonly JournalEntry[]
}

/** What a stretch of time has: its calls, and what the projection adds up to for them. */
export interface PostedStretch {
  readonly span: Span
  readonly calls: readonly PostedCall[]
  readonly projectedCost: bigint
}

const STRETCH_ROWS_MAX = 10_000

/**
 * The calls that a query matches, in stretches of time that follow each other and never cross a UTC day, each small enough to be held. Everything
 * up to the head that the query names is there, and nothing after it, so that both stores speak of the same calls.
 */
export async function* postedCalls(
  sources: ExportSources,
  query: CallQuery,
  rowsMax: number = STRETCH_ROWS_MAX,
): AsyncGenerator<PostedStretch> {
  for (const { start, rows } of await daysOf(sources, query)) {
    const day = dayAt(start)
    const span = { start: Math.max(day.start, query.from ?? day.start), end: Math.min(day.end, query.to ?? day.end) }
    const slices = Math.ceil(rows / rowsMax)
    for (let index = 0; index < slices; index++) yield* stretchesOf(sources, query, sliceOf(span, index, slices), rowsMax)
  }
}

function sliceOf({ start, end }: Span, index: number, slices: number): Span {
  const at = (place: number): Millis => start + Math.floor(((end - start) * place) / slices)
  return { start: at(index), end: at(index + 1) }
}

function dayAt(at: Millis): Span {
  const day = periodAt({ unit: 'day' }, at, 'UTC')
  assert(day.ok, 'a call has a time within the calendar')
  return day.value
}

/** Days with calls or corrections, in order. Corrections are rows too, and their number is not known here: a stretch that is too full is cut. */
async function daysOf({ calls }: ExportSources, query: CallQuery): Promise<{ start: Millis; rows: number }[]> {
  const buckets = await calls.aggregate({ ...query, groupBy: [], bucket: { period: 'day', zone: 'UTC' }, orderBy: 'key' })
  return buckets.flatMap((row) => (row.bucketStart === undefined ? [] : [{ start: row.bucketStart, rows: Math.max(row.calls, 1) }]))
}

async function* stretchesOf(sources: ExportSources, query: CallQuery, span: Span, rowsMax: number): AsyncGenerator<PostedStretch> {
  if (span.start >= span.end) return
  const asked = { ...query, from: span.start, to: span.end, orderBy: 'at' as const }
  const rows = await sources.calls.rows({ ...asked, limit: rowsMax + 1 })
  if (rows.length > rowsMax && span.end - span.start > 1) {
    const middle = span.start + Math.floor((span.end - span.start) / 2)
    yield* stretchesOf(sources, query, { start: span.start, end: middle }, rowsMax)
    yield* stretchesOf(sources, query, { start: middle, end: span.end }, rowsMax)
    return
  }
  // A single millisecond that is too full is read whole: that many calls of one instant were reported in one batch, and fit.
  for (let read = rows.length; rows.length > rowsMax && read > 0; ) {
    const more = await sources.calls.rows({ ...asked, limit: rowsMax, offset: rows.length })
    rows.push(...more)
    read = more.length
  }
  const known = rows.filter((row) => row.seq <= query.atLeast)
  if (known.length > 0) yield { span, calls: await withLines(sources, query, span, known), projectedCost: costOf(known) }
}

/** Joins rows with their entries in the journal, in the order of the journal. */
async function withLines({ ledger }: ExportSources, query: CallQuery, span: Span, rows: readonly CallRow[]): Promise<PostedCall[]> {
  const wanted = new Map(rows.filter((row) => row.calls === 1).map((row) => [row.seq, row]))
  const posted: PostedCall[] = []
  const seqs = [...wanted.keys()]
  const last = seqs.reduce((latest, seq) => Math.max(latest, seq), 0)
  let after = seqs.reduce((earliest, seq) => Math.min(earliest, seq), last) - 1
  while (posted.length < wanted.size) {
    const piece = await ledger.readCalls({ from: span.start, to: span.end }, after)
    const adjustments = new Map<number, JournalEntry[]>()
    for (const { callSeq, entry } of piece.adjustments) {
      if (entry.seq <= query.atLeast && wanted.has(callSeq)) adjustments.set(callSeq, [...(adjustments.get(callSeq) ?? []), entry])
    }
    for (const { seq, event } of piece.entries) {
      const row = wanted.get(seq)
      if (row === undefined || event.kind !== 'call') continue
      posted.push({ row, call: event.call, adjustments: (adjustments.get(seq) ?? []).sort((a, b) => a.seq - b.seq) })
    }
    after = piece.throughSeq
    if (after >= last) break
  }
  assert(posted.length === wanted.size, 'every call of the projection is in the journal')
  return posted
}

function costOf(rows: readonly CallRow[]): bigint {
  return rows.reduce((sum, row) => sum + (row.cost ?? 0n), 0n)
}
