import type { Meter, ServiceTier } from '../../usage/index.ts'

/** What a price field of the litellm table measures. `shift`: power of ten from its unit to `per`. */
export interface LitellmField {
  readonly meter: Meter
  readonly per: number
  readonly shift: number
  readonly tier: ServiceTier | null
  /** Threshold of the bracket, tokens of input. */
  readonly above: number | null
}

const TOKEN = { per: 1_000_000, shift: 6 }
const UNIT = { per: 1, shift: 0 }

const BASES: Readonly<Record<string, { readonly meter: Meter; readonly per: number; readonly shift: number }>> = {
  input_cost_per_token: { meter: 'input', ...TOKEN },
  output_cost_per_token: { meter: 'output', ...TOKEN },
  output_cost_per_reasoning_token: { meter: 'output.reasoning', ...TOKEN },
  cache_read_input_token_cost: { meter: 'input.cache_read', ...TOKEN },
  cache_creation_input_token_cost: { meter: 'input.cache_write', ...TOKEN },
  cache_creation_input_token_cost_above_1hr: { meter: 'input.cache_write_1h', ...TOKEN },
  input_cost_per_audio_token: { meter: 'input.audio', ...TOKEN },
  output_cost_per_audio_token: { meter: 'output.audio', ...TOKEN },
  cache_read_input_audio_token_cost: { meter: 'input.cache_read.audio', ...TOKEN },
  input_cost_per_image_token: { meter: 'input.image', ...TOKEN },
  output_cost_per_image_token: { meter: 'output.image', ...TOKEN },
  output_cost_per_video_token: { meter: 'output.video', ...TOKEN },
  citation_cost_per_token: { meter: 'output.citation', ...TOKEN },
  output_cost_per_image: { meter: 'images', ...UNIT },
  ocr_cost_per_page: { meter: 'pages', ...UNIT },
  input_cost_per_character: { meter: 'characters', ...TOKEN },
  input_cost_per_request: { meter: 'request', ...UNIT },
  code_interpreter_cost_per_session: { meter: 'tool.container_session', ...UNIT },
  file_search_cost_per_1k_calls: { meter: 'tool.file_search', per: 1_000, shift: 0 },
}

/** Fields whose unit depends on what the model does. */
const BY_MODE: Readonly<Record<string, { readonly meter: Meter; readonly per: number; readonly shift: number }>> = {
  'input_cost_per_second audio_transcription': { meter: 'audio.seconds', ...UNIT },
  'output_cost_per_second video_generation': { meter: 'video.seconds', ...UNIT },
  'output_cost_per_video_per_second video_generation': { meter: 'video.seconds', ...UNIT },
  'input_cost_per_query rerank': { meter: 'rerank.search_unit', per: 1_000, shift: 3 },
  'input_cost_per_query search': { meter: 'request', per: 1_000, shift: 3 },
}

const TIERS: Readonly<Record<string, ServiceTier>> = { flex: 'flex', priority: 'priority', batches: 'batch' }

/** Whether a field of a model looks like a price at all; such a field is mapped or reported. */
export function looksLikePrice(field: string): boolean {
  return /cost|price|pricing|uplift|multiplier|provider_specific_entry/.test(field) && field !== 'supports_prompt_caching'
}

/** Reads a field's name: its base, and the suffixes `_above_272k_tokens`, `_flex`, `_priority`, `_batches` in any order. Null when it has no meter. */
export function litellmField(field: string, mode: string): LitellmField | null {
  let name = field
  let tier: ServiceTier | null = null
  let above: number | null = null
  for (let suffixes = 0; suffixes < 2; suffixes++) {
    const tiered = /^(.+)_(flex|priority|batches)$/.exec(name)
    if (tiered?.[1] !== undefined && tiered[2] !== undefined && tier === null) {
      name = tiered[1]
      tier = TIERS[tiered[2]] ?? null
    }
    const bracketed = /^(.+)_above_(\d{1,4})k_tokens$/.exec(name)
    if (bracketed?.[1] !== undefined && above === null) {
      name = bracketed[1]
      above = Number(bracketed[2]) * 1_000
    }
  }
  const base = Object.hasOwn(BASES, name) ? BASES[name] : BY_MODE[`${name} ${mode}`]
  return base === undefined ? null : { ...base, tier, above }
}
