import type { Database } from 'better-sqlite3'
import { type CallTimes, type JournalEntry, type TimeRange, withTimesOf } from '../../ledger/index.ts'

/** Entries of one span of the journal. A migration has cut the journal so too: a change needs another one. */
export const SPAN_ENTRIES = 1024

/**
 * For each full span of the journal the times at which its calls happened and count, so that whoever reads the calls of one day passes over the years. Calls come
 * nearly in the order of their time, so few spans hold a day. The span that is not full yet is known in memory.
 */
export class JournalSpans {
  readonly #statements: ReturnType<typeof prepare>
  #open: CallTimes | null = null

  /** `entriesAfter` reads the entries past the last full span, fewer than `SPAN_ENTRIES`. */
  constructor(database: Database, entriesAfter: (seq: number) => readonly JournalEntry[]) {
    this.#statements = prepare(database)
    for (const entry of entriesAfter(this.#lastFull())) this.#open = withTimesOf(this.#open, entry)
  }

  /** Writes the spans that these entries fill. Runs inside the caller's transaction; what it gives back follows the commit. */
  write(entries: readonly JournalEntry[]): CallTimes | null {
    let open = this.#open
    for (const entry of entries) {
      open = withTimesOf(open, entry)
      if (entry.seq % SPAN_ENTRIES !== 0) continue
      this.#statements.insert.run(entry.seq, open?.earliest ?? null, open?.latest ?? null)
      open = null
    }
    return open
  }

  written(open: CallTimes | null): void {
    this.#open = open
  }

  /** The next stretch of the journal, after `afterSeq`, that may hold calls of the range; null when there is none up to the head. */
  next(range: TimeRange, afterSeq: number): { readonly afterSeq: number; readonly throughSeq: number | null } | null {
    const throughSeq = this.#statements.next.get(afterSeq, range.from, range.to)
    if (throughSeq !== undefined) return { afterSeq: Math.max(afterSeq, throughSeq - SPAN_ENTRIES), throughSeq }
    if (this.#open === null || this.#open.latest < range.from || this.#open.earliest >= range.to) return null
    return { afterSeq: Math.max(afterSeq, this.#lastFull()), throughSeq: null }
  }

  #lastFull(): number {
    return this.#statements.lastFull.get() ?? 0
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare<[number, number | null, number | null]>('INSERT INTO journal_spans VALUES (?, ?, ?)'),
    lastFull: database.prepare<[], number | null>('SELECT max(last_seq) FROM journal_spans').pluck(),
    next: database
      .prepare<[number, number, number], number>(
        'SELECT last_seq FROM journal_spans WHERE last_seq > ? AND latest >= ? AND earliest < ? ORDER BY last_seq LIMIT 1',
      )
      .pluck(),
  }
}
