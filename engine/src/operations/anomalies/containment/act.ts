import { anomalyAlert, routed } from '../../../alerts/index.ts'
import { picos, type Result } from '../../../kernel/index.ts'
import { type BreakerRule, EVERY_AGENT, type Posted, type RecordCommand } from '../../../ledger/index.ts'
import type { Services } from '../../context.ts'
import { breakerAnswer } from '../../wire/breaker-answer.ts'
import type { KnownEpisode } from './kept.ts'

export type ActingServices = Pick<Services, 'now' | 'committer' | 'ledger' | 'alerts' | 'dispatcher'>

/** Who did it, in the audit. */
const ACTOR = 'anomaly'
const HOUR_MS = 3_600_000

/**
 * Does what a rule says about an episode. Every step has an id made of the episode, so that doing it again, on this node or another, changes nothing: an
 * alert is written once, and an agent that somebody has resumed meanwhile is not paused again.
 */
export async function act(services: ActingServices, episode: KnownEpisode): Promise<void> {
  if (episode.agent !== null && episode.action === 'pause') await pause(services, episode, episode.agent)
  if (episode.agent !== null && episode.action === 'throttle') await throttle(services, episode, episode.agent)
  await tell(services, episode)
}

async function tell({ alerts, dispatcher }: ActingServices, episode: KnownEpisode): Promise<void> {
  const { organization, anomaly, actedAt, agent, title, text, facts } = episode
  const webhooks = await alerts.webhooks(organization)
  await alerts.tell(routed([anomalyAlert({ organization, anomaly, at: actedAt, agent, title, text, facts })], webhooks, actedAt))
  dispatcher.wake()
}

async function pause(services: ActingServices, episode: KnownEpisode, agent: string): Promise<void> {
  const { organization, anomaly, times, actedAt, title } = episode
  const states = await services.ledger.agentStates(organization)
  const before = states.find((state) => state.agent === agent && agent !== EVERY_AGENT)
  // Whoever is paused or stopped already needs no second reason, and stays as long as was meant.
  if (before !== undefined && before.state !== 'active') return
  const reason = `anomaly: ${title}; when that is settled: purser agents resume ${agent}`.slice(0, REASON_CHARS)
  await post(services, {
    kind: 'record',
    organization,
    recordedAt: actedAt,
    event: { kind: 'agent_state', change: { id: `${anomaly}:${times}`, agent, state: 'paused', reason, breaker: null, at: actedAt } },
    audit: audited(
      episode,
      'pause_agent',
      agent,
      JSON.stringify({ state: 'active' }),
      JSON.stringify({ state: 'paused', reason, anomaly }),
    ),
  })
}

const REASON_CHARS = 500

async function throttle(services: ActingServices, episode: KnownEpisode, agent: string): Promise<void> {
  const { organization, anomaly, times, actedAt, limitPicos } = episode
  if (limitPicos === null) return
  const rule: BreakerRule = {
    organization,
    id: throttleId(episode),
    name: `anomaly of ${agent}: twice its busiest usual hour`,
    dimension: 'agent',
    value: agent,
    measure: 'cost',
    limit: picos(BigInt(limitPicos)),
    ...{ windowMs: HOUR_MS, action: 'throttle', cooldownMs: 0, createdAt: actedAt },
  }
  const after = JSON.stringify({ ...breakerAnswer(rule), anomaly })
  await post(services, {
    kind: 'record',
    organization,
    recordedAt: actedAt,
    event: { kind: 'breaker_set', setting: { id: `${anomaly}:${times}`, rule } },
    audit: audited(episode, 'set_breaker', rule.id, null, after),
  })
}

/** What was done ends with the episode, but for a pause: that somebody ends who has looked at it. */
export async function release(services: ActingServices, episode: KnownEpisode): Promise<void> {
  if (episode.action !== 'throttle') return
  const rules = await services.ledger.breakers(episode.organization)
  const rule = rules.find(({ id }) => id === throttleId(episode))
  if (rule === undefined) return
  const at = services.now()
  await post(services, {
    kind: 'record',
    organization: episode.organization,
    recordedAt: at,
    event: { kind: 'breaker_remove', removal: { id: rule.id, at } },
    audit: { ...audited(episode, 'remove_breaker', rule.id, JSON.stringify(breakerAnswer(rule)), null), at },
  })
}

function throttleId({ anomaly, times }: KnownEpisode): string {
  return `throttle_${anomaly}_${times}`
}

function audited({ organization, actedAt: at }: KnownEpisode, action: string, target: string, before: string | null, after: string | null) {
  return { at, organization, actor: ACTOR, action, target, before, after }
}

/** What is refused because it stands already, or was taken away by somebody, is done; what could not be committed is tried again. */
async function post({ committer }: ActingServices, command: RecordCommand): Promise<void> {
  const posted: Result<Posted> = await committer.submit(command)
  if (!posted.ok && (posted.error.code === 'unavailable' || posted.error.code === 'overloaded')) throw new Error(posted.error.detail)
}
