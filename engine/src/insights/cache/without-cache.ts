import type { Inference, Meter, MeterEvidence, Usage } from '../../usage/index.ts'

/** What a token that was read from or written to a provider's cache would have been without one. */
const PLAIN: { readonly [M in Meter]?: Meter } = {
  'input.cache_read': 'input',
  'input.cache_write': 'input',
  'input.cache_write_5m': 'input',
  'input.cache_write_1h': 'input',
  'input.cache_read.audio': 'input.audio',
  'input.cache_read.image': 'input.image',
  'input.cache_read.video': 'input.video',
}
const READ: ReadonlySet<string> = new Set([
  'input.cache_read',
  'input.cache_read.audio',
  'input.cache_read.image',
  'input.cache_read.video',
])
/** Kept for a time, and not sent: without a cache it would not be. */
const STORAGE: Meter = 'input.cache_storage'

/** Tokens that a provider read from its cache and wrote to it. */
export function cachedTokensOf(usage: Usage): { readonly read: number; readonly written: number } {
  let read = 0
  let written = 0
  for (const { meters } of usage.inferences) {
    // Every call that is posted is asked; most have no such meter.
    for (const meter in meters) {
      if (READ.has(meter)) read += meters[meter as Meter] ?? 0
      else if (meter in PLAIN) written += meters[meter as Meter] ?? 0
    }
  }
  return { read, written }
}

/** The same usage as if the provider had no cache: what was read from it or written to it is plain input. */
export function withoutCache(usage: Usage): Usage {
  return { ...usage, inferences: usage.inferences.map(plainly) }
}

function plainly(inference: Inference): Inference {
  const meters: { [M in Meter]?: number } = {}
  const evidence: { -readonly [M in keyof MeterEvidence]: MeterEvidence[M] } = {}
  for (const [name, quantity = 0] of Object.entries(inference.meters)) {
    const meter = name as Meter
    if (meter === STORAGE) continue
    const plain = PLAIN[meter] ?? meter
    meters[plain] = (meters[plain] ?? 0) + quantity
  }
  // What is not known of a part is not known of the whole.
  for (const [name, known] of Object.entries(inference.evidence)) {
    const meter = name as Meter
    if (meter === STORAGE) continue
    const plain = PLAIN[meter] ?? meter
    const before = evidence[plain]
    evidence[plain] = before === undefined || WEIGHT[known] > WEIGHT[before] ? known : before
  }
  return { ...inference, meters, evidence }
}

const WEIGHT = { reported: 0, derived: 1, assumed: 2, missing: 3 } as const
