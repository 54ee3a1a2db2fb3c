import { addNote } from './payload/notes.ts'
import type { ServiceTier, UsageNote } from './usage.ts'

/** How sellers spell their service tiers, in one table: OpenAI, Anthropic, Gemini (`serviceTier`, `trafficType`), Groq, Bedrock. */
const TIERS: Readonly<Record<string, ServiceTier>> = {
  default: 'standard',
  standard: 'standard',
  normal: 'standard',
  on_demand: 'standard',
  flex: 'flex',
  on_demand_flex: 'flex',
  priority: 'priority',
  on_demand_priority: 'priority',
  performance: 'priority',
  batch: 'batch',
  fast: 'fast',
  optimized: 'fast',
  ultrafast: 'ultrafast',
  scale: 'provisioned',
  reserved: 'provisioned',
  provisioned: 'provisioned',
  provisioned_throughput: 'provisioned',
}

/** Spellings that ask for a tier without saying which was used. */
const OPEN = new Set(['auto', 'standard_only', 'not_available', 'traffic_type_unspecified', 'unspecified', 'service_tier_unspecified'])

/** A seller's word for a service tier; null when it says none, or (with a note) one that is not known. */
export function serviceTier(word: unknown, notes: UsageNote[]): ServiceTier | null {
  if (typeof word !== 'string' || word === '') return null
  const key = word.toLowerCase()
  const tier = Object.hasOwn(TIERS, key) ? TIERS[key] : undefined
  if (tier !== undefined) return tier
  if (!OPEN.has(key)) addNote(notes, 'unknown_tier', `service tier "${word.slice(0, 40)}" is not known; the standard rate may not apply`)
  return null
}
