import type { AgentStanding, OrganizationStopped } from '@purser/contract'
import { formatInstant } from '../../kernel/index.ts'
import type { AgentState } from '../../ledger/index.ts'

/** The state of an agent in the spelling of the wire. */
export function agentAnswer({ organization, agent, state, since, reason, breaker }: AgentState): AgentStanding {
  return { organization_id: organization, agent_name: agent, state, since: formatInstant(since), reason, breaker_id: breaker }
}

export function stoppedAnswer({ organization, since, reason }: AgentState): OrganizationStopped {
  return { organization_id: organization, since: formatInstant(since), reason }
}
