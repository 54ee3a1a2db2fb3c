import type { Operation } from '../operation.ts'
import {
  pauseAgentOperation,
  resumeAgentOperation,
  resumeOrganizationOperation,
  stopAgentOperation,
  stopOrganizationOperation,
} from './change-agent.ts'
import { listAgentsOperation, showAgentOperation } from './list-agents.ts'

/** The states of agents, and the emergency stop. */
export const AGENT_OPERATIONS: readonly Operation[] = [
  listAgentsOperation,
  showAgentOperation,
  pauseAgentOperation,
  stopAgentOperation,
  resumeAgentOperation,
  stopOrganizationOperation,
  resumeOrganizationOperation,
]
