import type { PriceRequest, TrackCall } from '@purser/contract'
import { fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import { type ResponseFacts, readResponse, type Usage, usageOfReport } from '../../usage/index.ts'
import type { RateDesk } from '../pricing/rate-desk.ts'

/** The fields of a report or a price request that say what was consumed. */
type Consumption = Pick<TrackCall, 'model' | 'provider' | 'service_tier' | 'region' | 'response' | 'cost_usd'> &
  Pick<PriceRequest, 'response_text' | 'response_base64' | 'content_type'> &
  Parameters<typeof countersOf>[0]

/**
 * What was consumed, from counters or from the provider's own response. The seller is found by the model where neither names it, so that
 * the expense is booked to somebody.
 */
export function usageOfInput(input: Consumption, at: Millis, rates: Pick<RateDesk, 'sellerOf'>): Result<Usage> {
  const body = responseBody(input)
  if (!body.ok) return body
  if (body.value !== null)
    return ok(withSeller(withStatedCost(readResponse({ ...factsOf(input, at), ...body.value }), input.cost_usd), rates))
  const model = input.model ?? undefined
  return usageOfReport({
    at,
    seller: model === undefined ? (input.provider ?? undefined) : rates.sellerOf(input.provider ?? '', model, at),
    model,
    tier: input.service_tier ?? undefined,
    region: input.region ?? undefined,
    costUsd: input.cost_usd ?? undefined,
    ...countersOf(input),
  })
}

function countersOf(input: {
  readonly input_tokens?: number | null
  readonly output_tokens?: number | null
  readonly cache_read_tokens?: number | null
  readonly cache_write_tokens?: number | null
  readonly cache_write_1h_tokens?: number | null
  readonly reasoning_tokens?: number | null
  readonly input_audio_tokens?: number | null
  readonly output_audio_tokens?: number | null
  readonly web_searches?: number | null
}) {
  return {
    inputTokens: input.input_tokens ?? undefined,
    outputTokens: input.output_tokens ?? undefined,
    cacheReadTokens: input.cache_read_tokens ?? undefined,
    cacheWriteTokens: input.cache_write_tokens ?? undefined,
    cacheWrite1hTokens: input.cache_write_1h_tokens ?? undefined,
    reasoningTokens: input.reasoning_tokens ?? undefined,
    inputAudioTokens: input.input_audio_tokens ?? undefined,
    outputAudioTokens: input.output_audio_tokens ?? undefined,
    webSearches: input.web_searches ?? undefined,
  }
}

function responseBody(input: Consumption): Result<{ body: string | Uint8Array; contentType: string | null } | null> {
  const contentType = input.content_type ?? null
  if (input.response_text !== undefined) return ok({ body: input.response_text, contentType })
  if (input.response_base64 !== undefined) {
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(input.response_base64)) {
      return fail(refusal('invalid_field', 'expected base64', { path: '/response_base64' }))
    }
    return ok({ body: Buffer.from(input.response_base64, 'base64'), contentType })
  }
  if (input.response === undefined || input.response === null) return ok(null)
  if (typeof input.response === 'string') return ok({ body: input.response, contentType })
  return ok({ body: JSON.stringify(input.response), contentType: 'application/json' })
}

function factsOf(input: Consumption, at: Millis): ResponseFacts {
  return {
    at,
    ...(typeof input.provider === 'string' ? { seller: input.provider } : {}),
    ...(typeof input.model === 'string' ? { modelRequested: input.model } : {}),
    ...(typeof input.service_tier === 'string' ? { tier: input.service_tier } : {}),
    ...(typeof input.region === 'string' ? { region: input.region } : {}),
  }
}

/** A cost that the caller states outranks none, but not one that the response itself carries. */
function withStatedCost(usage: Usage, cost: TrackCall['cost_usd']): Usage {
  if (cost === undefined || cost === null || usage.attested !== undefined) return usage
  return { ...usage, attested: { amount: String(cost), currency: 'USD', by: 'report cost_usd' } }
}

function withSeller(usage: Usage, rates: Pick<RateDesk, 'sellerOf'>): Usage {
  const model = usage.modelServed ?? usage.modelRequested
  return usage.seller !== '' || model === null ? usage : { ...usage, seller: rates.sellerOf('', model, usage.at) }
}
