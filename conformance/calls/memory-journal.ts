import type { JournalSource } from '../../engine/src/calls/index.ts'
import type { JournalEntry } from '../../engine/src/ledger/index.ts'

/** A journal in an array; entries may be pushed while it is read. Seqs are gapless from 1. */
export function memoryJournal(entries: readonly JournalEntry[]): JournalSource {
  return {
    read: (afterSeq, limit) => entries.slice(afterSeq, afterSeq + limit),
    head: () => entries.length,
    close: () => {},
  }
}
