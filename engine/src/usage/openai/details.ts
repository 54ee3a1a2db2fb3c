import { type Counter, partOf, readCounter } from '../payload/counters.ts'
import { type JsonObject, objectAt } from '../payload/json.ts'
import type { Modalities } from '../payload/split.ts'
import type { UsageNote } from '../usage.ts'

/** Audio, image and video tokens in a details object of the OpenAI family. */
export function modalitiesOf(details: JsonObject | undefined, notes: UsageNote[]): Modalities {
  return {
    audio: partOf(readCounter(details, 'audio_tokens', notes)),
    image: partOf(readCounter(details, 'image_tokens', notes)),
    video: partOf(readCounter(details, 'video_tokens', notes)),
  }
}

/** Cached tokens by modality, which realtime and audio answers have. */
export function cachedModalitiesOf(details: JsonObject | undefined, notes: UsageNote[]): Modalities | undefined {
  const cached = objectAt(details, 'cached_tokens_details')
  return cached === undefined ? undefined : modalitiesOf(cached, notes)
}

/**
 * Whether reasoning comes on top of the completion count. xAI's chat does that, OpenAI and xAI's responses do not; where a total is given,
 * the arithmetic decides, so that a proxy in between does not matter.
 */
export function reasoningIsOutside(
  seller: string,
  counts: { input: Counter; output: Counter; total: Counter; reasoning: Counter },
): boolean {
  const { input, output, total, reasoning } = counts
  if (input == null || output == null || reasoning == null || reasoning === 0) return false
  if (total === input + output) return false
  if (total === input + output + reasoning) return true
  return seller === 'x-ai'
}

/** Counters of the OpenAI family that are read, that only repeat others, or that say how a counted token came about. */
export const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'cache_write_tokens',
  'cache_creation_tokens',
  'num_cached_tokens',
  'prompt_cache_hit_tokens',
  'prompt_cache_miss_tokens',
  'audio_tokens',
  'image_tokens',
  'video_tokens',
  'text_tokens',
  'reasoning_tokens',
  'citation_tokens',
  // Predictions are inside the completion count, accepted or not.
  'accepted_prediction_tokens',
  'rejected_prediction_tokens',
])
