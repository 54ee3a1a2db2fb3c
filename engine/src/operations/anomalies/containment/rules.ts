import {
  type AnomalyRule as AnomalyRuleAnswer,
  type AnomalyRuleRemoved,
  type AnomalyRulesAnswer,
  listAnomalyRules,
  removeAnomalyRule,
  setAnomalyRule,
} from '@purser/contract'
import { fail, formatInstant, isZone, ok, type Result, refusal } from '../../../kernel/index.ts'
import { organizationOf, readScope } from '../../authority/scope.ts'
import type { Caller, Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { timeText } from '../../wire/measures-answer.ts'
import { type AnomalyRule, bodyOf, EPISODE_KIND, episodeOf, type KnownEpisode, RULE_KIND, ruleKey, ruleOf } from './kept.ts'
import { endEpisodes } from './watch.ts'

/** Below it there is too much that is only unusual. */
const SEVERITY = 'medium'

/** Says what is done about anomalies of an agent, or of all that have no rule of their own. Audited. */
export const setAnomalyRuleOperation = implement(
  setAnomalyRule,
  async ({ services, caller }, input): Promise<Result<AnomalyRuleAnswer>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    if (caller.agent !== null) return fail(notForAgents(caller))
    const zone = input.zone ?? 'UTC'
    if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
    const setAt = services.now()
    const rule: AnomalyRule = {
      ...{ organization: organization.value, agent: input.agent ?? null, action: input.action, zone, setAt },
      ...{ severityMin: input.severity_min ?? SEVERITY, excessUsdMin: input.excess_usd_min ?? null },
    }
    const key = ruleKey(rule.organization, rule.agent)
    const before = await services.documents.document(key)
    const change = { ...key, at: setAt, body: bodyOf(rule), basedOn: null }
    await services.documents.putDocuments(
      [change],
      [audited(services, caller, rule, 'set_anomaly_rule', before?.body ?? null, change.body)],
    )
    return ok(ruleAnswer(rule))
  },
)

export const listAnomalyRulesOperation = implement(
  listAnomalyRules,
  async ({ services, caller }, input): Promise<Result<AnomalyRulesAnswer>> => {
    const scope = readScope(caller, input.organization_id)
    if (!scope.ok) return scope
    const organization = 'organization' in scope.value ? scope.value.organization : null
    const isOwn = (agent: string | null): boolean => caller.agent === null || agent === null || agent === caller.agent
    const [rules, episodes] = await Promise.all([
      services.documents.documents(organization, { kind: RULE_KIND }),
      services.documents.documents(organization, { kind: EPISODE_KIND, descending: true }),
    ])
    return ok({
      rules: rules
        .map(ruleOf)
        .filter(({ agent }) => isOwn(agent))
        .map(ruleAnswer),
      episodes: episodes
        .map(episodeOf)
        .filter(({ agent }) => agent !== null && isOwn(agent))
        .map(episodeAnswer),
    })
  },
)

/** Takes a rule away, and ends the throttles that it has set; what is paused stays so until it is resumed. Audited. */
export const removeAnomalyRuleOperation = implement(
  removeAnomalyRule,
  async ({ services, caller }, input): Promise<Result<AnomalyRuleRemoved>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    if (caller.agent !== null) return fail(notForAgents(caller))
    const agent = input.agent ?? null
    const key = ruleKey(organization.value, agent)
    const kept = await services.documents.document(key)
    if (kept === null) {
      const whom = agent === null ? 'all agents' : `agent "${agent}"`
      return fail(refusal('not_found', `there is no rule about anomalies of ${whom} here`, { path: '/agent' }))
    }
    const rule = ruleOf(kept)
    await services.documents.putDocuments(
      [{ ...key, at: kept.at, body: null, basedOn: null }],
      [audited(services, caller, rule, 'remove_anomaly_rule', kept.body, null)],
    )
    const others = (await services.documents.documents(organization.value, { kind: RULE_KIND })).map(ruleOf)
    const isStillRuled = (name: string | null): boolean => others.some((other) => other.agent === null || other.agent === name)
    await endEpisodes(services, organization.value, (name) => !isStillRuled(name))
    return ok({ organization_id: organization.value, agent, removed: true })
  },
)

function notForAgents({ agent }: Caller): ReturnType<typeof refusal> {
  return refusal('forbidden', 'the key of an agent changes no rule about anomalies, its own included', { facts: { agent } })
}

function audited(
  { now }: Pick<Services, 'now'>,
  { actor }: Caller,
  { organization, agent }: AnomalyRule,
  action: string,
  before: string | null,
  after: string | null,
) {
  return { at: now(), organization, actor, action, target: agent ?? organization, before, after }
}

function ruleAnswer({ organization, agent, action, severityMin, excessUsdMin, zone, setAt }: AnomalyRule): AnomalyRuleAnswer {
  return {
    organization_id: organization,
    ...{ agent, action, severity_min: severityMin, excess_usd_min: excessUsdMin, zone, set_at: formatInstant(setAt) },
  }
}

function episodeAnswer(episode: KnownEpisode): AnomalyRulesAnswer['episodes'][number] {
  const { organization, agent, anomaly, since, severity, action, actedAt, overAt } = episode
  return {
    organization_id: organization,
    agent: agent ?? '',
    anomaly_id: anomaly,
    since: formatInstant(since),
    ...{ severity, action, acted_at: formatInstant(actedAt), over_at: timeText(overAt) },
    what: whatWasDone(episode),
  }
}

function whatWasDone({ agent, action, overAt, text, limitPicos }: KnownEpisode): string {
  if (action === 'pause') return `${text} The agent was paused; purser agents resume ${agent ?? ''} ends that.`
  if (action === 'alert' || limitPicos === null) return `${text} Webhooks were told.`
  return `${text} ${overAt === null ? 'The agent is throttled to twice its busiest usual hour until this is over.' : 'The throttle has ended with it.'}`
}
