import { isObject, type JsonObject, objectAt, parseJson } from '../payload/json.ts'
import type { UsageNote } from '../usage.ts'
import { type Counted, type Counts, countOf } from './counts.ts'
import { type Facts, FIELD_INDEX, factOf } from './facts.ts'
import { type Field, JSON_FIELDS } from './mapping.ts'

/** What else the JSON of an attribute says. */
export interface Embedded {
  costUsd: unknown
  costBy: string
  tier: unknown
}

/** Reads usage that is JSON in one attribute into the counters. What a provider itself has counted stands in place of what an SDK made of it. */
export function readEmbedded(facts: Facts, scope: string, counts: Counts, notes: UsageNote[]): Embedded {
  const said: Embedded = { costUsd: undefined, costBy: '', tier: undefined }
  if (!facts.fields.some((field) => JSON_NUMBERS.has(field))) return said
  each(facts, 'usageDetails', (usage) => readLangfuse(usage, counts, notes))
  each(facts, 'costDetails', (cost) => readCost(cost, said))
  each(facts, 'usageMetadata', (usage) => {
    fill(usage, LANGSMITH, counts, notes)
    readDetails(objectAt(usage, 'input_token_details'), INPUT_DETAILS, counts, notes)
    readDetails(objectAt(usage, 'output_token_details'), OUTPUT_DETAILS, counts, notes)
    counts.inputIncludesCache = true
    said.costUsd = usage.total_cost
    said.costBy = 'langsmith.usage_metadata'
  })
  each(facts, 'inputDetails', (details) => readDetails(details, INPUT_DETAILS, counts, notes))
  each(facts, 'outputDetails', (details) => readDetails(details, OUTPUT_DETAILS, counts, notes))
  each(facts, 'livekitMetrics', (usage) => fill(usage, LIVEKIT, counts, notes))
  each(facts, 'livekitRealtime', (usage) => {
    fill(usage, LANGSMITH, counts, notes)
    readDetails(objectAt(usage, 'input_token_details'), REALTIME_INPUT, counts, notes)
    readDetails(objectAt(usage, 'output_token_details'), REALTIME_OUTPUT, counts, notes)
  })
  each(facts, 'genkitOutput', (output) => {
    const usage = objectAt(output, 'usage')
    if (usage === undefined) return
    fill(usage, GENKIT, counts, notes)
    counts.outputIncludesReasoning = false
  })
  if (scope === 'gcp.vertex.agent') each(facts, 'adkResponse', (response) => readAdk(objectAt(response, 'usage_metadata'), counts, notes))
  each(facts, 'providerMetadata', (metadata) => readProvider(metadata, counts, said, notes))
  return said
}

/** Most calls say it in attributes of their own. */
const JSON_NUMBERS = new Set([...JSON_FIELDS].map((field) => FIELD_INDEX[field]))

function each(facts: Facts, field: Field, read: (value: JsonObject) => void): void {
  const text = factOf(facts, field)
  const value = typeof text === 'string' ? parseJson(text) : undefined
  if (isObject(value)) read(value)
}

type Names = readonly (readonly [name: string, counted: Counted])[]

/** Sets what is not known yet. */
function fill(source: JsonObject, names: Names, counts: Counts, notes: UsageNote[]): void {
  for (const [name, counted] of names) counts[counted] ??= countOf(source[name], counted, notes)
}

function readDetails(details: JsonObject | undefined, names: Names, counts: Counts, notes: UsageNote[]): void {
  if (details !== undefined) fill(details, names, counts, notes)
}

const LANGSMITH: Names = [
  ['input_tokens', 'input'],
  ['output_tokens', 'output'],
  ['total_tokens', 'total'],
]
const INPUT_DETAILS: Names = [
  ['cache_read', 'cacheRead'],
  ['cached_tokens', 'cacheRead'],
  ['cache_creation', 'cacheWrite'],
  ['ephemeral_5m_input_tokens', 'cacheWrite5m'],
  ['ephemeral_1h_input_tokens', 'cacheWrite1h'],
  ['audio', 'audioInput'],
  ['image', 'imageInput'],
]
const OUTPUT_DETAILS: Names = [
  ['reasoning', 'reasoning'],
  ['reasoning_tokens', 'reasoning'],
  ['audio', 'audioOutput'],
  ['image', 'imageOutput'],
]
const REALTIME_INPUT: Names = [
  ['cached_tokens', 'cacheRead'],
  ['audio_tokens', 'audioInput'],
  ['image_tokens', 'imageInput'],
]
const REALTIME_OUTPUT: Names = [['audio_tokens', 'audioOutput']]
const LIVEKIT: Names = [
  ['prompt_tokens', 'input'],
  ['completion_tokens', 'output'],
  ['prompt_cached_tokens', 'cacheRead'],
  ['total_tokens', 'total'],
]
const GENKIT: Names = [
  ['inputTokens', 'input'],
  ['outputTokens', 'output'],
  ['thoughtsTokens', 'reasoning'],
  ['cachedContentTokens', 'cacheRead'],
]

const LANGFUSE: Names = [
  ['input', 'input'],
  ['input_tokens', 'input'],
  ['prompt_tokens', 'input'],
  ['output', 'output'],
  ['output_tokens', 'output'],
  ['completion_tokens', 'output'],
  ['total', 'total'],
  ['total_tokens', 'total'],
  ['input_cache_read', 'cacheRead'],
  ['input_cached_tokens', 'cacheRead'],
  ['cache_read_input_tokens', 'cacheRead'],
  ['prompt_details.cache_read', 'cacheRead'],
  ['input_cache_creation', 'cacheWrite'],
  ['cache_creation_input_tokens', 'cacheWrite'],
  ['input_cache_creation_5m', 'cacheWrite5m'],
  ['input_cache_creation_1h', 'cacheWrite1h'],
  ['output_reasoning', 'reasoning'],
  ['output_reasoning_tokens', 'reasoning'],
  ['reasoning_tokens', 'reasoning'],
  ['completion_details.reasoning', 'reasoning'],
  ['input_audio', 'audioInput'],
  ['input_audio_tokens', 'audioInput'],
  ['output_audio', 'audioOutput'],
  ['output_audio_tokens', 'audioOutput'],
]

/**
 * Langfuse's own counters are disjoint: `input` is what was in no other counter that begins so. What follows the shape of OpenAI
 * (`prompt_tokens`) includes its parts. A total that is stated tells the two apart.
 */
function readLangfuse(usage: JsonObject, counts: Counts, notes: UsageNote[]): void {
  fill(usage, LANGFUSE, counts, notes)
  const { input, output, total } = counts
  const inclusive = typeof usage.prompt_tokens === 'number' || (typeof total === 'number' && total === (input ?? 0) + (output ?? 0))
  counts.inputIncludesCache = inclusive
  counts.outputIncludesReasoning = inclusive
  for (const [whole, parts, is] of [
    ['input', ['audioInput', 'imageInput'], inclusive],
    ['output', ['audioOutput', 'imageOutput'], inclusive],
  ] as const) {
    const count = counts[whole]
    if (!is && typeof count === 'number') counts[whole] = parts.reduce((sum, part) => sum + (counts[part] ?? 0), count)
  }
}

/** The sum, or all of its parts. */
function readCost(cost: JsonObject, said: Embedded): void {
  const parts = Object.entries(cost).filter(([name, value]) => name !== 'total' && typeof value === 'number' && value >= 0)
  const sum = parts.reduce((total, [, value]) => total + Number(value), 0)
  said.costUsd = cost.total ?? (parts.length === 0 ? undefined : Number(sum.toFixed(12)))
  said.costBy = 'langfuse.observation.cost_details'
}

/** What Gemini counted, as Google's agent kit passes it on: candidates without thoughts. */
function readAdk(usage: JsonObject | undefined, counts: Counts, notes: UsageNote[]): void {
  if (usage === undefined) return
  counts.cacheRead ??= countOf(usage.cached_content_token_count, 'cacheRead', notes)
  if (counts.reasoning !== undefined) return
  counts.reasoning = countOf(usage.thoughts_token_count, 'reasoning', notes)
  counts.outputIncludesReasoning = counts.output !== usage.candidates_token_count
}

/** Vercel's `providerMetadata`: the raw usage of Anthropic (whose input excludes its cache), the cache of Bedrock, the tier of OpenAI. */
function readProvider(metadata: JsonObject, counts: Counts, said: Embedded, notes: UsageNote[]): void {
  const raw = objectAt(objectAt(metadata, 'anthropic'), 'usage')
  if (raw !== undefined && typeof raw.input_tokens === 'number') {
    counts.input = countOf(raw.input_tokens, 'input', notes)
    counts.cacheRead = countOf(raw.cache_read_input_tokens, 'cacheRead', notes)
    counts.cacheWrite = countOf(raw.cache_creation_input_tokens, 'cacheWrite', notes)
    counts.output ??= countOf(raw.output_tokens, 'output', notes)
    counts.inputIncludesCache = false
    const written = objectAt(raw, 'cache_creation')
    counts.cacheWrite5m ??= countOf(written?.ephemeral_5m_input_tokens, 'cacheWrite5m', notes)
    counts.cacheWrite1h ??= countOf(written?.ephemeral_1h_input_tokens, 'cacheWrite1h', notes)
    counts.webSearches ??= countOf(objectAt(raw, 'server_tool_use')?.web_search_requests, 'webSearches', notes)
    said.tier = raw.service_tier
  }
  const bedrock = objectAt(objectAt(metadata, 'bedrock'), 'usage')
  counts.cacheRead ??= countOf(bedrock?.cacheReadInputTokens, 'cacheRead', notes)
  counts.cacheWrite ??= countOf(bedrock?.cacheWriteInputTokens, 'cacheWrite', notes)
  const openai = objectAt(metadata, 'openai')
  counts.cacheRead ??= countOf(openai?.cachedPromptTokens, 'cacheRead', notes)
  counts.reasoning ??= countOf(openai?.reasoningTokens, 'reasoning', notes)
  said.tier ??= openai?.serviceTier
}
