import { SEVERITIES, type Severity } from '../../../insights/index.ts'
import type { Millis } from '../../../kernel/index.ts'
import type { DocumentKey, StoredDocument } from '../../../ledger/index.ts'

export const RULE_KIND = 'anomaly_rule'
export const EPISODE_KIND = 'anomaly_episode'
/** In place of an agent: all that have no rule of their own. */
const EVERY = '*'

export type ContainmentAction = 'alert' | 'throttle' | 'pause'

/** What is done when an agent spends what is not normal for it. */
export interface AnomalyRule {
  readonly organization: string
  /** Null: every agent without a rule of its own. */
  readonly agent: string | null
  readonly action: ContainmentAction
  readonly severityMin: Severity
  /** US dollars beyond what is expected; null: however little. */
  readonly excessUsdMin: number | null
  readonly zone: string
  readonly setAt: Millis
}

/** The last episode of an agent that was acted on. */
export interface KnownEpisode {
  readonly organization: string
  readonly agent: string | null
  readonly anomaly: string
  readonly action: ContainmentAction
  readonly severity: Severity
  readonly since: Millis
  readonly actedAt: Millis
  /** Since when it was seen to be over; null: it goes on. */
  readonly overAt: Millis | null
  /** How often it began again after it seemed over: what is done then has ids of its own. */
  readonly times: number
  /** False until everything is done; then it is done again, which changes nothing of what was. */
  readonly done: boolean
  /** What is told, as it was found. */
  readonly title: string
  readonly text: string
  readonly facts: Readonly<Record<string, string | number | null>>
  /** Of a throttle: picos that may be spent in an hour, as text. */
  readonly limitPicos: string | null
}

export function ruleKey(organization: string, agent: string | null): DocumentKey {
  return { organization, kind: RULE_KIND, id: keyOf(agent) }
}

export function episodeKey(organization: string, agent: string | null): DocumentKey {
  return { organization, kind: EPISODE_KIND, id: keyOf(agent) }
}

/** A name may be anything, also a star. */
function keyOf(agent: string | null): string {
  return agent === null ? EVERY : `agent:${agent}`
}

export function ruleOf({ organization, body }: Pick<StoredDocument, 'organization' | 'body'>): AnomalyRule {
  return { ...(JSON.parse(body) as Omit<AnomalyRule, 'organization'>), organization }
}

export function episodeOf({ organization, body }: Pick<StoredDocument, 'organization' | 'body'>): KnownEpisode {
  return { ...(JSON.parse(body) as Omit<KnownEpisode, 'organization'>), organization }
}

export function bodyOf({ organization: _, ...kept }: AnomalyRule | KnownEpisode): string {
  return JSON.stringify(kept)
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)
}
