import type { Changes, Touched } from '../../../ledger/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import type { LoadedRows } from '../transaction/loaded-rows.ts'
import { columnValues, type RowKind, type RowStatements, statementsOf } from './row-kind.ts'

/** The rows of one table that a transaction loads, writes and keeps in memory until another node has been at the ledger. */
export interface LedgerTable {
  /** Adds the touched rows: those kept, where they may be trusted, and the others from the database. Null when nothing has to be asked. */
  load(into: LoadedRows, touched: Touched, ask: Ask, trusted: boolean): Promise<void> | null
  /** Takes out again what was loaded: it was kept, and another node has been there. */
  clear(into: LoadedRows): void
  write(changes: Changes, ask: Ask): Promise<unknown>[]
  /** Follows a commit: what was loaded and changed is how it stands. */
  keep(loaded: LoadedRows, changes: Changes): void
  forget(): void
}

/** Rows by their keys. One statement loads, one writes, and one removes, however many rows there are. */
export class RowTable<State extends Key, Key> implements LedgerTable {
  readonly #kind: RowKind<State, Key>
  readonly #statements: RowStatements
  readonly #kept = new Map<string, State>()
  readonly #absent = new Set<string>()

  constructor(kind: RowKind<State, Key>) {
    this.#kind = kind
    this.#statements = statementsOf(kind.table, kind.key, kind.values)
  }

  /** For reading outside of transactions: conditions and order are the caller's. */
  get select(): string {
    return this.#statements.select
  }

  statesOf(rows: readonly Row[]): State[] {
    return rows.map(this.#kind.stateOf)
  }

  load(into: LoadedRows, touched: Touched, ask: Ask, trusted: boolean): Promise<void> | null {
    const { key, mapKey, loaded, wanted, absenceKept } = this.#kind
    const rows = loaded(into)
    const missing: Key[] = []
    for (const each of wanted(touched)) {
      const at = mapKey(each)
      const known = trusted ? this.#kept.get(at) : undefined
      if (known !== undefined) rows.set(at, known)
      else if (!trusted || !this.#absent.has(at)) missing.push(each)
    }
    if (missing.length === 0) return null
    return ask(this.#statements.load, columnValues(key, missing)).then((found) => {
      this.add(into, found)
      if (absenceKept === undefined) return
      for (const each of missing) if (!rows.has(mapKey(each))) this.#absent.add(mapKey(each))
    })
  }

  add(into: LoadedRows, found: readonly Row[]): void {
    const rows = this.#kind.loaded(into)
    for (const state of this.statesOf(found)) rows.set(this.#kind.mapKey(state), state)
  }

  clear(into: LoadedRows): void {
    this.#kind.loaded(into).clear()
  }

  write(changes: Changes, ask: Ask): Promise<unknown>[] {
    const { key, values } = this.#kind
    const changed = this.#kind.changed(changes)
    const removed = this.#kind.removed?.(changes) ?? []
    const writes: Promise<unknown>[] = []
    if (changed.length > 0) writes.push(ask(this.#statements.put, [...columnValues(key, changed), ...columnValues(values, changed)]))
    if (removed.length > 0) writes.push(ask(this.#statements.remove, columnValues(key, removed)))
    return writes
  }

  keep(loaded: LoadedRows, changes: Changes): void {
    const { mapKey, removed, removedUnnamed } = this.#kind
    if (removedUnnamed?.(changes) === true) {
      this.forget()
      return
    }
    if (this.#kept.size + this.#absent.size > KEPT_MAX) this.forget()
    for (const [key, state] of this.#kind.loaded(loaded)) this.#kept.set(key, state)
    for (const state of this.#kind.changed(changes)) {
      this.#kept.set(mapKey(state), state)
      this.#absent.delete(mapKey(state))
    }
    for (const key of removed?.(changes) ?? []) this.#kept.delete(mapKey(key))
  }

  forget(): void {
    this.#kept.clear()
    this.#absent.clear()
  }
}

/** At the limit all are forgotten at once: the next crowd fills the map in a moment, and nothing needs to be ordered. */
const KEPT_MAX = 20_000
