import {
  AgentAnswer,
  AgentChange,
  AgentChanged,
  AgentQuery,
  AgentStatesAnswer,
  AgentStatesQuery,
  AgentStop,
  OrganizationChange,
  OrganizationChanged,
} from '../agents.ts'
import { BreakerRemove, BreakerRemoved, BreakerSet, BreakersAnswer, BreakersQuery, BreakerWasSet } from '../breakers.ts'
import { endpoint } from './endpoint.ts'

const family = 'Breakers and agents'

export const setBreaker = endpoint({
  operation: 'set_breaker',
  method: 'PUT',
  path: '/v1/finops/breakers',
  input: BreakerSet,
  answer: BreakerWasSet,
  permission: 'manage',
  family,
  summary: 'Set a limit on velocity or repetition',
  description:
    'It knows what happens from now on. The same dimension, value, measure, window and action name the same breaker; it is then changed.',
  example: {
    input: {
      organization_id: 'org_789',
      dimension: 'agent',
      measure: 'repeats',
      limit: 5,
      window_seconds: 60,
      action: 'block',
      cooldown_seconds: 300,
    },
  },
})

export const listBreakers = endpoint({
  operation: 'list_breakers',
  method: 'GET',
  path: '/v1/finops/breakers',
  input: BreakersQuery,
  answer: BreakersAnswer,
  permission: 'read',
  family,
  summary: 'Breakers, and which of them are open',
  example: { input: { measure: 'repeats' } },
})

export const removeBreaker = endpoint({
  operation: 'remove_breaker',
  method: 'POST',
  path: '/v1/finops/breakers/{breaker_id}/remove',
  input: BreakerRemove,
  answer: BreakerRemoved,
  permission: 'manage',
  family,
  summary: 'Remove a breaker',
  description: 'Agents that it paused stay paused.',
  example: { input: { breaker_id: 'breaker_1' } },
})

export const listAgents = endpoint({
  operation: 'list_agents',
  method: 'GET',
  path: '/v1/finops/agents',
  input: AgentStatesQuery,
  answer: AgentStatesAnswer,
  permission: 'read',
  family,
  summary: 'Agents that are paused or stopped, why and since when, and open breakers',
  example: { input: { state: 'paused' } },
})

export const showAgent = endpoint({
  operation: 'show_agent',
  method: 'GET',
  path: '/v1/finops/agents/{agent}',
  input: AgentQuery,
  answer: AgentAnswer,
  permission: 'report',
  family,
  summary: 'The state of one agent',
  description: 'Also for the key of an agent, which sees itself.',
  example: { input: { agent: 'researcher' } },
})

export const pauseAgent = endpoint({
  operation: 'pause_agent',
  method: 'POST',
  path: '/v1/finops/agents/{agent}/pause',
  input: AgentChange,
  answer: AgentChanged,
  permission: 'manage',
  family,
  summary: 'Pause an agent: its next call is refused',
  description: 'What breakers do as well. Calls that were authorized before may be made and settled.',
  example: { input: { agent: 'researcher', reason: 'looks odd' } },
})

export const stopAgent = endpoint({
  operation: 'stop_agent',
  method: 'POST',
  path: '/v1/finops/agents/{agent}/stop',
  input: AgentStop,
  answer: AgentChanged,
  permission: 'manage',
  family,
  summary: 'Stop an agent until an operator resumes it and says why',
  example: { input: { agent: 'researcher', reason: 'its key has leaked' } },
})

export const resumeAgent = endpoint({
  operation: 'resume_agent',
  method: 'POST',
  path: '/v1/finops/agents/{agent}/resume',
  input: AgentChange,
  answer: AgentChanged,
  permission: 'manage',
  family,
  summary: 'Let an agent work again',
  description: 'Of one that is stopped, the reason must be given.',
  example: { input: { agent: 'researcher', reason: 'new key' } },
})

export const stopOrganization = endpoint({
  operation: 'stop_organization',
  method: 'POST',
  path: '/v1/finops/stop',
  input: OrganizationChange,
  answer: OrganizationChanged,
  permission: 'manage',
  family,
  summary: 'Emergency stop: every call of every agent of an organization is refused',
  description: 'Calls that were authorized before may be made and settled. The states of its agents stay as they are beneath it.',
  example: { input: { organization_id: 'org_789', reason: 'costs out of hand' } },
})

export const resumeOrganization = endpoint({
  operation: 'resume_organization',
  method: 'POST',
  path: '/v1/finops/resume',
  input: OrganizationChange,
  answer: OrganizationChanged,
  permission: 'manage',
  family,
  summary: 'End the emergency stop',
  description: 'Agents that are paused or stopped by themselves stay so.',
  example: { input: { organization_id: 'org_789', reason: 'found the cause' } },
})

export const BREAKERS = [
  setBreaker,
  listBreakers,
  removeBreaker,
  listAgents,
  showAgent,
  pauseAgent,
  stopAgent,
  resumeAgent,
  stopOrganization,
  resumeOrganization,
] as const
