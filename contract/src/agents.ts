import { type Static, Type } from '@sinclair/typebox'
import type { OpenBreaker } from './breakers.ts'
import { Id, Name, Nullable, Time } from './scalars.ts'

const Reason = Type.String({ minLength: 1, maxLength: 256 })
const organization_id = Type.Optional(Nullable(Id))

export const AgentStatesQuery = Type.Object(
  {
    organization_id,
    state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('paused'), Type.Literal('stopped')])),
  },
  { $id: 'AgentStatesQuery', additionalProperties: false },
)

export const AgentQuery = Type.Object({ agent: Name, organization_id }, { $id: 'AgentQuery', additionalProperties: false })

const agent = {
  organization_id: Type.String(),
  agent_name: Type.String(),
  state: Type.String({ description: 'active, paused or stopped.' }),
  since: Nullable(Time),
  reason: Nullable(Type.String()),
  breaker_id: Nullable(Type.String({ description: 'The breaker that did it; null: somebody did.' })),
}

export const AgentStanding = Type.Object(agent, { $id: 'AgentStanding' })

/** All agents of an organization are stopped. */
export const OrganizationStopped = Type.Object(
  { organization_id: Type.String(), since: Time, reason: Nullable(Type.String()) },
  { $id: 'OrganizationStopped' },
)

export const AgentStatesAnswer = Type.Object(
  {
    agents: Type.Array(Type.Ref('AgentStanding'), { description: 'Agents whose state was ever changed; all others are active.' }),
    stopped: Type.Array(Type.Ref('OrganizationStopped'), { description: 'Organizations of which every agent is stopped.' }),
    open_breakers: Type.Array(Type.Ref('OpenBreaker')),
  },
  { $id: 'AgentStatesAnswer' },
)

export const AgentAnswer = Type.Object(
  { ...agent, organization_stopped: Nullable(Type.Ref('OrganizationStopped')) },
  { $id: 'AgentAnswer', description: 'An agent whose state was never changed is active since it began.' },
)

export const AgentChange = Type.Object(
  { agent: Name, reason: Type.Optional(Nullable(Reason)), organization_id },
  { $id: 'AgentChange', additionalProperties: false },
)

export const AgentStop = Type.Object({ agent: Name, reason: Reason, organization_id }, { $id: 'AgentStop', additionalProperties: false })

export const AgentChanged = Type.Object(
  {
    ...agent,
    previous_state: Type.String(),
    changed: Type.Boolean({ description: 'False where the agent was in that state already; its reason may be another now.' }),
  },
  { $id: 'AgentChanged' },
)

export const OrganizationChange = Type.Object(
  { reason: Reason, organization_id },
  { $id: 'OrganizationChange', additionalProperties: false },
)

export const OrganizationChanged = Type.Object(
  {
    organization_id: Type.String(),
    state: Type.String(),
    since: Time,
    reason: Nullable(Type.String()),
    previous_state: Type.String(),
    changed: Type.Boolean(),
  },
  { $id: 'OrganizationChanged' },
)

export type AgentStanding = Static<typeof AgentStanding>
export type OrganizationStopped = Static<typeof OrganizationStopped>
export type AgentStatesAnswer = { agents: AgentStanding[]; stopped: OrganizationStopped[]; open_breakers: OpenBreaker[] }
export type AgentAnswer = AgentStanding & { organization_stopped: OrganizationStopped | null }
export type AgentChanged = Static<typeof AgentChanged>
export type OrganizationChanged = Static<typeof OrganizationChanged>
