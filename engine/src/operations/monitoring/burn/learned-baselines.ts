import type { BurnBaseline } from '../../../insights/index.ts'
import { picos } from '../../../kernel/index.ts'
import { learnedUsdPerHour } from '../../anomalies/list-baselines.ts'
import type { Services } from '../../context.ts'
import type { BaselineOf } from './baselines.ts'

const HOUR_MS = 3_600_000
const ORGANIZATIONS_MAX = 1_000

type Learned = ReadonlyMap<string, number>
interface Kept {
  readonly hour: number
  readonly learned: Promise<Learned>
}

/** By the store that it was learned from. Hours that are over do not change what is normal until another one is, and learning reads weeks of calls. */
const lessons = new WeakMap<Services['calls'], Map<string, Kept>>()

/**
 * What agents are expected to spend in an hour by their own history, for those that nobody has set a baseline for: the default. An agent with too little
 * history has none.
 */
export async function learnedBaselines(services: Services, organizations: readonly string[]): Promise<BaselineOf> {
  const learned = new Map<string, Learned>()
  for (const organization of organizations) learned.set(organization, await learnedOf(services, organization))
  return (organization, agent) => {
    const usdPerHour = learned.get(organization)?.get(agent)
    return usdPerHour === undefined ? null : baselineOf(usdPerHour)
  }
}

function learnedOf(services: Services, organization: string): Promise<Learned> {
  const hour = Math.floor(services.now() / HOUR_MS)
  let kept = lessons.get(services.calls)
  if (kept === undefined || kept.size >= ORGANIZATIONS_MAX) {
    kept = new Map()
    lessons.set(services.calls, kept)
  }
  const known = kept.get(organization)
  if (known?.hour === hour) return known.learned
  const learned = learnedUsdPerHour(services, organization)
  kept.set(organization, { hour, learned })
  // What could not be learned is asked for again.
  learned.catch(() => kept.delete(organization))
  return learned
}

/** A statistic as an amount to compare with, and never to post. Nothing can be so many times above nothing. */
function baselineOf(usdPerHour: number): BurnBaseline | null {
  const perHour = picos(BigInt(Math.round(usdPerHour * 1e12)))
  return perHour > 0n ? { perHour, source: 'learned' } : null
}
