import type { JournalEntry, LedgerStore } from '../src/ledger/index.ts'
import type { Settled } from './records.ts'

/** A fault planted on purpose: the simulation must find it, or it does not look. */
export interface Canary {
  readonly sabotage: (store: LedgerStore) => LedgerStore
  /** What the auditor is told of what was delivered. */
  readonly mislead: (settled: readonly Settled[]) => readonly Settled[]
  /** The journal as the projection sees it. */
  readonly project: (entries: readonly JournalEntry[]) => readonly JournalEntry[]
}

export const NO_CANARY: Canary = { sabotage: (store) => store, mislead: (settled) => settled, project: (entries) => entries }
