import type { JournalEntry } from '../records.ts'
import { rowKey } from '../row-keys.ts'
import { type AgentState, agentAfter } from './state.ts'

/** Adds the next entry of the journal to the states that it makes, by `rowKey(organization, agent)`. */
export function tallyAgents(so: Map<string, AgentState>, { organization, event }: JournalEntry): void {
  if (event.kind !== 'agent_state') return
  const key = rowKey(organization, event.change.agent)
  so.set(key, agentAfter(organization, so.get(key), event.change))
}

/** A state that is not what the journal makes it; null: there is none on that side. */
export interface AgentDifference {
  readonly journal: AgentState | null
  readonly stored: AgentState | null
}

/** Compares the stored states with the journal's, both ways; empty when they agree. */
export function agentDifferences(of: ReadonlyMap<string, AgentState>, stored: readonly AgentState[]): AgentDifference[] {
  const differences: AgentDifference[] = []
  const seen = new Set<string>()
  for (const state of stored) {
    const key = rowKey(state.organization, state.agent)
    seen.add(key)
    const journal = of.get(key) ?? null
    if (journal === null || !same(journal, state)) differences.push({ journal, stored: state })
  }
  for (const [key, journal] of of) if (!seen.has(key)) differences.push({ journal, stored: null })
  return differences
}

function same(a: AgentState, b: AgentState): boolean {
  return a.state === b.state && a.reason === b.reason && a.breaker === b.breaker && a.since === b.since
}
