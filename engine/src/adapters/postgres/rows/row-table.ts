import type { Changes, Touched } from '../../../ledger/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import type { LoadedRows } from '../transaction/loaded-rows.ts'
import { columnValues, type KeyedRows, type KeyOf, type RowKind, type RowOf, type RowStatements, statementsOf } from './row-kind.ts'

/**
 * The rows that a transaction loads, writes and keeps in memory until another node has been at the ledger. It holds for a kind of row, or for the
 * budgets of organizations.
 */
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

/** One statement loads, one writes, and one removes, however many rows there are. */
export class RowTable<Name extends KeyedRows> implements LedgerTable {
  readonly #kind: RowKind<Name>
  readonly #statements: RowStatements
  readonly #kept = new Map<string, RowOf<Name>>()
  readonly #absent = new Set<string>()

  constructor(kind: RowKind<Name>) {
    this.#kind = kind
    this.#statements = statementsOf(kind.name, kind.key, kind.values)
  }

  /** For reading outside of transactions: conditions and order are the caller's. */
  get select(): string {
    return this.#statements.select
  }

  statesOf(rows: readonly Row[]): RowOf<Name>[] {
    return rows.map(this.#kind.stateOf)
  }

  load(into: LoadedRows, touched: Touched, ask: Ask, trusted: boolean): Promise<void> | null {
    const { key, mapKey } = this.#kind
    const rows = this.#rowsOf(into)
    const missing: KeyOf<Name>[] = []
    for (const wanted of touched[this.#kind.name] as readonly KeyOf<Name>[]) {
      const at = mapKey(wanted)
      const known = trusted ? this.#kept.get(at) : undefined
      if (known !== undefined) rows.set(at, known)
      else if (!trusted || !this.#absent.has(at)) missing.push(wanted)
    }
    if (missing.length === 0) return null
    return ask(this.#statements.load, columnValues(key, missing)).then((found) => {
      this.add(into, found)
      if (this.#kind.absenceKept === undefined) return
      for (const wanted of missing) if (!rows.has(mapKey(wanted))) this.#absent.add(mapKey(wanted))
    })
  }

  add(into: LoadedRows, found: readonly Row[]): void {
    const rows = this.#rowsOf(into)
    for (const state of this.statesOf(found)) rows.set(this.#mapKeyOf(state), state)
  }

  clear(into: LoadedRows): void {
    this.#rowsOf(into).clear()
  }

  write(changes: Changes, ask: Ask): Promise<unknown>[] {
    const { key, values, keyOf } = this.#kind
    const changed = changes[this.#kind.name] as readonly RowOf<Name>[]
    const removed = this.#kind.removed?.(changes) ?? []
    const writes: Promise<unknown>[] = []
    if (changed.length > 0) {
      writes.push(ask(this.#statements.put, [...columnValues(key, changed.map(keyOf)), ...columnValues(values, changed)]))
    }
    if (removed.length > 0) writes.push(ask(this.#statements.remove, columnValues(key, removed)))
    return writes
  }

  keep(loaded: LoadedRows, changes: Changes): void {
    if (this.#kind.removedUnnamed?.(changes) === true) {
      this.forget()
      return
    }
    if (this.#kept.size + this.#absent.size > KEPT_MAX) this.forget()
    for (const [key, state] of this.#rowsOf(loaded)) this.#kept.set(key, state)
    for (const state of changes[this.#kind.name] as readonly RowOf<Name>[]) {
      this.#kept.set(this.#mapKeyOf(state), state)
      this.#absent.delete(this.#mapKeyOf(state))
    }
    for (const key of this.#kind.removed?.(changes) ?? []) this.#kept.delete(this.#kind.mapKey(key))
  }

  forget(): void {
    this.#kept.clear()
    this.#absent.clear()
  }

  #mapKeyOf(state: RowOf<Name>): string {
    return this.#kind.mapKey(this.#kind.keyOf(state))
  }

  #rowsOf(loaded: LoadedRows): Map<string, RowOf<Name>> {
    return loaded[this.#kind.name] as unknown as Map<string, RowOf<Name>>
  }
}

/** At the limit all are forgotten at once: the next crowd fills the map in a moment, and nothing needs to be ordered. */
const KEPT_MAX = 20_000
