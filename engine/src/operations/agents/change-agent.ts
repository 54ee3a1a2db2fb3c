import {
  type AgentChanged,
  type OrganizationChanged,
  pauseAgent,
  resumeAgent,
  resumeOrganization,
  stopAgent,
  stopOrganization,
} from '@purser/contract'
import { assert, fail, formatInstant, ok, type Result, refusal } from '../../kernel/index.ts'
import { type AgentCondition, type AgentState, EVERY_AGENT, type RecordCommand } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Context, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { agentAnswer } from '../wire/agent-answer.ts'

/** Pauses an agent: its next call is refused. One that is stopped stays so. Audited, as all of these. */
export const pauseAgentOperation = implement(pauseAgent, (context, input) => changeAgent(context, input, 'paused'))

/** Stops an agent until an operator resumes it. */
export const stopAgentOperation = implement(stopAgent, (context, input) => changeAgent(context, input, 'stopped'))

/** Lets an agent work again; of one that is stopped it must be said why. */
export const resumeAgentOperation = implement(resumeAgent, (context, input) => changeAgent(context, input, 'active'))

/** The emergency stop of an organization. */
export const stopOrganizationOperation = implement(stopOrganization, (context, input) => changeOrganization(context, input, 'stopped'))

export const resumeOrganizationOperation = implement(resumeOrganization, (context, input) => changeOrganization(context, input, 'active'))

interface Asked {
  readonly reason?: string | null
  readonly organization_id?: string | null
}

async function changeAgent(
  { services, caller }: Context,
  input: Asked & { readonly agent: string },
  to: AgentCondition,
): Promise<Result<AgentChanged>> {
  const { agent } = input
  if (agent === EVERY_AGENT) {
    return fail(
      refusal('invalid_field', 'an agent has a name; for all of them use /v1/finops/stop and /v1/finops/resume', { path: '/agent' }),
    )
  }
  const changed = await change(services, caller, input, agent, to)
  if (!changed.ok) return changed
  const { before, after } = changed.value
  return ok({ ...agentAnswer(after), previous_state: before?.state ?? 'active', changed: (before?.state ?? 'active') !== after.state })
}

async function changeOrganization({ services, caller }: Context, input: Asked, to: AgentCondition): Promise<Result<OrganizationChanged>> {
  const changed = await change(services, caller, input, EVERY_AGENT, to)
  if (!changed.ok) return changed
  const { before, after } = changed.value
  const { organization, state, since, reason } = after
  const previous = before?.state ?? 'active'
  return ok({
    organization_id: organization,
    state,
    since: formatInstant(since),
    reason,
    previous_state: previous,
    changed: previous !== state,
  })
}

interface Changed {
  readonly before: AgentState | null
  readonly after: AgentState
}

async function change(services: Services, caller: Caller, input: Asked, agent: string, to: AgentCondition): Promise<Result<Changed>> {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  if (caller.agent !== null) {
    return fail(
      refusal('forbidden', 'the key of an agent changes the state of no agent, its own included', { facts: { agent: caller.agent } }),
    )
  }
  const before = await stateOf(services, organization.value, agent)
  const reason = input.reason ?? null
  if (to === 'active' && before?.state === 'stopped' && reason === null) {
    return fail(refusal('missing_field', `"${agent}" is stopped: say why it is resumed`, { path: '/reason' }))
  }
  const now = services.now()
  const verb = to === 'active' ? 'resume' : to === 'paused' ? 'pause' : 'stop'
  const command: RecordCommand = {
    kind: 'record',
    organization: organization.value,
    recordedAt: now,
    event: { kind: 'agent_state', change: { id: services.newId(), agent, state: to, reason, breaker: null, at: now } },
    audit: {
      at: now,
      organization: organization.value,
      actor: caller.actor,
      action: agent === EVERY_AGENT ? `${verb}_organization` : `${verb}_agent`,
      target: agent === EVERY_AGENT ? organization.value : agent,
      before: JSON.stringify({ state: before?.state ?? 'active', reason: before?.reason ?? null }),
      after: JSON.stringify({ state: to, reason }),
    },
  }
  const posted = await services.committer.submit(command)
  if (!posted.ok) return posted
  const after = await stateOf(services, organization.value, agent)
  assert(after !== null, 'an agent whose state was changed has one')
  return ok({ before, after })
}

async function stateOf({ ledger }: Services, organization: string, name: string): Promise<AgentState | null> {
  return (await ledger.agentStates(organization)).find(({ agent }) => agent === name) ?? null
}
