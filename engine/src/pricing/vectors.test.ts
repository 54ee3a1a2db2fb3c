import { describe, expect, it } from 'vitest'
import { recordedJson, recordedPath, skipReason } from '../../../conformance/recorded.ts'
import { parseInstant, picosOfUsd } from '../kernel/index.ts'
import { readResponse, type ResponseFacts, serviceTier, type Usage } from '../usage/index.ts'
import { type Charge, type ChargeStatus, price } from './index.ts'
import { testBook } from './test-book.ts'

interface Vector {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly model: string
  readonly streaming: boolean
  readonly recorded_at: string | null
  readonly context: { readonly service_tier?: string; readonly requested_model?: string }
  readonly raw_response?: unknown
  readonly raw_sse?: string
  readonly raw_chunks?: unknown
  readonly unpriced_reason?: string
  readonly provider_attested?: { readonly usd: string | number; readonly by: string }
  readonly expected: null | {
    readonly total_pico_usd: string
    readonly ambiguous: string | null
    readonly alternatives: Readonly<Record<string, string>> | null
    readonly lines: readonly { readonly meter: string; readonly quantity: number; readonly amount_usd: string }[]
    readonly rates_source: string
  }
}

const folder = 'pricing-vectors'
const skip = skipReason(folder)
const vectors = recordedJson<Vector>(folder)

/** Recordings of test models are priced as the model named in `rates_source`. */
const PRICED_AS: Readonly<Record<string, string>> = {
  'anthropic-stream-delta-overrides-input': 'claude-sonnet-4-5',
  'anthropic-stream-duplicate-message-start': 'claude-sonnet-4-5',
  'bedrock-converse-stream': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
}

export function usageOf(vector: Vector): Usage {
  const asModel = PRICED_AS[vector.id]
  const model = asModel ?? vector.context.requested_model ?? vector.model
  const tier = serviceTier(vector.context.service_tier ?? '', [])
  const facts: ResponseFacts = {
    at: (vector.recorded_at === null ? null : parseInstant(vector.recorded_at)) ?? Date.UTC(2026, 6, 20),
    seller: vector.provider,
    modelRequested: model,
    ...(tier === null ? {} : { tier }),
    contentType: vector.raw_sse === undefined ? 'application/json' : 'text/event-stream',
    ...(vector.provider === 'aws-bedrock' ? { url: `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(model)}/converse` } : {}),
  }
  const body = vector.raw_sse ?? JSON.stringify(vector.raw_response)
  const usage = readResponse({ ...facts, body })
  if (asModel === undefined) return usage
  return { ...usage, modelServed: asModel, inferences: usage.inferences.map((inference) => ({ ...inference, model: asModel })) }
}

function priced(vector: Vector): { usage: Usage; charge: Charge } {
  const usage = usageOf(vector)
  return { usage, charge: price(usage, testBook(), { knownAt: Date.UTC(2026, 10, 1) }) }
}

describe.skipIf(skip !== null)(`recorded pricing vectors${skip === null ? '' : `: ${skip}`}`, () => {
  it('are all 56', () => {
    expect(recordedPath(folder)).not.toBeNull()
    expect(vectors).toHaveLength(56)
  })
  it('dump', () => {
    for (const { data } of vectors) {
      const { usage, charge } = priced(data)
      const want = data.expected
      const got = charge.attested?.computed ?? charge.amount
      const good = want === null ? charge.amount !== 0n : got === BigInt(want.total_pico_usd)
      const amb = want?.ambiguous ? 'AMB' : ''
      console.log(good ? 'ok ' : 'BAD', data.id, charge.status, amb, String(got), want?.total_pico_usd, good && (charge.status === 'exact') === !amb ? '' : JSON.stringify({ m: usage.inferences.map((i) => [i.model, i.meters]), s: usage.seller, c: usage.context, n: charge.notes, u: charge.unpriced, alt: charge.alternatives.map((a) => [a.when, String(a.amount)]), l: charge.lines.map((l) => [l.meter, l.quantity, l.price, l.per]) }), data.unpriced_reason ?? '')
    }
  })
})
