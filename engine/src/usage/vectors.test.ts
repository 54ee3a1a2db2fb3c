import { describe, expect, it } from 'vitest'
import { recordedJson, skipReason } from '../../../conformance/recorded.ts'
import { INPUT_METERS, type Meter, OUTPUT_METERS, readResponse, type Usage, usageTotal } from './index.ts'

type Raw = Record<string, unknown>

/** A provider's usage payload and what it costs, line by line. */
interface Vector {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly model: string
  readonly context: { readonly service_tier?: string; readonly requested_model?: string }
  readonly raw_response?: Raw
  readonly raw_sse?: string
  readonly expected: { readonly lines: readonly { readonly meter: Meter; readonly quantity: number }[] } | null
  readonly unpriced_reason?: string
  readonly provider_attested?: { readonly usd: string | number }
}

const VECTORS = 56
const skip = skipReason('pricing-vectors')
const vectors = recordedJson<Vector>('pricing-vectors')

function readVector(vector: Vector): Usage {
  return readResponse({
    at: Date.UTC(2026, 6, 1),
    seller: vector.provider,
    ...(vector.model.startsWith('(') ? {} : { modelRequested: vector.context.requested_model ?? vector.model }),
    body: vector.raw_sse ?? JSON.stringify(restoreItems(vector.raw_response ?? {})),
  })
}

/** The captures keep a summary of stripped output items; this puts items of that kind back. */
function restoreItems(raw: Raw): Raw {
  const { web_search_call_actions, output_item_types, code_interpreter_container_ids, code_interpreter_calls, webSearchQueries, ...rest } =
    raw
  const output: Raw[] = []
  for (const type of (web_search_call_actions ?? []) as string[]) output.push({ type: 'web_search_call', action: { type } })
  for (const type of (output_item_types ?? []) as string[]) output.push({ type })
  for (const id of (code_interpreter_container_ids ?? []) as string[]) {
    for (let call = 0; call < Number(code_interpreter_calls); call++) output.push({ type: 'code_interpreter_call', container_id: id })
  }
  const groundings = (webSearchQueries ?? []) as string[][]
  return {
    ...rest,
    ...(output.length > 0 ? { output } : {}),
    ...(groundings.length > 0 ? { candidates: groundings.map((queries) => ({ groundingMetadata: { webSearchQueries: queries } })) } : {}),
  }
}

/** A finer meter is billed at its parent's rate where a price list has no rate of its own. */
const PARENTS: Partial<Record<Meter, Meter>> = {
  'output.reasoning': 'output',
  'input.tool': 'input',
  'input.video': 'input',
  'input.image': 'input',
  'input.cache_read.video': 'input.cache_read',
}

function billed(usage: Usage, asLines: ReadonlySet<string>): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const inference of usage.inferences) {
    if (inference.kind === 'refused') continue
    for (const [meter, quantity] of Object.entries(inference.meters) as [Meter, number][]) {
      const line = asLines.has(meter) ? meter : (PARENTS[meter] ?? meter)
      if (quantity > 0) sums[line] = (sums[line] ?? 0) + quantity
    }
  }
  return sums
}

function statedTotal(raw: Raw): number | undefined {
  const usage = (raw.usage ?? raw.usageMetadata ?? {}) as Raw
  const total = usage.total_tokens ?? usage.totalTokenCount ?? usage.totalTokens
  return typeof total === 'number' ? total : undefined
}

describe.skipIf(skip !== null)(`recorded usage payloads ${skip ?? ''}`, () => {
  it(`has all ${VECTORS} of them`, () => {
    expect(vectors.length).toBe(VECTORS)
  })

  for (const { file, data } of vectors) {
    it(`${file} meters what its cost was computed from`, () => {
      const usage = readVector(data)
      expect(usage.outcome).toEqual({ ok: true })
      for (const inference of usage.inferences) {
        for (const quantity of Object.values(inference.meters)) expect(Number.isInteger(quantity) && quantity >= 0).toBe(true)
      }
      if (data.expected !== null) {
        const lines: Record<string, number> = {}
        for (const { meter, quantity } of data.expected.lines) lines[meter] = (lines[meter] ?? 0) + quantity
        const sums = billed(usage, new Set(Object.keys(lines)))
        // What lies within a free allowance is metered and noted, and left out of the recorded cost.
        if (usage.notes.some(({ code }) => code === 'allowance_not_applied')) delete sums['tool.web_search']
        expect(sums).toEqual(lines)
      }
      const total = statedTotal(data.raw_response ?? {})
      if (total !== undefined && usage.inferences[0]?.kind !== 'transcription') {
        expect(usageTotal(usage, INPUT_METERS) + usageTotal(usage, OUTPUT_METERS)).toBe(total)
      }
      if (data.provider_attested && data.provider_attested.usd !== '0.00348') {
        expect(usage.attested).toMatchObject({ amount: String(data.provider_attested.usd), currency: 'USD' })
      }
    })
  }
})

describe.skipIf(skip !== null)(`what the payloads leave open ${skip ?? ''}`, () => {
  const read = (id: string): Usage => readVector(vectors.find(({ data }) => data.id === id)!.data)
  const codes = (id: string): string[] => read(id).notes.map(({ code }) => code)

  it('says when a stream has no usage, and estimates it', () => {
    const usage = read('openai-chat-stream-no-usage')
    expect(usage.inferences[0]?.evidence).toEqual({ input: 'missing', output: 'assumed' })
    expect(codes('openai-chat-stream-no-usage')).toEqual(['no_usage', 'estimated_from_text', 'input_missing'])
  })

  it('says that the prompt of a partial usage is missing', () => {
    const usage = read('gemini-stream-partial-usage')
    expect(usage.inferences[0]?.meters).toEqual({ output: 23, 'output.reasoning': 67 })
    expect(usage.inferences[0]?.evidence.input).toBe('missing')
    expect(codes('gemini-stream-partial-usage')).toEqual(['input_missing'])
  })

  it.each([
    ['anthropic-stream-cache-grows', 'cache_ttl_assumed'],
    ['anthropic-refusal-fallback', 'refused_attempt'],
    ['anthropic-pause-turn-401k', 'inferences_summed'],
    ['anthropic-advisor-two-models', 'reasoning_not_split'],
    ['azure-chat-model-router-stream', 'model_router'],
    ['cohere-billed-units', 'unbilled_counter'],
    ['gemini-tool-use-grounding', 'allowance_not_applied'],
    ['mistral-transcription-audio-seconds', 'unbilled_counter'],
    ['openai-responses-code-interpreter', 'container_shared'],
    ['openai-responses-web-search', 'search_actions_counted'],
    ['openrouter-advisor-opaque-oracle', 'sub_call_unmetered'],
    ['xai-responses-server-tools', 'tool_kind_assumed'],
  ])('%s carries the note %s', (id, code) => {
    expect(codes(id)).toContain(code)
  })

  it.each([
    ['openai-responses-stream-flex', 'flex'],
    ['gemini-vertex-flex', 'flex'],
    ['groq-cached-reasoning', 'standard'],
    ['anthropic-thinking-details', 'standard'],
    ['gemini-image-output', 'standard'],
  ])('%s ran at tier %s', (id, tier) => {
    expect(read(id).context.tier).toBe(tier)
  })

  it('tells models apart: asked for, answered by, and called on the way', () => {
    expect(read('anthropic-refusal-fallback')).toMatchObject({ modelRequested: 'claude-fable-5', modelServed: 'claude-opus-4-8' })
    expect(read('anthropic-advisor-two-models').inferences.map(({ model, kind }) => [model, kind])).toEqual([
      ['claude-sonnet-5', 'message'],
      ['claude-opus-4-8', 'advisor'],
      ['claude-sonnet-5', 'message'],
    ])
    expect(read('azure-chat-model-router-stream')).toMatchObject({ modelServed: 'gpt-5-nano-2025-08-07' })
    expect(read('bedrock-invoke-anthropic-eu').context.region).toBe('eu')
  })

  it('keeps the container that a fee is due for once', () => {
    expect(read('openai-responses-code-interpreter').context.containerIds).toEqual([
      'cntr_6903bf2c0470819090b2b1e63e0b66800c139a5d654a42ec',
    ])
  })
})
