import type { Database, Statement } from 'better-sqlite3'
import { type Millis, picos } from '../../../kernel/index.ts'
import {
  type BudgetRule,
  type Changes,
  type CounterKey,
  type CounterState,
  counterKey,
  decodeHoldState,
  decodeRule,
  encodeHoldState,
  encodeRule,
  type HoldState,
  inOrder,
  rowKey,
  type Touched,
} from '../../../ledger/index.ts'

const COUNTERS_KEPT_MAX = 50_000
const HOLDS_KEPT_MAX = 20_000

/** Budgets, counters and holds in SQLite. All budgets are known in memory: there are few, and every call asks for them. */
export class BudgetRows {
  private readonly statements: BudgetStatements
  private readonly rules: Map<string, readonly BudgetRule[]>
  /** 0 when nothing is held, so that the calls of a fleet that holds nothing need not look for holds. */
  private anyHold: number
  /** Counters that were read or written lately, null where there is none: every call of a fleet asks for the same few. The writer is alone, so they stay true. */
  private readonly kept = new Map<string, CounterState | null>()
  /** Holds that were written lately: most are settled within seconds, and need not be read back for it. */
  private readonly keptHolds = new Map<string, HoldState>()

  constructor(database: Database) {
    this.statements = prepareBudgets(database)
    this.rules = new Map()
    for (const row of this.statements.budgets.all()) this.addRule(ruleOf(row))
    this.anyHold = this.statements.anyHold.get() ?? 0
  }

  /** Adds the touched rows that exist. */
  load(into: LoadedBudgets, touched: Touched): void {
    for (const organization of touched.budgetsOf) {
      const rules = this.rules.get(organization)
      if (rules !== undefined) into.budgets.set(organization, rules)
    }
    for (const key of touched.counters) {
      const counter = this.counter(key)
      if (counter !== undefined) into.counters.set(counterKey(key), counter)
    }
    if (this.anyHold === 0) return
    for (const { organization, id } of touched.holds) {
      const key = rowKey(organization, id)
      const hold = this.keptHolds.get(key) ?? this.readHold(organization, id)
      if (hold !== undefined) into.holds.set(key, hold)
    }
    for (const organization of touched.holdsOf)
      for (const hold of this.holds(organization)) into.holds.set(rowKey(organization, hold.id), hold)
  }

  /** Writes what a batch changes, inside its transaction. */
  write(changes: Changes): void {
    for (const rule of changes.budgets) {
      this.statements.putBudget.run(rule.organization, rule.id, rule.createdAt, JSON.stringify(encodeRule(rule)))
    }
    for (const { organization, budget, value, start, spent, held, toldTo } of changes.counters) {
      this.statements.putCounter.run(organization, budget, value, start, spent.toString(), held.toString(), toldTo.toString())
    }
    for (const { organization, id } of changes.budgetsRemoved) {
      this.statements.removeBudget.run(organization, id)
      this.statements.removeCounters.run(organization, id)
    }
    for (const hold of changes.holds) {
      const deadline = hold.expiredAt === null ? hold.deadline : null
      this.statements.putHold.run(hold.organization, hold.id, deadline, encodeHoldState(hold))
    }
    for (const { organization, id } of changes.holdsEnded) this.statements.removeHold.run(organization, id)
  }

  /** Follows a commit. */
  committed(changes: Changes): void {
    for (const rule of changes.budgets) this.addRule(rule)
    for (const { organization, id } of changes.budgetsRemoved) this.dropRule(organization, id)
    if (changes.budgetsRemoved.length > 0) this.kept.clear()
    else for (const counter of changes.counters) this.keep(counterKey(counter), counter)
    for (const { organization, id } of changes.holdsEnded) this.keptHolds.delete(rowKey(organization, id))
    if (this.keptHolds.size + changes.holds.length > HOLDS_KEPT_MAX) this.keptHolds.clear()
    for (const hold of changes.holds) this.keptHolds.set(rowKey(hold.organization, hold.id), hold)
    if (changes.holds.length + changes.holdsEnded.length > 0) this.anyHold = this.statements.anyHold.get() ?? 0
  }

  rulesOf(organization: string | null): BudgetRule[] {
    return organization === null ? [...this.rules.values()].flat() : [...(this.rules.get(organization) ?? [])]
  }

  counter(key: CounterKey): CounterState | undefined {
    const text = counterKey(key)
    const known = this.kept.get(text)
    if (known !== undefined) return known ?? undefined
    const row = this.statements.counter.get(key.organization, key.budget, key.value, key.start)
    const counter = row === undefined ? null : counterOf(row)
    this.keep(text, counter)
    return counter ?? undefined
  }

  private keep(text: string, counter: CounterState | null): void {
    if (this.kept.size >= COUNTERS_KEPT_MAX) this.kept.clear()
    this.kept.set(text, counter)
  }

  counters(organization: string | null): CounterState[] {
    return (organization === null ? this.statements.counters.all() : this.statements.countersOf.all(organization)).map(counterOf)
  }

  holds(organization: string | null): HoldState[] {
    return (organization === null ? this.statements.holds.all() : this.statements.holdsOf.all(organization)).map(holdOf)
  }

  findHolds(organization: string | null, id: string): HoldState[] {
    if (organization === null) return this.statements.holdsById.all(id).map(holdOf)
    return this.statements.hold.all(organization, id).map(holdOf)
  }

  /** Holds whose deadline is at or before a time, the earliest first. */
  holdsDue(now: Millis, limit: number): HoldState[] {
    return this.statements.holdsDue.all(now, limit).map(holdOf)
  }

  private readHold(organization: string, id: string): HoldState | undefined {
    const row = this.statements.hold.get(organization, id)
    return row === undefined ? undefined : holdOf(row)
  }

  private addRule(rule: BudgetRule): void {
    const others = (this.rules.get(rule.organization) ?? []).filter(({ id }) => id !== rule.id)
    this.rules.set(rule.organization, inOrder([...others, rule]))
  }

  private dropRule(organization: string, id: string): void {
    this.rules.set(
      organization,
      (this.rules.get(organization) ?? []).filter((rule) => rule.id !== id),
    )
  }
}

/** The rows of a batch while they are being loaded. */
export interface LoadedBudgets {
  readonly budgets: Map<string, readonly BudgetRule[]>
  readonly counters: Map<string, CounterState>
  readonly holds: Map<string, HoldState>
}

interface BudgetRow {
  readonly organization: string
  readonly id: string
  readonly body: string
}

interface CounterRow {
  readonly organization: string
  readonly budget: string
  readonly value: string
  readonly start: number
  readonly spent: string
  readonly held: string
  readonly told_to: string
}

interface BudgetStatements {
  readonly budgets: Statement<[], BudgetRow>
  readonly putBudget: Statement<[string, string, number, string]>
  readonly removeBudget: Statement<[string, string]>
  readonly counter: Statement<[string, string, string, number], CounterRow>
  readonly counters: Statement<[], CounterRow>
  readonly countersOf: Statement<[string], CounterRow>
  readonly putCounter: Statement<[string, string, string, number, string, string, string]>
  readonly removeCounters: Statement<[string, string]>
  readonly hold: Statement<[string, string], BudgetRow>
  readonly holds: Statement<[], BudgetRow>
  readonly holdsOf: Statement<[string], BudgetRow>
  readonly holdsById: Statement<[string], BudgetRow>
  readonly holdsDue: Statement<[number, number], BudgetRow>
  readonly anyHold: Statement<[], number>
  readonly putHold: Statement<[string, string, number | null, string]>
  readonly removeHold: Statement<[string, string]>
}

function prepareBudgets(database: Database): BudgetStatements {
  const holds = 'SELECT organization, id, body FROM holds'
  return {
    budgets: database.prepare('SELECT organization, id, body FROM budgets ORDER BY organization, created_at, id'),
    putBudget: database.prepare('INSERT OR REPLACE INTO budgets VALUES (?, ?, ?, ?)'),
    removeBudget: database.prepare('DELETE FROM budgets WHERE organization = ? AND id = ?'),
    counter: database.prepare('SELECT * FROM counters WHERE organization = ? AND budget = ? AND value = ? AND start = ?'),
    counters: database.prepare('SELECT * FROM counters ORDER BY organization, budget, value, start'),
    countersOf: database.prepare('SELECT * FROM counters WHERE organization = ? ORDER BY budget, value, start'),
    putCounter: database.prepare('INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?, ?, ?, ?)'),
    removeCounters: database.prepare('DELETE FROM counters WHERE organization = ? AND budget = ?'),
    hold: database.prepare(`${holds} WHERE organization = ? AND id = ?`),
    holds: database.prepare(`${holds} ORDER BY organization, id`),
    holdsOf: database.prepare(`${holds} WHERE organization = ? ORDER BY id`),
    holdsById: database.prepare(`${holds} WHERE id = ? ORDER BY organization`),
    holdsDue: database.prepare(`${holds} WHERE deadline <= ? ORDER BY deadline LIMIT ?`),
    anyHold: database.prepare<[], number>('SELECT count(*) FROM (SELECT 1 FROM holds LIMIT 1)').pluck(),
    putHold: database.prepare('INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)'),
    removeHold: database.prepare('DELETE FROM holds WHERE organization = ? AND id = ?'),
  }
}

function ruleOf({ organization, body }: BudgetRow): BudgetRule {
  return decodeRule(JSON.parse(body), organization)
}

function holdOf({ organization, id, body }: BudgetRow): HoldState {
  return decodeHoldState(organization, id, body)
}

function counterOf({ organization, budget, value, start, spent, held, told_to }: CounterRow): CounterState {
  return { organization, budget, value, start, spent: amount(spent), held: amount(held), toldTo: amount(told_to) }
}

function amount(text: string) {
  return picos(BigInt(text))
}
