import type { Millis } from '../kernel/index.ts'

/**
 * What can be billed. Meters of one inference are DISJOINT: each billed token, second or request is counted in exactly one of them,
 * so their sum is what the provider bills. A dotted name is a part of its parent's family, not a subset of its parent's count.
 * Units: tokens, unless the name says otherwise (`.seconds`, `characters`, `images`, `pages`, requests, sessions, `token-seconds` for storage).
 */
export const METERS = [
  'input',
  'input.cache_read',
  'input.cache_write',
  'input.cache_write_5m',
  'input.cache_write_1h',
  'input.tool',
  'input.audio',
  'input.cache_read.audio',
  'input.image',
  'input.cache_read.image',
  'input.video',
  'input.cache_read.video',
  'input.cache_storage',
  'output',
  'output.reasoning',
  'output.audio',
  'output.image',
  'output.video',
  'output.citation',
  'audio.seconds',
  'video.seconds',
  'characters',
  'images',
  'pages',
  'request',
  'rerank.search_unit',
  'tool.web_search',
  'tool.x_search',
  'tool.file_search',
  'tool.maps',
  'tool.container_session',
  'tool.container_second',
] as const

export type Meter = (typeof METERS)[number]

/** Whole, non-negative quantities; a meter that is absent was not used or not measured (see evidence). */
export type Meters = { readonly [M in Meter]?: number }

/**
 * How a quantity is known. `reported`: the provider's own counter. `derived`: computed from reported counters (a difference, a count of items).
 * `assumed`: estimated by us, e.g. from delivered text. `missing`: the provider must have counted it and did not say; never read as zero.
 */
export type Evidence = 'reported' | 'derived' | 'assumed' | 'missing'
export type MeterEvidence = { readonly [M in Meter]?: Evidence }

/** One pass through one model. A response usually has one; compaction, advisors and fallbacks add more. */
export interface Inference {
  readonly model: string
  readonly kind:
    | 'message'
    | 'compaction'
    | 'advisor'
    | 'fallback'
    | 'refused'
    | 'embedding'
    | 'rerank'
    | 'transcription'
    | 'image'
    | 'other'
  readonly meters: Meters
  readonly evidence: MeterEvidence
}

export const SERVICE_TIERS = ['standard', 'batch', 'flex', 'priority', 'fast', 'ultrafast', 'provisioned'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]

/** Facts beside the counters that select a rate. */
export interface UsageContext {
  readonly tier?: ServiceTier
  /** `us`, `eu`, `global`, or the seller's location id, as the seller names it. */
  readonly region?: string
  /** API shape: `chat`, `responses`, `messages`, `embeddings`, `converse`, `generate`, … */
  readonly endpoint?: string
  readonly searchContext?: 'low' | 'medium' | 'high'
  /** Ids that make a fee due once, e.g. code containers. */
  readonly containerIds?: readonly string[]
}

/** A cost that the seller itself states, in its own currency, as decimal text. */
export interface AttestedCost {
  readonly amount: string
  readonly currency: string
  /** Who states it, e.g. `openrouter usage.cost`. */
  readonly by: string
}

/** Something a reader of the bill should know: why a number is estimated, ambiguous or missing. Codes are stable. */
export interface UsageNote {
  readonly code:
    | 'no_usage'
    | 'estimated_from_text'
    | 'input_missing'
    | 'error_in_stream'
    | 'cut_off'
    | 'cache_ttl_assumed'
    | 'cache_overlap_clamped'
    | 'counter_clamped'
    | 'sub_call_unmetered'
    | 'inferences_summed'
    | 'refused_attempt'
    | 'model_missing'
    | 'unknown_counter'
    | 'tool_kind_assumed'
    | 'search_actions_counted'
    | 'allowance_not_applied'
    | 'container_shared'
    | 'model_router'
    | 'unbilled_counter'
    | 'unknown_tier'
    | 'reasoning_not_split'
    | 'attestation_partial'
    | 'split_assumed'
    | 'tokens_unexplained'
  readonly detail: string
}

/** What was consumed by one call, normalised: the one record that every provider's bytes become. */
export interface Usage {
  /** Who invoices: `openai`, `anthropic`, `google`, `aws`, `azure`, `openrouter`, … (the catalog's seller ids). */
  readonly seller: string
  readonly modelRequested: string | null
  readonly modelServed: string | null
  /** When it was consumed; rates are selected by it. */
  readonly at: Millis
  readonly inferences: readonly Inference[]
  readonly context: UsageContext
  readonly attested?: AttestedCost
  readonly notes: readonly UsageNote[]
  /** `ok`, or the provider's own error, which may come inside a 200 stream. */
  readonly outcome: { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }
}
