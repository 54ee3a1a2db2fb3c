import type { Picos } from '../../kernel/index.ts'
import type { AgentBurn, BurnEntry } from './burn-rates.ts'

/** What an agent is expected to spend in an hour: as somebody has set it, or as its history teaches. Above zero. */
export interface BurnBaseline {
  readonly perHour: Picos
  readonly source: 'set' | 'learned'
}

/** An agent that burns more in a session than it should. */
export interface BurnAnomaly {
  readonly entry: BurnEntry
  readonly agent: string
  readonly burn: AgentBurn
  readonly perHour: Picos
  readonly baseline: BurnBaseline
  /** Burn rate over baseline: a statistic, not money. */
  readonly ratio: number
}

const RATIO_DECIMALS = 4

/**
 * Agents whose burn rate in a session is above their baseline times the multiplier, highest ratio first. Each agent is compared by its own part of a session, because a baseline
 * is of an agent. One without a baseline, and calls without an agent, are compared with nothing.
 */
export function burnAnomalies(
  entries: readonly BurnEntry[],
  expected: (organization: string, agent: string) => { readonly baseline: BurnBaseline; readonly multiplier: number } | null,
): BurnAnomaly[] {
  return entries
    .flatMap((entry) => entry.agents.flatMap((burn) => anomalyOf(entry, burn, expected) ?? []))
    .sort((left, right) => right.ratio - left.ratio)
}

function anomalyOf(entry: BurnEntry, burn: AgentBurn, expected: Parameters<typeof burnAnomalies>[1]): BurnAnomaly | null {
  const { agent, velocity } = burn
  if (agent === null || velocity.perHour === null) return null
  const known = expected(entry.organization, agent)
  if (known === null) return null
  const { baseline, multiplier } = known
  const ratio = Number(velocity.perHour) / Number(baseline.perHour)
  if (ratio <= multiplier) return null
  return { entry, agent, burn, perHour: velocity.perHour, baseline, ratio: Number(ratio.toFixed(RATIO_DECIMALS)) }
}
