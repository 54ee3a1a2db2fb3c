import { estimateTokenCount } from 'tokenx'
import { addressOf } from '../bedrock/address.ts'
import { isObject, type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { requestText } from '../payload/request-text.ts'
import { serviceTier } from '../tiers.ts'
import type { Meters, ServiceTier } from '../usage.ts'
import { type RequestEndpoint, streamsByPath } from './endpoint.ts'
import { type InputBound, inputBound } from './input-bound.ts'

/** What a request to a provider says of what it will consume, before it is sent. Tokens. */
export interface RequestNeeds {
  readonly endpoint: RequestEndpoint
  readonly model: string | null
  readonly streams: boolean
  /** The most input it can be billed for. */
  readonly input: InputBound
  /** The output it allows, of all its choices together; null when it states no limit. */
  readonly outputTokens: number | null
  readonly choices: number
  /** What else it is billed by: pictures, characters to speak. */
  readonly others: Meters
  /** Whether input may be written to a cache, which costs more than reading it: never, or for how long at most. */
  readonly cacheWrites: 'none' | '5m' | '1h' | 'unknown'
  readonly tier: ServiceTier | null
  /** The person that the request names. */
  readonly user: string | null
}

/** The members that limit the output, and those that multiply it, by endpoint. Dots go into objects. */
const OUTPUT: { readonly [E in RequestEndpoint]?: readonly string[] } = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens', 'max_tokens_to_sample'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
  generate: ['generationConfig.maxOutputTokens', 'generation_config.max_output_tokens', 'generationConfig.max_output_tokens'],
  interactions: ['generation_config.max_output_tokens'],
  converse: ['inferenceConfig.maxTokens'],
  invoke: [
    'max_tokens',
    'max_tokens_to_sample',
    'max_gen_len',
    'textGenerationConfig.maxTokenCount',
    'inferenceConfig.maxTokens',
    'max_completion_tokens',
  ],
}
const CHOICES: readonly string[] = ['n', 'best_of', 'generationConfig.candidateCount', 'generation_config.candidate_count']
/** Legacy completions stop at sixteen tokens when nothing is said. */
const COMPLETIONS_OUTPUT_TOKENS = 16
const CHOICES_MAX = 128
/** The most that one picture of OpenAI's token-priced models takes: 1,024 x 1,536 at high quality. */
const IMAGE_OUTPUT_TOKENS_MAX = 6_240

/**
 * Reads what a request needs from its path and its parsed JSON body. Pure; reads any value without throwing. `bodyBytes` is the length of the body as it is
 * sent.
 */
export function requestNeeds(endpoint: RequestEndpoint, path: string, body: unknown, bodyBytes: number): RequestNeeds {
  const request: JsonObject = isObject(body) ? body : {}
  const choices = Math.min(CHOICES_MAX, Math.max(1, ...CHOICES.map((name) => countAt(request, name) ?? 1)))
  const stated = (OUTPUT[endpoint] ?? []).flatMap((name) => countAt(request, name) ?? []).at(0)
  return {
    endpoint,
    model: textAt(request, 'model') ?? textAt(request, 'modelId') ?? addressOf(path).model,
    streams: request.stream === true || request.stream === 'true' || streamsByPath(path),
    input: inputBound(request, bodyBytes),
    outputTokens: outputOf(endpoint, stated, choices),
    choices,
    others: othersOf(endpoint, request, choices),
    cacheWrites: cacheWritesOf(endpoint, request),
    tier: serviceTier(request.service_tier ?? request.serviceTier, []),
    user: textAt(request, 'safety_identifier') ?? textAt(request, 'user') ?? textAt(objectAt(request, 'metadata'), 'user_id') ?? null,
  }
}

/** An estimate of the input in place of its bound: closer, and it may be below what is billed. Tokens. */
export function estimatedInput(body: unknown, bound: InputBound): number {
  const text = isObject(body) ? requestText(body) : ''
  return Math.min(bound.most, Math.max(1, estimateTokenCount(text)))
}

function outputOf(endpoint: RequestEndpoint, stated: number | undefined, choices: number): number | null {
  if (OUTPUT[endpoint] === undefined) return 0
  if (stated !== undefined) return stated * choices
  return endpoint === 'completions' ? COMPLETIONS_OUTPUT_TOKENS * choices : null
}

function othersOf(endpoint: RequestEndpoint, request: JsonObject, choices: number): Meters {
  if (endpoint === 'images') return { images: choices, 'output.image': choices * IMAGE_OUTPUT_TOKENS_MAX }
  if (endpoint === 'speech') return { characters: [...(textAt(request, 'input') ?? '')].length }
  return NO_METERS
}

const NO_METERS: Meters = {}

/** Anthropic writes to its cache where a request marks it; others decide by themselves. */
function cacheWritesOf(endpoint: RequestEndpoint, request: JsonObject): RequestNeeds['cacheWrites'] {
  if (endpoint === 'embeddings' || endpoint === 'rerank' || endpoint === 'images') return 'none'
  if (endpoint !== 'messages') return 'unknown'
  const marks = { any: request.cache_control !== undefined, hour: false }
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 16 || marks.hour) return
    if (isObject(value) && isObject(value.cache_control)) {
      marks.any = true
      marks.hour ||= value.cache_control.ttl === '1h'
    }
    for (const item of Object.values(value)) look(item, depth + 1)
  }
  look(request, 0)
  if (marks.hour) return '1h'
  return marks.any ? '5m' : 'none'
}

/** A whole number that is not negative, at a dotted name. */
function countAt(request: JsonObject, name: string): number | undefined {
  const value = name.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), request)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
