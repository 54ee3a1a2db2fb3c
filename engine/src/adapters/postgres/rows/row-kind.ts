import type { Picos } from '../../../kernel/index.ts'
import type { Changes, Touched } from '../../../ledger/index.ts'
import type { Row } from '../connect/pool.ts'
import type { LoadedRows } from '../transaction/loaded-rows.ts'
import { bodyArray, numberArray, numericOfPicos, storedText, textArray } from './stored-text.ts'

/** A column and what a row has in it. `name` is text of ours or of callers; `body` is JSON, which needs no escaping. */
export type Column<T> =
  | { readonly name: string; readonly type: 'name'; readonly of: (row: T) => string }
  | { readonly name: string; readonly type: 'body'; readonly of: (row: T) => string }
  | { readonly name: string; readonly type: 'whole'; readonly of: (row: T) => number | null }
  | { readonly name: string; readonly type: 'picos'; readonly of: (row: T) => Picos }

/**
 * All that PostgreSQL has to know of one kind of row, each asked for by its key: a new kind is one of these, its table in a migration, and a place in
 * the list of `ledger-store.ts`. The key begins with the organization.
 */
export interface RowKind<State extends Key, Key> {
  readonly table: string
  readonly key: readonly Column<Key>[]
  readonly values: readonly Column<State>[]
  readonly stateOf: (row: Row) => State
  /** Its key in the maps of a ledger state. */
  readonly mapKey: (key: Key) => string
  /** Where these rows are in what is asked for, what is loaded and what is changed. */
  readonly wanted: (touched: Touched) => readonly Key[]
  readonly loaded: (rows: LoadedRows) => Map<string, State>
  readonly changed: (changes: Changes) => readonly State[]
  /** Rows that a batch takes away. */
  readonly removed?: (changes: Changes) => readonly Key[]
  /** Whether a batch takes away rows that it does not name, so that nothing kept of this kind holds any more. */
  readonly removedUnnamed?: (changes: Changes) => boolean
  /** Whether it is remembered which rows are not there: for rows that many batches ask for, such as the wallet that an agent does not have. */
  readonly absenceKept?: true
}

/** The statements of a kind of row, each over as many rows as there are. */
export interface RowStatements {
  /** Of all rows, to be followed by conditions. */
  readonly select: string
  readonly load: string
  readonly put: string
  readonly remove: string
}

interface Named {
  readonly name: string
  readonly type: Column<never>['type']
}

export function statementsOf(table: string, key: readonly Named[], values: readonly Named[]): RowStatements {
  const all = [...key, ...values]
  const names = all.map(({ name }) => name).join(', ')
  const keys = key.map(({ name }) => name)
  const wanted = `unnest(${arrays(key)}) AS wanted (${keys.join(', ')})`
  const same = keys.map((name) => `row.${name} = wanted.${name}`).join(' AND ')
  const select = `SELECT ${all.map(({ name }) => `row.${name}`).join(', ')} FROM`
  return {
    select: `${select} ${table} AS row`,
    load: `${select} ${wanted} JOIN ${table} AS row ON ${same}`,
    put: `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays(all)}) ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${values.map(({ name }) => `${name} = excluded.${name}`).join(', ')}`,
    remove: `DELETE FROM ${table} AS row USING ${wanted} WHERE ${same}`,
  }
}

const ARRAY_TYPES = { name: 'text', body: 'text', whole: 'bigint', picos: 'numeric' } as const

function arrays(columns: readonly Named[]): string {
  return columns.map(({ type }, at) => `$${at + 1}::${ARRAY_TYPES[type]}[]`).join(', ')
}

/** One parameter a column. */
export function columnValues<T>(columns: readonly Column<T>[], rows: readonly T[]): string[] {
  return columns.map((column) => arrayOf(column, rows))
}

function arrayOf<T>(column: Column<T>, rows: readonly T[]): string {
  switch (column.type) {
    case 'name':
      return textArray(rows.map((row) => storedText(column.of(row))))
    case 'body':
      return bodyArray(rows.map(column.of))
    case 'whole':
      return numberArray(rows.map(column.of))
    case 'picos':
      return numberArray(rows.map((row) => numericOfPicos(column.of(row))))
  }
}
