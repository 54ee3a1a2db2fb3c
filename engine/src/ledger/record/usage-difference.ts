import { canonicalJson } from '../../kernel/index.ts'
import type { Inference, Meter, Usage } from '../../usage/index.ts'
import type { Difference } from './difference.ts'

/**
 * The first counter or fact of usage that a second report states otherwise, named as `TrackCall` spells it. Totals are compared as
 * totals, because that is what a caller writes: `input_tokens` includes the cached ones.
 */
export function usageDifference(first: Usage, again: Usage): Difference | null {
  return (
    differ('/model', modelOf(first), modelOf(again)) ??
    differ('/provider', first.seller, again.seller) ??
    counterDifference(first, again) ??
    differ('/service_tier', first.context.tier ?? null, again.context.tier ?? null) ??
    differ('/region', first.context.region ?? null, again.context.region ?? null) ??
    differ('/cost_usd', attestedOf(first), attestedOf(again)) ??
    differ('/response', restOf(first), restOf(again))
  )
}

const COUNTERS: readonly { readonly path: string; readonly counts: (meter: Meter) => boolean }[] = [
  { path: '/input_tokens', counts: (meter) => meter === 'input' || meter.startsWith('input.') },
  { path: '/output_tokens', counts: (meter) => meter === 'output' || meter.startsWith('output.') },
  { path: '/cache_read_tokens', counts: (meter) => meter.startsWith('input.cache_read') },
  { path: '/cache_write_tokens', counts: (meter) => meter.startsWith('input.cache_write') },
  { path: '/cache_write_1h_tokens', counts: (meter) => meter === 'input.cache_write_1h' },
  { path: '/reasoning_tokens', counts: (meter) => meter === 'output.reasoning' },
  { path: '/input_audio_tokens', counts: (meter) => meter === 'input.audio' || meter === 'input.cache_read.audio' },
  { path: '/output_audio_tokens', counts: (meter) => meter === 'output.audio' },
  { path: '/web_searches', counts: (meter) => meter === 'tool.web_search' },
]

function counterDifference(first: Usage, again: Usage): Difference | null {
  for (const { path, counts } of COUNTERS) {
    const difference = differ(path, total(first.inferences, counts), total(again.inferences, counts))
    if (difference !== null) return difference
  }
  return null
}

/** Null when no such counter is there: absent is not zero. */
function total(inferences: readonly Inference[], counts: (meter: Meter) => boolean): number | null {
  let sum: number | null = null
  for (const { meters } of inferences) {
    for (const [meter, quantity] of Object.entries(meters) as [Meter, number][]) {
      if (counts(meter)) sum = (sum ?? 0) + quantity
    }
  }
  return sum
}

function modelOf(usage: Usage): string | null {
  return usage.modelRequested ?? usage.modelServed
}

function attestedOf(usage: Usage): string | null {
  return usage.attested === undefined ? null : `${usage.attested.amount} ${usage.attested.currency}`
}

/** Everything else that the caller's bytes determine; evidence and notes are ours and may become better. */
function restOf(usage: Usage): string {
  const { seller, modelRequested, modelServed, inferences, context, outcome } = usage
  return canonicalJson({
    seller,
    modelRequested,
    modelServed,
    inferences: inferences.map(({ model, kind, meters }) => ({ model, kind, meters })),
    context,
    outcome,
  })
}

function differ(path: string, before: string | number | null, now: string | number | null): Difference | null {
  return before === now ? null : { path, before, now }
}
