import type { Inference, Meter, Meters, Usage } from '../../usage/index.ts'
import type { UsageChange } from './change.ts'
import type { CacheRole } from './repeats.ts'

/** The usage as it would have been; the very same record where the change does not concern it. */
export function changedUsage(usage: Usage, change: UsageChange, role: CacheRole): Usage {
  switch (change.kind) {
    case 'swap_model':
      return onModel(usage, change)
    case 'tier':
      return (usage.context.tier ?? 'standard') === change.tier ? usage : { ...usage, context: { ...usage.context, tier: change.tier } }
    case 'read_share':
      return eachInference(usage, (meters) => readFromCache(meters, Math.floor(cacheable(meters) * change.share)))
    case 'cache_repeats':
      if (role === null) return usage
      return eachInference(usage, (meters) => {
        if (cacheable(meters) < CACHED_TOKENS_MIN) return meters
        return role === 'read' ? readFromCache(meters, cacheable(meters)) : written(meters, change.ttl)
      })
    case 'output_cap':
      return eachInference(usage, (meters) => capped(meters, change.tokens))
  }
}

/** What writes to a cache, where a seller has no price for that: it bills the tokens as input. Null: none of them are there. */
export function cacheWritesAsInput(usage: Usage): Usage | null {
  const plain = eachInference(usage, (meters) => {
    const moved = sumOf(meters, WRITES)
    return moved === 0 ? meters : withMeters(meters, { ...NO_WRITES, input: (meters.input ?? 0) + moved })
  })
  return plain === usage ? null : plain
}

/** Shorter inputs are not cached by any of the large sellers. */
export const CACHED_TOKENS_MIN = 1_024

const WRITES = ['input.cache_write', 'input.cache_write_5m', 'input.cache_write_1h'] as const satisfies readonly Meter[]
const CACHEABLE = ['input', 'input.cache_read', ...WRITES] as const satisfies readonly Meter[]
const NO_WRITES = { 'input.cache_write': 0, 'input.cache_write_5m': 0, 'input.cache_write_1h': 0 } satisfies Meters

/** Sub-calls to other models (advisors, compaction) stay where they are. */
function onModel(usage: Usage, { from, to, seller }: Extract<UsageChange, { kind: 'swap_model' }>): Usage {
  const { modelServed, modelRequested } = usage
  const main = modelServed ?? modelRequested
  if (from !== null && from !== modelServed && from !== modelRequested) return usage
  if (main === to && (seller === null || seller === usage.seller)) return usage
  const inferences = usage.inferences.map(
    (inference): Inference =>
      inference.model === '' || inference.model === modelServed || inference.model === modelRequested
        ? { ...inference, model: to }
        : inference,
  )
  return { ...usage, modelServed: to, modelRequested: to, inferences, seller: seller ?? usage.seller }
}

function eachInference(usage: Usage, change: (meters: Meters) => Meters): Usage {
  const inferences = usage.inferences.map((inference): Inference => {
    const meters = change(inference.meters)
    return meters === inference.meters ? inference : { ...inference, meters }
  })
  return inferences.every((inference, index) => inference === usage.inferences[index]) ? usage : { ...usage, inferences }
}

function cacheable(meters: Meters): number {
  return sumOf(meters, CACHEABLE)
}

/** So many tokens are read from the cache: taken from the plain input first, then from what was written. */
function readFromCache(meters: Meters, read: number): Meters {
  let missing = read - (meters['input.cache_read'] ?? 0)
  if (missing <= 0) return meters
  const changed: { -readonly [M in Meter]?: number } = { 'input.cache_read': read }
  for (const meter of ['input', ...WRITES] as const) {
    const there = meters[meter] ?? 0
    const taken = Math.min(missing, there)
    changed[meter] = there - taken
    missing -= taken
  }
  return withMeters(meters, changed)
}

function written(meters: Meters, ttl: '5m' | '1h'): Meters {
  const { input = 0 } = meters
  const meter = ttl === '5m' ? 'input.cache_write_5m' : 'input.cache_write_1h'
  return input === 0 ? meters : withMeters(meters, { input: 0, [meter]: (meters[meter] ?? 0) + input })
}

/** Reasoning comes before the answer, so the answer is cut first. */
function capped(meters: Meters, tokens: number): Meters {
  const { output = 0, 'output.reasoning': reasoning = 0 } = meters
  if (output + reasoning <= tokens) return meters
  const thought = Math.min(reasoning, tokens)
  return withMeters(meters, { 'output.reasoning': thought, output: tokens - thought })
}

function sumOf(meters: Meters, names: readonly Meter[]): number {
  return names.reduce((sum, name) => sum + (meters[name] ?? 0), 0)
}

/** Without the meters that nothing is left of. */
function withMeters(meters: Meters, changed: Meters): Meters {
  return Object.fromEntries(Object.entries({ ...meters, ...changed }).filter(([, quantity]) => quantity > 0))
}
