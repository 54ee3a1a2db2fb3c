import type { Alert, Facts } from '../records.ts'
import { alertId } from './alerts-of.ts'

/** An anomaly that somebody wants to be told. It is not in the journal: what makes it one is its own id. */
export interface ToldAnomaly {
  readonly organization: string
  /** The same for whoever finds it, as long as it goes on. */
  readonly anomaly: string
  /** When it was first acted on: kept with it, so that it is the same on every node. */
  readonly at: number
  readonly agent: string | null
  readonly title: string
  readonly text: string
  readonly facts: Facts
}

/** The alert of an anomaly: one for an episode, under an id made of it, so that two nodes that tell it write it once. */
export function anomalyAlert({ organization, anomaly, at, agent, title, text, facts }: ToldAnomaly): Alert {
  return {
    organization,
    id: alertId(organization, 'anomaly', anomaly),
    type: 'anomaly.found',
    at,
    agent,
    thresholdPct: null,
    watched: false,
    title,
    text,
    facts: { organization_id: organization, agent_id: agent, ...facts },
  }
}
