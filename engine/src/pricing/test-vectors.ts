import { parseInstant } from '../kernel/index.ts'
import { type ResponseFacts, readResponse, serviceTier, type Usage } from '../usage/index.ts'

/** A recorded pricing vector, as its folder describes it. */
export interface Vector {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly model: string
  readonly recorded_at: string | null
  readonly context: { readonly service_tier?: string; readonly requested_model?: string }
  readonly raw_response?: Condensed
  readonly raw_sse?: string
  readonly expected: null | {
    readonly total_usd: string
    readonly total_pico_usd: string
    readonly ambiguous: string | null
    readonly alternatives: Readonly<Record<string, string>> | null
  }
}

/** The recordings keep of the output items only what is billed, in lists beside the usage. */
interface Condensed {
  readonly web_search_call_actions?: readonly string[]
  readonly output_item_types?: readonly string[]
  readonly code_interpreter_container_ids?: readonly string[]
  readonly webSearchQueries?: readonly (readonly string[])[]
}

/** Recordings of a test model, or with the model only in a URL that was not kept, are priced as the model that their note names. */
const PRICED_AS: Readonly<Record<string, string>> = {
  'anthropic-stream-delta-overrides-input': 'claude-sonnet-4-5',
  'anthropic-stream-duplicate-message-start': 'claude-sonnet-4-5',
  'bedrock-converse-stream': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
}

/** Undated recordings are of the summer of 2026, before the price changes of that August. */
const UNDATED_AT = Date.UTC(2026, 6, 20)

/** Usage of a vector, read by the real parsers. */
export function usageOfVector(vector: Vector): Usage {
  const asModel = PRICED_AS[vector.id]
  const model = asModel ?? vector.context.requested_model ?? vector.model
  const tier = serviceTier(vector.context.service_tier ?? '', [])
  const inUrl = vector.provider === 'aws-bedrock' && vector.api !== 'responses'
  const facts: ResponseFacts = {
    at: (vector.recorded_at === null ? null : parseInstant(vector.recorded_at)) ?? UNDATED_AT,
    seller: vector.provider,
    modelRequested: model,
    ...(tier === null ? {} : { tier }),
    contentType: vector.raw_sse === undefined ? 'application/json' : 'text/event-stream',
    ...(inUrl ? { url: `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(model)}/${vector.api}` } : {}),
  }
  const usage = readResponse({ ...facts, body: vector.raw_sse ?? JSON.stringify(restored(vector.raw_response ?? {})) })
  if (asModel === undefined) return usage
  return { ...usage, modelServed: asModel, inferences: usage.inferences.map((inference) => ({ ...inference, model: asModel })) }
}

function restored(response: Condensed): object {
  const output = [
    ...(response.web_search_call_actions ?? []).map((type) => ({ type: 'web_search_call', action: { type } })),
    ...(response.output_item_types ?? []).map((type) => ({ type })),
    ...(response.code_interpreter_container_ids ?? []).map((id) => ({ type: 'code_interpreter_call', container_id: id })),
  ]
  const candidates = (response.webSearchQueries ?? []).map((webSearchQueries) => ({ groundingMetadata: { webSearchQueries } }))
  return { ...response, ...(output.length === 0 ? {} : { output }), ...(candidates.length === 0 ? {} : { candidates }) }
}
