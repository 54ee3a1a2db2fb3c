import type { Database, Statement } from 'better-sqlite3'
import type { Millis } from '../../../kernel/index.ts'
import {
  type AgentCondition,
  type AgentState,
  type BreakerChanges,
  type BreakerRow,
  type BreakerRule,
  breakerRowKey,
  decodeBreaker,
  decodeBreakerRow,
  encodeBreaker,
  encodeBreakerRow,
  rowKey,
  type Touched,
  withBreaker,
} from '../../../ledger/index.ts'

/** How many rows that say nothing any more are taken up in one go. */
const EXPIRED_MAX = 1_000

/** Breakers, what they have seen, and the states of agents in SQLite. The rules are known in memory: there are few, and every call asks for them. */
export class BreakerRows {
  private readonly statements: BreakerStatements
  private readonly rules: Map<string, readonly BreakerRule[]>

  constructor(database: Database) {
    this.statements = prepareBreakers(database)
    this.rules = new Map()
    for (const { organization, body } of this.statements.breakers.all()) this.addRule(decodeBreaker(JSON.parse(body), organization))
  }

  /** Adds the touched rows that exist. */
  load(into: LoadedBreakers, { budgetsOf, breakers }: Touched): void {
    for (const organization of budgetsOf) {
      const rules = this.rules.get(organization)
      if (rules !== undefined) into.rules.set(organization, rules)
    }
    for (const { organization, breaker, value, part } of breakers.rows) {
      const row = this.statements.row.get(organization, breaker, value, part)
      if (row !== undefined) addRow(into, rowOf(row))
    }
    for (const { organization, at } of breakers.expired) {
      for (const row of this.statements.expired.all(organization, at, EXPIRED_MAX)) addRow(into, rowOf(row))
    }
    for (const { organization, agent } of breakers.agents) {
      const state = this.statements.agent.get(organization, agent)
      if (state !== undefined) into.agents.set(rowKey(organization, agent), state)
    }
  }

  /** Writes what a batch changes, inside its transaction. */
  write(changes: BreakerChanges): void {
    const { statements } = this
    for (const rule of changes.rules) {
      statements.putBreaker.run(rule.organization, rule.id, rule.createdAt, JSON.stringify(encodeBreaker(rule)))
    }
    for (const row of changes.rows) {
      statements.putRow.run(row.organization, row.breaker, row.value, row.part, row.expiresAt, encodeBreakerRow(row))
    }
    for (const { organization, breaker, value, part } of changes.rowsRemoved) statements.removeRow.run(organization, breaker, value, part)
    for (const { organization, id } of changes.removed) {
      statements.removeBreaker.run(organization, id)
      statements.removeRows.run(organization, id)
    }
    for (const { organization, agent, state, reason, breaker, since } of changes.agents) {
      statements.putAgent.run(organization, agent, state, reason, breaker, since)
    }
  }

  /** Follows a commit. */
  committed(changes: BreakerChanges): void {
    for (const rule of changes.rules) this.addRule(rule)
    for (const { organization, id } of changes.removed) {
      this.rules.set(
        organization,
        (this.rules.get(organization) ?? []).filter((rule) => rule.id !== id),
      )
    }
  }

  rulesOf(organization: string | null): BreakerRule[] {
    return organization === null ? [...this.rules.values()].flat() : [...(this.rules.get(organization) ?? [])]
  }

  rows(organization: string | null): BreakerRow[] {
    return (organization === null ? this.statements.rows.all() : this.statements.rowsOf.all(organization)).map(rowOf)
  }

  /** Organizations with rows that say nothing any more. */
  toSweep(now: Millis): string[] {
    return this.statements.toSweep.all(now)
  }

  agents(organization: string | null): AgentState[] {
    return organization === null ? this.statements.agents.all() : this.statements.agentsOf.all(organization)
  }

  private addRule(rule: BreakerRule): void {
    this.rules.set(rule.organization, withBreaker(this.rules.get(rule.organization) ?? [], rule))
  }
}

/** The rows of a batch while they are being loaded. */
export interface LoadedBreakers {
  readonly rules: Map<string, readonly BreakerRule[]>
  readonly rows: Map<string, BreakerRow>
  readonly agents: Map<string, AgentState>
}

export function emptyBreakers(): LoadedBreakers {
  return { rules: new Map(), rows: new Map(), agents: new Map() }
}

function addRow(into: LoadedBreakers, row: BreakerRow): void {
  into.rows.set(breakerRowKey(row), row)
}

interface RuleColumns {
  readonly organization: string
  readonly body: string
}

interface RowColumns {
  readonly organization: string
  readonly breaker: string
  readonly value: string
  readonly part: string
  readonly expires_at: number
  readonly body: string
}

interface BreakerStatements {
  readonly breakers: Statement<[], RuleColumns>
  readonly putBreaker: Statement<[string, string, number, string]>
  readonly removeBreaker: Statement<[string, string]>
  readonly row: Statement<[string, string, string, string], RowColumns>
  readonly rows: Statement<[], RowColumns>
  readonly rowsOf: Statement<[string], RowColumns>
  readonly expired: Statement<[string, number, number], RowColumns>
  readonly toSweep: Statement<[number], string>
  readonly putRow: Statement<[string, string, string, string, number, string]>
  readonly removeRow: Statement<[string, string, string, string]>
  readonly removeRows: Statement<[string, string]>
  readonly agent: Statement<[string, string], AgentState>
  readonly agents: Statement<[], AgentState>
  readonly agentsOf: Statement<[string], AgentState>
  readonly putAgent: Statement<[string, string, AgentCondition, string | null, string | null, number]>
}

function prepareBreakers(database: Database): BreakerStatements {
  const rows = 'SELECT organization, breaker, value, part, expires_at, body FROM breaker_rows'
  const agents = 'SELECT organization, agent, state, reason, breaker, since FROM agent_states'
  const byRow = 'WHERE organization = ? AND breaker = ? AND value = ? AND part = ?'
  return {
    breakers: database.prepare('SELECT organization, body FROM breakers ORDER BY organization, created_at, id'),
    putBreaker: database.prepare('INSERT OR REPLACE INTO breakers VALUES (?, ?, ?, ?)'),
    removeBreaker: database.prepare('DELETE FROM breakers WHERE organization = ? AND id = ?'),
    row: database.prepare(`${rows} ${byRow}`),
    rows: database.prepare(`${rows} ORDER BY organization, breaker, value, part`),
    rowsOf: database.prepare(`${rows} WHERE organization = ? ORDER BY breaker, value, part`),
    expired: database.prepare(`${rows} WHERE organization = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?`),
    toSweep: database.prepare<[number], string>('SELECT DISTINCT organization FROM breaker_rows WHERE expires_at <= ?').pluck(),
    putRow: database.prepare('INSERT OR REPLACE INTO breaker_rows VALUES (?, ?, ?, ?, ?, ?)'),
    removeRow: database.prepare(`DELETE FROM breaker_rows ${byRow}`),
    removeRows: database.prepare('DELETE FROM breaker_rows WHERE organization = ? AND breaker = ?'),
    agent: database.prepare(`${agents} WHERE organization = ? AND agent = ?`),
    agents: database.prepare(`${agents} ORDER BY organization, agent`),
    agentsOf: database.prepare(`${agents} WHERE organization = ? ORDER BY agent`),
    putAgent: database.prepare('INSERT OR REPLACE INTO agent_states VALUES (?, ?, ?, ?, ?, ?)'),
  }
}

function rowOf({ organization, breaker, value, part, expires_at, body }: RowColumns): BreakerRow {
  return decodeBreakerRow({ organization, breaker, value, part, expiresAt: expires_at }, body)
}
