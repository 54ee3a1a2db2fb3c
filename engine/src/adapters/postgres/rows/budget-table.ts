import { type BudgetRule, type Changes, decodeRule, encodeRule, type Touched } from '../../../ledger/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import type { LoadedRows } from '../transaction/loaded-rows.ts'
import { type Column, columnValues, statementsOf } from './row-kind.ts'
import { nameIn, textIn } from './row-kinds.ts'
import type { LedgerTable } from './row-table.ts'
import { storedText, textArray } from './stored-text.ts'

/** The budgets of organizations, which are asked for all at once: every call has to know which of them it is counted in. */
export class BudgetTable implements LedgerTable {
  readonly #kept = new Map<string, readonly BudgetRule[]>()

  load(into: LoadedRows, touched: Touched, ask: Ask, trusted: boolean): Promise<void> | null {
    const missing: string[] = []
    for (const organization of touched.budgetsOf) {
      const known = trusted ? this.#kept.get(organization) : undefined
      if (known === undefined) missing.push(organization)
      else into.budgets.set(organization, known)
    }
    if (missing.length === 0) return null
    return ask(`${SELECT} WHERE organization = ANY ($1::text[])`, [textArray(missing.map(storedText))]).then((rows) => {
      const rules = rulesOf(rows)
      for (const organization of missing) {
        into.budgets.set(
          organization,
          rules.filter((rule) => rule.organization === organization),
        )
      }
    })
  }

  clear(into: LoadedRows): void {
    into.budgets.clear()
  }

  write({ budgets, budgetsRemoved }: Changes, ask: Ask): Promise<unknown>[] {
    const writes: Promise<unknown>[] = []
    if (budgets.length > 0) writes.push(ask(STATEMENTS.put, [...columnValues(KEY, budgets), ...columnValues(VALUES, budgets)]))
    if (budgetsRemoved.length > 0) {
      const gone = columnValues(KEY, budgetsRemoved)
      writes.push(ask(STATEMENTS.remove, gone), ask(REMOVE_COUNTERS, gone))
    }
    return writes
  }

  keep(loaded: LoadedRows, { budgets, budgetsRemoved }: Changes): void {
    if (this.#kept.size > ORGANIZATIONS_KEPT_MAX) this.#kept.clear()
    for (const [organization, rules] of loaded.budgets) this.#kept.set(organization, rules)
    // Asked for again: budgets change rarely.
    for (const { organization } of [...budgets, ...budgetsRemoved]) this.#kept.delete(organization)
  }

  forget(): void {
    this.#kept.clear()
  }
}

const ORGANIZATIONS_KEPT_MAX = 20_000

type Key = Pick<BudgetRule, 'organization' | 'id'>

const KEY: readonly Column<Key>[] = [
  { name: 'organization', type: 'name', of: ({ organization }) => organization },
  { name: 'id', type: 'name', of: ({ id }) => id },
]
const VALUES: readonly Column<BudgetRule>[] = [
  { name: 'created_at', type: 'whole', of: ({ createdAt }) => createdAt },
  { name: 'body', type: 'body', of: (rule) => JSON.stringify(encodeRule(rule)) },
]
const STATEMENTS = statementsOf('budgets', KEY, VALUES)
const SELECT = 'SELECT organization, body FROM budgets'
const REMOVE_COUNTERS = `DELETE FROM counters USING unnest($1::text[], $2::text[]) AS gone (organization, budget)
  WHERE counters.organization = gone.organization AND counters.budget = gone.budget`

/** All budgets, or those of one organization: what `rulesOf` reads. */
export const SELECT_BUDGETS = SELECT

/** In the order of their creation, within their organizations. */
export function rulesOf(rows: readonly Row[]): BudgetRule[] {
  return rows.map((row) => decodeRule(JSON.parse(textIn(row, 'body')), nameIn(row, 'organization'))).sort(byCreation)
}

function byCreation(a: BudgetRule, b: BudgetRule): number {
  if (a.organization !== b.organization) return a.organization < b.organization ? -1 : 1
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}
