import { fail, formatInstant, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import type { Trip } from '../breaker/rule.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { Posted, RecordCommand } from '../records.ts'
import { rowKey } from '../row-keys.ts'
import { type AgentChange, type AgentState, agentAfter, EVERY_AGENT } from './state.ts'

/** Changes the state of an agent, or of all of them. Again is a repetition. Refuses `agent_stopped` for pausing one that is stopped. */
export function recordAgentState(draft: Draft, command: RecordCommand, event: { readonly change: AgentChange }): Result<Posted> {
  const { organization } = command
  const { change } = event
  const first = postedIn(draft, organization, 'agent_state', change.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const before = agentIn(draft, organization, change.agent)
  if (change.state === 'paused' && before?.state === 'stopped') return fail(notActive(before))
  draft.breakers.agents.set(rowKey(organization, change.agent), agentAfter(organization, before, change))
  return post(draft, command, { kind: 'agent_state', change })
}

/** The state of an agent as the batch has left it; undefined: it was never changed. What is read here is what has to be loaded. */
function agentIn({ breakers, loaded }: Draft, organization: string, agent: string): AgentState | undefined {
  const key = rowKey(organization, agent)
  breakers.agentsRead.set(key, { organization, agent })
  return breakers.agents.get(key) ?? loaded.breakers.agents.get(key)
}

/** Why an agent may not begin a call: it, or the whole organization, is paused or stopped. Null when it may. */
export function agentRefusal(draft: Draft, organization: string, agent: string | null): Refusal | null {
  for (const name of [EVERY_AGENT, ...(agent === null ? [] : [agent])]) {
    const state = agentIn(draft, organization, name)
    if (state !== undefined && state.state !== 'active') return notActive(state)
  }
  return null
}

/** Pauses the agents of breakers that have opened, in the transaction in which they did. The change has an entry and a line in the audit of its own. */
export function pauseTripped(draft: Draft, command: RecordCommand, posted: Result<Posted>, trips: readonly Trip[]): Result<Posted> {
  if (!posted.ok) return posted
  for (const trip of trips) {
    if (trip.action !== 'pause' || trip.agent === null || !isActive(draft, command.organization, trip.agent)) continue
    pause(draft, command, trip, trip.agent, posted.value.entry.seq)
  }
  return posted
}

export function isActive(draft: Draft, organization: string, agent: string): boolean {
  return (agentIn(draft, organization, agent)?.state ?? 'active') === 'active'
}

function pause(draft: Draft, { kind, organization, recordedAt }: RecordCommand, trip: Trip, agent: string, seq: number): void {
  const change: AgentChange = {
    // No id can be drawn here; a breaker pauses an agent once for an entry.
    id: `${trip.breaker}@${seq}`,
    agent,
    state: 'paused',
    reason: `the breaker on ${trip.measure} has opened`,
    breaker: trip.breaker,
    at: recordedAt,
  }
  const before = agentIn(draft, organization, agent)
  const audit = {
    at: recordedAt,
    organization,
    actor: `breaker ${trip.breaker}`,
    action: 'pause_agent',
    target: agent,
    before: JSON.stringify({ state: before?.state ?? 'active' }),
    after: JSON.stringify({ state: change.state, reason: change.reason }),
  }
  const outcome = recordAgentState(draft, { kind, organization, recordedAt, event: { kind: 'agent_state', change } }, { change })
  if (outcome.ok) draft.audits.push(audit)
}

function notActive({ organization, agent, state, reason, breaker, since }: AgentState): Refusal {
  const whole = agent === EVERY_AGENT
  const who = whole ? `organization "${organization}" is ${state} for all its agents` : `agent "${agent}" is ${state}`
  const why = `${breaker === null ? '' : ` by breaker "${breaker}"`}${reason === null ? '' : `: ${reason}`}`
  const resume = state === 'stopped' ? 'an operator must resume it and say why' : 'anybody who manages the organization can resume it'
  return refusal(state === 'stopped' ? 'agent_stopped' : 'agent_paused', `${who} since ${formatInstant(since)}${why}; ${resume}`, {
    path: '/agent_name',
    facts: { agent_name: whole ? null : agent, organization_wide: whole, state, since: formatInstant(since), reason, breaker_id: breaker },
  })
}
