import { fail, type Millis, ok, parseInstant, type Result, refusal } from '../../kernel/index.ts'
import { decimalText } from '../payload/decimal-text.ts'
import { isObject, type JsonObject, objectAt, parseJson, textAt } from '../payload/json.ts'
import { readResponse } from '../read-response.ts'
import { canonicalSeller } from '../sellers.ts'
import type { Usage } from '../usage.ts'

/** One row of LiteLLM's spend log. */
export interface LiteLlmRecord {
  readonly id: string
  readonly sessionId: string | null
  readonly at: Millis
  readonly latencyMs: number | null
  readonly usage: Usage
  readonly user: string | null
  readonly team: string | null
  readonly endUser: string | null
  readonly keyHash: string | null
  readonly agent: string | null
  readonly tags: readonly string[]
  readonly status: 'success' | 'failure'
}

/**
 * A row of `LiteLLM_SpendLogs` (its export, its API or its logging payload) → a record. Times without an offset are UTC. LiteLLM's own
 * `spend` is kept as an attested cost; 0 is kept too when it says that a cache answered, and is otherwise no statement.
 */
export function readLiteLlmRow(row: unknown): Result<LiteLlmRecord> {
  if (!isObject(row)) return fail(refusal('invalid_field', 'a spend log row is an object', { path: '' }))
  const id = textAt(row, 'request_id') ?? textAt(row, 'id')
  if (id === undefined) return fail(refusal('missing_field', 'a row needs its request id', { path: '/request_id' }))
  const at = parseInstant(textAt(row, 'startTime') ?? '')
  if (at === null) return fail(refusal('invalid_time', 'startTime is not a time', { path: '/startTime' }))
  const endedAt = parseInstant(textAt(row, 'endTime') ?? '')
  const metadata = embedded(row.metadata)
  const optional = (key: string): string | null => textAt(row, key) ?? null
  return ok({
    id,
    sessionId: optional('session_id'),
    at,
    latencyMs: endedAt === null || endedAt < at ? null : endedAt - at,
    usage: usageOf(row, metadata, at),
    user: optional('user'),
    team: textAt(metadata, 'user_api_key_team_alias') ?? optional('team_id'),
    endUser: optional('end_user'),
    keyHash: optional('api_key'),
    agent: optional('agent_id'),
    tags: tagsOf(row.request_tags),
    status: row.status === 'failure' ? 'failure' : 'success',
  })
}

function usageOf(row: JsonObject, metadata: JsonObject | undefined, at: Millis): Usage {
  const provider = textAt(row, 'custom_llm_provider') ?? ''
  const model = textAt(row, 'model') ?? ''
  // `usage_object` has the details; the columns have totals only.
  const counters = objectAt(metadata, 'usage_object') ?? {
    prompt_tokens: row.prompt_tokens,
    completion_tokens: row.completion_tokens,
    total_tokens: row.total_tokens,
  }
  const usage = readResponse({
    at,
    seller: provider,
    ...(model === '' ? {} : { modelRequested: model }),
    status: row.status === 'failure' ? 500 : 200,
    body: JSON.stringify({ object: 'chat.completion', choices: [], usage: canonicalCounters(counters) }),
  })
  const spend = decimalText(row.spend)
  const free = row.cache_hit === true || row.cache_hit === 'True'
  const attested = spend === null || (spend === '0' && !free) ? null : { amount: spend, currency: 'USD', by: 'litellm spend' }
  return { ...usage, seller: canonicalSeller(provider), ...(attested === null ? {} : { attested }) }
}

/** LiteLLM turns every provider's counters into OpenAI's, cached tokens inside the prompt, and keeps Anthropic's write counter beside them. */
function canonicalCounters(counters: JsonObject): JsonObject {
  const { cache_creation_input_tokens: written, cache_read_input_tokens: read, ...rest } = counters
  const details = objectAt(counters, 'prompt_tokens_details') ?? {}
  return {
    ...rest,
    prompt_tokens_details: {
      ...details,
      cached_tokens: details.cached_tokens ?? read,
      cache_write_tokens: details.cache_write_tokens ?? details.cache_creation_tokens ?? written,
    },
  }
}

/** JSON columns arrive as objects or as text, depending on how the table was exported. */
function embedded(value: unknown): JsonObject | undefined {
  const parsed = typeof value === 'string' ? parseJson(value) : value
  return isObject(parsed) ? parsed : undefined
}

function tagsOf(value: unknown): readonly string[] {
  const parsed = typeof value === 'string' ? parseJson(value) : value
  return Array.isArray(parsed) ? parsed.filter((tag): tag is string => typeof tag === 'string') : []
}
