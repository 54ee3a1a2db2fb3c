import { assert } from '../../../kernel/index.ts'
import type { LedgerState } from '../../../ledger/index.ts'

type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : T extends readonly (infer V)[]
      ? V[]
      : T extends object
        ? { readonly [Name in keyof T]: Mutable<T[Name]> }
        : T

/** The state while it is being loaded. */
export type LoadedRows = Mutable<LedgerState>

/** Nothing yet. The head is known once it is locked; what commands name can be asked for before. */
export function nothingLoaded(): { readonly rows: LoadedRows; readonly setHead: (seq: number) => void } {
  let head: number | null = null
  return {
    rows: {
      posted: new Map(),
      runs: new Map(),
      sessions: new Map(),
      accounts: new Map(),
      adjustments: new Map(),
      holds: new Map(),
      budgets: new Map(),
      counters: new Map(),
      breakers: { rules: new Map(), rows: new Map(), agents: new Map() },
      tail: [],
      get head(): number {
        assert(head !== null, 'nothing is decided before the head is locked')
        return head
      },
    },
    setHead: (seq) => {
      head = seq
    },
  }
}
