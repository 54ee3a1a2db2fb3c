import { type AgentAnswer, type AgentStatesAnswer, listAgents, showAgent } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { EVERY_AGENT } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { agentAnswer, stoppedAnswer } from '../wire/agent-answer.ts'
import { openBreakers } from '../wire/breaker-answer.ts'

/** Agents whose state was changed, organizations that are stopped, and open breakers. The key of an agent sees itself alone. */
export const listAgentsOperation = implement(listAgents, async ({ services, caller }, query): Promise<Result<AgentStatesAnswer>> => {
  const scope = readScope(caller, query.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const { ledger } = services
  const now = services.now()
  const [states, rules, rows] = await Promise.all([
    ledger.agentStates(organization),
    ledger.breakers(organization),
    ledger.breakerRows(organization),
  ])
  const agents = states
    .filter(({ agent }) => agent !== EVERY_AGENT && (caller.agent === null || agent === caller.agent))
    .filter(({ state }) => query.state === undefined || state === query.state)
  const stopped = states.filter(({ agent, state }) => agent === EVERY_AGENT && state !== 'active')
  return ok({
    agents: agents.map(agentAnswer),
    stopped: stopped.map(stoppedAnswer),
    open_breakers: caller.agent === null ? rules.flatMap((rule) => openBreakers(rule, rows, now)) : [],
  })
})

/** The state of one agent. For the key of an agent there is no other. */
export const showAgentOperation = implement(showAgent, async ({ services, caller }, query): Promise<Result<AgentAnswer>> => {
  const organization = organizationOf(caller, query.organization_id)
  if (!organization.ok) return organization
  const named = ownAgent(caller, query.agent, '/agent')
  if (!named.ok) return named
  const states = await services.ledger.agentStates(organization.value)
  const own = states.find(({ agent }) => agent === query.agent && agent !== EVERY_AGENT)
  const whole = states.find(({ agent, state }) => agent === EVERY_AGENT && state !== 'active')
  const always = {
    organization_id: organization.value,
    agent_name: query.agent,
    state: 'active',
    since: null,
    reason: null,
    breaker_id: null,
  }
  return ok({
    ...(own === undefined ? always : agentAnswer(own)),
    organization_stopped: whole === undefined ? null : stoppedAnswer(whole),
  })
})
