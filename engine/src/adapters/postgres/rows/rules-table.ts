import { type BudgetRule, type Changes, decodeRule, encodeRule, type Touched } from '../../../ledger/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import type { LoadedRows } from '../transaction/loaded-rows.ts'
import { type Column, columnValues, type RowStatements, statementsOf } from './row-kind.ts'
import { nameIn, textIn } from './row-kinds.ts'
import type { LedgerTable } from './row-table.ts'
import { storedText, textArray } from './stored-text.ts'

interface Identified {
  readonly organization: string
  readonly id: string
}

interface Rule extends Identified {
  readonly createdAt: number
}

/** A kind of rule that organizations set, with a table of organization, id, created_at and body. */
export interface RuleKind<R extends Rule> {
  readonly table: string
  readonly encode: (rule: R) => unknown
  readonly decode: (body: string, organization: string) => R
  readonly loaded: (rows: LoadedRows) => Map<string, readonly R[]>
  readonly changed: (changes: Changes) => readonly R[]
  readonly removed: (changes: Changes) => readonly Identified[]
  /** A table of what was counted for such rules, and its column that names them: it goes with its rule. */
  readonly counted: { readonly table: string; readonly rule: string }
}

export const BUDGETS: RuleKind<BudgetRule> = {
  table: 'budgets',
  encode: encodeRule,
  decode: (body, organization) => decodeRule(JSON.parse(body), organization),
  loaded: ({ budgets }) => budgets,
  changed: ({ budgets }) => budgets,
  removed: ({ budgetsRemoved }) => budgetsRemoved,
  counted: { table: 'counters', rule: 'budget' },
}

/** The rules of organizations, asked for all at once: every call has to know which of them it is counted in. */
export class RulesTable<R extends Rule> implements LedgerTable {
  readonly #kind: RuleKind<R>
  readonly #statements: RowStatements
  readonly #values: readonly Column<R>[]
  readonly #removeCounted: string
  readonly #kept = new Map<string, readonly R[]>()

  constructor(kind: RuleKind<R>) {
    this.#kind = kind
    this.#values = [
      { name: 'created_at', type: 'whole', of: ({ createdAt }) => createdAt },
      { name: 'body', type: 'body', of: (rule) => JSON.stringify(kind.encode(rule)) },
    ]
    this.#statements = statementsOf(kind.table, KEY, this.#values)
    const { table, rule } = kind.counted
    this.#removeCounted = `DELETE FROM ${table} USING unnest($1::text[], $2::text[]) AS gone (organization, id)
      WHERE ${table}.organization = gone.organization AND ${table}.${rule} = gone.id`
  }

  /** All rules, to be followed by conditions. */
  get select(): string {
    return this.#statements.select
  }

  /** In the order of their creation, within their organizations. */
  statesOf(rows: readonly Row[]): R[] {
    return rows.map((row) => this.#kind.decode(textIn(row, 'body'), nameIn(row, 'organization'))).sort(byCreation)
  }

  load(into: LoadedRows, { budgetsOf }: Touched, ask: Ask, trusted: boolean): Promise<void> | null {
    const loaded = this.#kind.loaded(into)
    const missing: string[] = []
    for (const organization of budgetsOf) {
      const known = trusted ? this.#kept.get(organization) : undefined
      if (known === undefined) missing.push(organization)
      else loaded.set(organization, known)
    }
    if (missing.length === 0) return null
    return ask(`${this.select} WHERE organization = ANY ($1::text[])`, [textArray(missing.map(storedText))]).then((rows) => {
      for (const organization of missing) loaded.set(organization, [])
      for (const rule of this.statesOf(rows)) loaded.set(rule.organization, [...(loaded.get(rule.organization) ?? []), rule])
    })
  }

  clear(into: LoadedRows): void {
    this.#kind.loaded(into).clear()
  }

  write(changes: Changes, ask: Ask): Promise<unknown>[] {
    const [changed, removed] = [this.#kind.changed(changes), this.#kind.removed(changes)]
    const writes: Promise<unknown>[] = []
    if (changed.length > 0) writes.push(ask(this.#statements.put, [...columnValues(KEY, changed), ...columnValues(this.#values, changed)]))
    if (removed.length > 0) {
      const gone = columnValues(KEY, removed)
      writes.push(ask(this.#statements.remove, gone), ask(this.#removeCounted, gone))
    }
    return writes
  }

  keep(loaded: LoadedRows, changes: Changes): void {
    if (this.#kept.size > ORGANIZATIONS_KEPT_MAX) this.forget()
    for (const [organization, rules] of this.#kind.loaded(loaded)) this.#kept.set(organization, rules)
    // Asked for again: rules change rarely.
    for (const { organization } of [...this.#kind.changed(changes), ...this.#kind.removed(changes)]) this.#kept.delete(organization)
  }

  forget(): void {
    this.#kept.clear()
  }
}

const ORGANIZATIONS_KEPT_MAX = 20_000

const KEY: readonly Column<Identified>[] = [
  { name: 'organization', type: 'name', of: ({ organization }) => organization },
  { name: 'id', type: 'name', of: ({ id }) => id },
]

function byCreation(a: Rule, b: Rule): number {
  if (a.organization !== b.organization) return a.organization < b.organization ? -1 : 1
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}
