import type { Millis } from '../../kernel/index.ts'

/**
 * `active` works. `paused` is a breather, made by breakers and people, which anybody who manages may end without a word. `stopped` stands until an
 * operator ends it and says why; no breaker changes it.
 */
export const AGENT_STATES = ['active', 'paused', 'stopped'] as const
export type AgentCondition = (typeof AGENT_STATES)[number]

/** In place of an agent: all agents of the organization, whatever they are called. */
export const EVERY_AGENT = '*'

/** An agent changes its state. */
export interface AgentChange {
  /** Of this change. */
  readonly id: string
  /** Name of the agent, or `EVERY_AGENT`. */
  readonly agent: string
  readonly state: AgentCondition
  readonly reason: string | null
  /** The breaker that did it; null: somebody did. */
  readonly breaker: string | null
  readonly at: Millis
}

/** The state an agent is in, and since when. */
export interface AgentState {
  readonly organization: string
  readonly agent: string
  readonly state: AgentCondition
  readonly reason: string | null
  readonly breaker: string | null
  readonly since: Millis
}

/** Names one agent. */
export type AgentKey = Pick<AgentState, 'organization' | 'agent'>

/** What a change makes of what was before: the same state again keeps its beginning, and says the newer reason. */
export function agentAfter(organization: string, before: AgentState | undefined, change: AgentChange): AgentState {
  const { agent, state, reason, breaker, at } = change
  return { organization, agent, state, reason, breaker, since: before?.state === state ? before.since : at }
}
