import type { Meter } from '../../usage/index.ts'

/**
 * The meters whose rate may stand in for one without its own. Reasoning and citations are text that the model wrote; tool prompts, images and video
 * are input that most sellers bill as text. Audio is never billed as text, and a one-hour cache write is never priced as a five-minute one:
 * those stay unpriced, and are shown.
 */
const STANDS_IN: { readonly [M in Meter]?: readonly Meter[] } = {
  'output.reasoning': ['output'],
  'output.citation': ['output'],
  'input.tool': ['input'],
  'input.image': ['input'],
  'input.video': ['input'],
  'input.cache_read.image': ['input.cache_read'],
  'input.cache_read.video': ['input.cache_read'],
  // A seller with a single write rate does not tell the lifetimes apart; the reverse case is ambiguous and judged in `price`.
  'input.cache_write_5m': ['input.cache_write'],
  'input.cache_write': ['input.cache_write_5m'],
}

/** A picture read from cache may cost other than text only where pictures themselves do. */
export function standsIn(meter: Meter, hasOwnRate: (meter: Meter) => boolean): readonly Meter[] {
  if (meter === 'input.cache_read.image' && hasOwnRate('input.image')) return []
  if (meter === 'input.cache_read.video' && hasOwnRate('input.video')) return []
  return STANDS_IN[meter] ?? []
}
