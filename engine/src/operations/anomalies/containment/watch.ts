import type { Anomaly } from '../../../insights/index.ts'
import { findAnomalies, learnedBaselines } from '../../../insights/index.ts'
import type { StoredDocument } from '../../../ledger/index.ts'
import type { Services } from '../../context.ts'
import { anomalyId, excessUsdOf } from '../anomaly-answer.ts'
import { breathe, SUBJECTS_MAX } from '../find-anomalies.ts'
import { type ActingServices, act, release } from './act.ts'
import { type AnomalyRule, bodyOf, EPISODE_KIND, episodeKey, episodeOf, isAtLeast, type KnownEpisode, RULE_KIND, ruleOf } from './kept.ts'
import { wordsOf } from './words.ts'

export type WatchServices = ActingServices & Pick<Services, 'documents' | 'calls' | 'rates'>

/**
 * Looks once at the organizations that have a rule, and does what their rules say about what goes on now. Where nobody has a rule this is one look into
 * the documents and nothing else. Any number of nodes may watch: an episode is taken by the one that writes it, and what is done has ids made of it. A node
 * that dies in between leaves it undone, and the next look does it. Returns how many episodes were acted on.
 */
export async function watchAnomalies(services: WatchServices): Promise<number> {
  const rules = (await services.documents.documents(null, { kind: RULE_KIND })).map(ruleOf)
  const faults: unknown[] = []
  let acted = 0
  for (const organization of new Set(rules.map((rule) => rule.organization))) {
    const own = rules.filter((rule) => rule.organization === organization)
    for (const zone of new Set(own.map((rule) => rule.zone))) {
      // What fails for one organization is no reason to leave the others unwatched; it is tried again at the next look.
      acted += await watchOrganization(services, own, organization, zone).catch((fault) => {
        faults.push(fault)
        return 0
      })
    }
  }
  if (faults.length > 0) throw faults[0]
  return acted
}

/** What goes on among the agents whose rule says this zone. */
async function watchOrganization(
  services: WatchServices,
  rules: readonly AnomalyRule[],
  organization: string,
  zone: string,
): Promise<number> {
  const asked = {
    ...({ scope: { organization }, atLeast: services.committer.head(), groupBy: 'agent', zone, now: services.now() } as const),
    ...({ period: null, direction: 'up', subjectsMax: SUBJECTS_MAX, breathe } as const),
    ...(rules.some(({ agent }) => agent === null) ? {} : { where: [{ dimension: 'agent', in: rules.map(({ agent }) => agent) } as const] }),
  }
  const found = await findAnomalies(services.calls, asked)
  const known = (await services.documents.documents(organization, { kind: EPISODE_KIND })).map((document) => ({
    document,
    episode: episodeOf(document),
  }))
  let acted = 0
  for (const anomaly of found.anomalies) {
    const agent = anomaly.subject.value
    const rule = ruleFor(rules, agent)
    if (rule === undefined || rule.zone !== zone) continue
    const before = known.find(({ episode }) => episode.agent === agent) ?? null
    if (await takeUp(services, rule, anomaly, before)) acted++
  }
  for (const { document, episode } of known) {
    const goesOn = found.anomalies.some(({ subject }) => subject.value === episode.agent)
    const wasLookedAt = found.examined.some(({ value }) => value === episode.agent)
    if (goesOn || !wasLookedAt || episode.overAt !== null || ruleFor(rules, episode.agent)?.zone !== zone) continue
    await end(services, document, episode)
  }
  return acted
}

function ruleFor(rules: readonly AnomalyRule[], agent: string | null): AnomalyRule | undefined {
  return rules.find((rule) => agent !== null && rule.agent === agent) ?? rules.find((rule) => rule.agent === null)
}

interface Before {
  readonly document: StoredDocument
  readonly episode: KnownEpisode
}

/** Acts on an episode that is new, has begun again, or was left undone. */
async function takeUp(services: WatchServices, rule: AnomalyRule, anomaly: Anomaly, before: Before | null): Promise<boolean> {
  const { agent, organization } = { agent: anomaly.subject.value, organization: rule.organization }
  const last = before?.episode ?? null
  // What begins while the last one was not yet known to be over belongs to it.
  const isSame = last !== null && (last.overAt === null || last.anomaly === anomalyId(anomaly, 'agent') || anomaly.start < last.overAt)
  if (isSame && last.overAt === null) {
    if (!last.done) return await finish(services, last, before?.document.version ?? 0)
    return false
  }
  if (!isAtLeast(anomaly.severity, rule.severityMin) || excessUsdOf(anomaly) < (rule.excessUsdMin ?? Number.NEGATIVE_INFINITY)) return false
  const words = await wordsOf(services, anomaly, rule.zone)
  const now = services.now()
  const episode: KnownEpisode = {
    ...{ organization, agent, action: rule.action, severity: anomaly.severity, since: anomaly.start, ...words },
    anomaly: isSame ? last.anomaly : anomalyId(anomaly, 'agent'),
    ...{ actedAt: now, overAt: null, times: isSame ? last.times + 1 : 0, done: false },
    limitPicos: rule.action === 'throttle' ? await usualLimit(services, anomaly, rule.zone) : null,
  }
  const key = episodeKey(organization, agent)
  const basedOn = before?.document.version ?? (await services.documents.versionOf(key))
  const isOurs = await services.documents.putDocuments([{ ...key, at: now, body: bodyOf(episode), basedOn }], [])
  return isOurs && (await finish(services, episode, basedOn + 1))
}

/** Does it, and notes that it is done. */
async function finish(services: WatchServices, episode: KnownEpisode, version: number): Promise<boolean> {
  await act(services, episode)
  const key = episodeKey(episode.organization, episode.agent)
  await services.documents.putDocuments([{ ...key, at: episode.actedAt, body: bodyOf({ ...episode, done: true }), basedOn: version }], [])
  return true
}

async function end(services: WatchServices, document: StoredDocument, episode: KnownEpisode): Promise<void> {
  if (!episode.done) await act(services, episode)
  await release(services, episode)
  const now = services.now()
  const over: KnownEpisode = { ...episode, done: true, overAt: now }
  const { organization, kind, id, at, version } = document
  await services.documents.putDocuments([{ organization, kind, id, at, body: bodyOf(over), basedOn: version }], [])
}

/** Ends what is still done by a rule, because the rule is taken away. */
export async function endEpisodes(
  services: ActingServices & Pick<Services, 'documents'>,
  organization: string,
  agents: (agent: string | null) => boolean,
): Promise<void> {
  const { documents, now } = services
  for (const document of await documents.documents(organization, { kind: EPISODE_KIND })) {
    const episode = episodeOf(document)
    if (episode.overAt !== null || !agents(episode.agent)) continue
    await release(services, episode)
    const { kind, id, at, version } = document
    await documents.putDocuments(
      [{ organization, kind, id, at, body: bodyOf({ ...episode, done: true, overAt: now() }), basedOn: version }],
      [],
    )
  }
}

const PICOS_PER_USD = 1e12

/** Times what an agent spends in its busiest usual hour: room for calls that hold more than they cost. */
const THROTTLE_TIMES = 2

/** Statistic → money: twice what the agent spends in the busiest hour of a usual week, rounded up to a pico. Null where that is not known. */
async function usualLimit({ calls, committer }: WatchServices, anomaly: Anomaly, zone: string): Promise<string | null> {
  const { organization, value } = anomaly.subject
  const where = [{ dimension: 'agent', in: [value] } as const]
  const question = {
    scope: { organization },
    where,
    atLeast: committer.head(),
    groupBy: 'agent',
    zone,
    now: anomaly.start,
    subjectsMax: 1,
  } as const
  const { baselines } = await learnedBaselines(calls, question)
  const usual = baselines[0]?.busiest.usdPerHour ?? 0
  return usual > 0 ? BigInt(Math.ceil(THROTTLE_TIMES * usual * PICOS_PER_USD)).toString() : null
}
