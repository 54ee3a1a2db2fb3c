import type { Database } from 'better-sqlite3'
import type { Millis } from '../../kernel/index.ts'
import type { JournalEntry, TimeRange } from '../../ledger/index.ts'

/** Entries of one span of the journal. A migration has cut the journal so too: a change needs another one. */
export const SPAN_ENTRIES = 1024

/** Times of the first and last call among some entries; null where there is no call. */
export interface CallTimes {
  readonly earliest: Millis
  readonly latest: Millis
}

/**
 * For each full span of the journal the times of its calls, so that whoever reads the calls of one day passes over the years. Calls come
 * nearly in the order of their time, so few spans hold a day. The span that is not full yet is known in memory.
 */
export class JournalSpans {
  readonly #statements: ReturnType<typeof prepare>
  #open: CallTimes | null = null

  /** `entriesAfter` reads the entries past the last full span, fewer than `SPAN_ENTRIES`. */
  constructor(database: Database, entriesAfter: (seq: number) => readonly JournalEntry[]) {
    this.#statements = prepare(database)
    for (const entry of entriesAfter(this.#lastFull())) this.#open = extended(this.#open, entry)
  }

  /** Writes the spans that these entries fill. Runs inside the caller's transaction; what it gives back follows the commit. */
  write(entries: readonly JournalEntry[]): CallTimes | null {
    let open = this.#open
    for (const entry of entries) {
      open = extended(open, entry)
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

function extended(times: CallTimes | null, { event }: JournalEntry): CallTimes | null {
  if (event.kind !== 'call') return times
  const { at } = event.call
  if (times === null) return { earliest: at, latest: at }
  if (at >= times.earliest && at <= times.latest) return times
  return { earliest: Math.min(times.earliest, at), latest: Math.max(times.latest, at) }
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
