import type { AgentKey, AgentState } from '../agent/state.ts'
import type { Draft } from '../draft.ts'
import { rowKey } from '../row-keys.ts'
import { type BreakerMatch, breakerRowKey } from './matching.ts'
import type { BreakerKey, BreakerRow, BreakerRule } from './rule.ts'
import { emptyRow } from './window.ts'

/** Breakers, what they have seen, and the states of agents, as they were loaded. */
export interface BreakerState {
  /** By organization, in the order of their creation. */
  readonly rules: ReadonlyMap<string, readonly BreakerRule[]>
  /** By `breakerRowKey`. */
  readonly rows: ReadonlyMap<string, BreakerRow>
  /** By `rowKey(organization, agent)`; an agent that is not there has always been active. */
  readonly agents: ReadonlyMap<string, AgentState>
}

/** The rows of breakers and agents that a batch needs. The rules come with the budgets of an organization. */
export interface BreakersTouched {
  readonly rows: readonly BreakerKey[]
  readonly agents: readonly AgentKey[]
  /** Organizations of which the rows are needed that say nothing any more at a time. */
  readonly expired: readonly { readonly organization: string; readonly at: number }[]
}

/** What a batch changes of them. */
export interface BreakerChanges {
  readonly rules: readonly BreakerRule[]
  /** Breakers that are gone, with their rows. */
  readonly removed: readonly { readonly organization: string; readonly id: string }[]
  readonly rows: readonly BreakerRow[]
  readonly rowsRemoved: readonly BreakerKey[]
  readonly agents: readonly AgentState[]
}

export const NO_BREAKERS: BreakerState = { rules: new Map(), rows: new Map(), agents: new Map() }
export const NO_BREAKERS_TOUCHED: BreakersTouched = { rows: [], agents: [], expired: [] }
const NO_BREAKER_CHANGES: BreakerChanges = { rules: [], removed: [], rows: [], rowsRemoved: [], agents: [] }

/** The part of a draft that is about breakers and agents. */
export interface BreakerDraft {
  readonly rules: Map<string, readonly BreakerRule[]>
  /** Breakers of this batch that were set, by `rowKey`; null: removed. */
  readonly set: Map<string, { readonly organization: string; readonly id: string; readonly rule: BreakerRule | null }>
  /** Null: forgotten. */
  readonly rows: Map<string, { readonly key: BreakerKey; readonly row: BreakerRow | null }>
  readonly agents: Map<string, AgentState>
  readonly rowsRead: Map<string, BreakerKey>
  readonly agentsRead: Map<string, AgentKey>
}

export function breakerDraft(): BreakerDraft {
  return { rules: new Map(), set: new Map(), rows: new Map(), agents: new Map(), rowsRead: new Map(), agentsRead: new Map() }
}

/** As `forkOf` of the draft: what was read stays known to both. */
export function forkOfBreakers({ rules, set, rows, agents, ...read }: BreakerDraft): BreakerDraft {
  return { rules: new Map(rules), set: new Map(set), rows: new Map(rows), agents: new Map(agents), ...read }
}

export function breakersIn({ breakers, loaded }: Draft, organization: string): readonly BreakerRule[] {
  return breakers.rules.get(organization) ?? loaded.breakers.rules.get(organization) ?? NO_RULES
}

const NO_RULES: readonly BreakerRule[] = []

export function putBreaker(draft: Draft, rule: BreakerRule): void {
  const { organization, id } = rule
  const rules = breakersIn(draft, organization)
  draft.breakers.rules.set(organization, withBreaker(rules, rule))
  draft.breakers.set.set(rowKey(organization, id), { organization, id, rule })
}

/** Rules with one more, or another in place of the one of its id, in the order of their creation: an agent is paused by the first that opens. */
export function withBreaker(rules: readonly BreakerRule[], rule: BreakerRule): readonly BreakerRule[] {
  return [...rules.filter(({ id }) => id !== rule.id), rule].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

export function removeBreaker(draft: Draft, { organization, id }: BreakerRule): void {
  const { breakers } = draft
  breakers.rules.set(
    organization,
    breakersIn(draft, organization).filter((other) => other.id !== id),
  )
  breakers.set.set(rowKey(organization, id), { organization, id, rule: null })
  for (const [text, { key }] of breakers.rows) if (key.organization === organization && key.breaker === id) breakers.rows.delete(text)
}

/** What a breaker has seen, as the batch has left it. What is read here is what has to be loaded. */
export function breakerRowIn({ breakers, loaded }: Draft, { key }: BreakerMatch): BreakerRow {
  const text = breakerRowKey(key)
  breakers.rowsRead.set(text, key)
  const changed = breakers.rows.get(text)
  return (changed === undefined ? loaded.breakers.rows.get(text) : changed.row) ?? emptyRow(key)
}

/** Keeps a row while it says anything. */
export function putBreakerRow({ breakers }: Draft, row: BreakerRow): void {
  const { organization, breaker, value, part } = row
  const key = { organization, breaker, value, part }
  const says = row.steps.length > 0 || (row.openUntil !== null && row.openUntil > row.latest)
  breakers.rows.set(breakerRowKey(key), { key, row: says ? row : null })
}

/** Forgets the rows of an organization that say nothing any more at a time. */
export function forgetRows({ breakers, loaded }: Draft, organization: string, at: number): void {
  const candidates = [...loaded.breakers.rows.values(), ...[...breakers.rows.values()].map(({ row }) => row)]
  for (const row of candidates) {
    if (row === null || row.organization !== organization) continue
    const text = breakerRowKey(row)
    const changed = breakers.rows.get(text)
    const now = changed === undefined ? row : changed.row
    if (now === null || now.expiresAt > at) continue
    breakers.rows.set(text, { key: keyOf(row), row: null })
  }
}

function keyOf({ organization, breaker, value, part }: BreakerRow): BreakerKey {
  return { organization, breaker, value, part }
}

/** What the batch changes. */
export function breakerChanges({ breakers, loaded }: Draft): BreakerChanges {
  const { set, rows, agents } = breakers
  if (set.size + rows.size + agents.size === 0) return NO_BREAKER_CHANGES
  const settings = [...set.values()]
  const known = (organization: string, id: string) => loaded.breakers.rules.get(organization)?.some((rule) => rule.id === id) === true
  return {
    rules: settings.map(({ rule }) => rule).filter((rule) => rule !== null),
    removed: settings.flatMap(({ organization, id, rule }) => (rule === null && known(organization, id) ? [{ organization, id }] : [])),
    rows: [...rows.values()].map(({ row }) => row).filter((row) => row !== null),
    rowsRemoved: [...rows].flatMap(([text, { key, row }]) => (row === null && loaded.breakers.rows.has(text) ? [key] : [])),
    agents: [...agents.values()],
  }
}
