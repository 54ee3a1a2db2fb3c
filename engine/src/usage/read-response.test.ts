import { readFileSync } from 'node:fs'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordedJson, skipReason } from '../../../conformance/recorded.ts'
import { INPUT_METERS, METERS, OUTPUT_METERS, type ResponseFacts, readResponse, responseReader, type Usage, usageTotal } from './index.ts'

interface Case {
  readonly name: string
  readonly facts: Omit<ResponseFacts, 'at'>
  readonly body: unknown
  readonly inferences?: number
  readonly meters?: Readonly<Record<string, number>>
  readonly evidence?: Readonly<Record<string, string>>
  readonly kind?: string
  readonly notes?: readonly string[]
  readonly context?: Readonly<Record<string, unknown>>
  readonly attested?: string | null
  readonly outcome?: string
  readonly seller?: string
  readonly model?: string
  readonly total?: number
}

const { cases } = JSON.parse(readFileSync(new URL('../../../conformance/usage/responses.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[]
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

describe('readResponse', () => {
  it('has a case for each shape and for each way to fail', () => {
    expect(cases.length).toBeGreaterThan(55)
    expect(cases.filter(({ outcome }) => outcome !== undefined).length).toBeGreaterThan(6)
  })

  it.each(cases)('$name', (one) => {
    const usage = readResponse({ at: 0, ...one.facts, body: textOf(one.body) })
    expect(usage.inferences).toHaveLength(one.inferences ?? 1)
    const [inference] = usage.inferences
    if (one.meters !== undefined) expect(inference?.meters).toEqual(one.meters)
    if (one.evidence !== undefined) expect(inference?.evidence).toEqual(one.evidence)
    if (one.kind !== undefined) expect(inference?.kind).toBe(one.kind)
    if (one.notes !== undefined) expect([...new Set(usage.notes.map(({ code }) => code))]).toEqual(one.notes)
    if (one.context !== undefined) expect(usage.context).toEqual(one.context)
    if (one.attested !== undefined) expect(usage.attested?.amount ?? null).toBe(one.attested)
    if (one.seller !== undefined) expect(usage.seller).toBe(one.seller)
    if (one.model !== undefined) expect(inference?.model).toBe(one.model)
    if (one.total !== undefined) expect(usageTotal(usage, INPUT_METERS) + usageTotal(usage, OUTPUT_METERS)).toBe(one.total)
    expect(usage.outcome).toMatchObject(one.outcome === undefined ? { ok: true } : { ok: false, code: one.outcome })
  })
})

function readInPieces(facts: ResponseFacts, bytes: Uint8Array, cuts: readonly number[]): Usage {
  const reader = responseReader(facts)
  let from = 0
  for (const cut of [...cuts].map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b)) {
    reader.push(bytes.subarray(from, cut))
    from = cut
  }
  reader.push(bytes.subarray(from))
  return reader.end()
}

const share = fc.double({ min: 0, max: 1, noNaN: true })

function checkCuts(facts: ResponseFacts, bytes: Uint8Array, whole: Usage, numRuns: number): void {
  const property = fc.property(fc.array(share, { maxLength: 12 }), (cuts) => {
    expect(readInPieces(facts, bytes, cuts)).toEqual(whole)
  })
  fc.assert(property, { numRuns })
}

interface Recording {
  readonly provider: string
  readonly url: string
  readonly status: number
  readonly request_body: string | null
  readonly response_body: string
  readonly response_body_encoding: 'utf8' | 'base64'
}

const skip = skipReason('cassettes')

describe('cutting a response anywhere gives the same usage', () => {
  it.each(cases)('$name', ({ facts, body }) => {
    const bytes = new TextEncoder().encode(textOf(body))
    const whole = readResponse({ at: 0, ...facts, body: bytes })
    expect(readResponse({ at: 0, ...facts, body: textOf(body) })).toEqual(whole)
    const each = responseReader({ at: 0, ...facts })
    for (const byte of bytes) each.push(Uint8Array.of(byte))
    expect(each.end()).toEqual(whole)
    checkCuts({ at: 0, ...facts }, bytes, whole, 100)
  })

  it.skipIf(skip !== null)(`in every recorded exchange ${skip ?? ''}`, () => {
    const recordings = recordedJson<Recording>('cassettes').filter(({ file }) => /^\d/.test(file))
    expect(recordings).toHaveLength(65)
    for (const { data } of recordings) {
      const bytes = Buffer.from(data.response_body, data.response_body_encoding === 'base64' ? 'base64' : 'utf8')
      const facts = { at: 0, seller: data.provider, url: data.url, status: data.status, request: data.request_body }
      const whole = readResponse({ ...facts, body: bytes })
      checkCuts(facts, bytes, whole, 15)
    }
  })
})

describe('AWS event streams', () => {
  const codec = new EventStreamCodec(
    (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
    (text) => new TextEncoder().encode(text),
  )
  const message = (headers: Record<string, string>, body: unknown): Uint8Array =>
    codec.encode({
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }])),
      body: new TextEncoder().encode(JSON.stringify(body)),
    })
  const event = (type: string, body: unknown): Uint8Array => message({ ':message-type': 'event', ':event-type': type }, body)
  const chunk = (body: unknown): Uint8Array => event('chunk', { bytes: Buffer.from(JSON.stringify(body)).toString('base64') })
  const read = (...parts: Uint8Array[]): Usage => readResponse({ at: 0, seller: 'aws', modelRequested: 'm', body: Buffer.concat(parts) })
  const delta = event('contentBlockDelta', { delta: { text: 'Hello there, how are you?' }, contentBlockIndex: 0 })
  const counts = event('metadata', { usage: { inputTokens: 3, outputTokens: 7 }, metrics: { latencyMs: 1 } })

  it('has its usage in the metadata of Converse', () => {
    expect(read(event('messageStart', { role: 'assistant' }), delta, event('messageStop', {}), counts).inferences[0]?.meters).toEqual({
      input: 3,
      output: 7,
    })
  })

  it('carries the makers own streams in chunks', () => {
    const usage = read(
      chunk({ type: 'message_start', message: { model: 'claude', usage: { input_tokens: 3, output_tokens: 1 } } }),
      chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } }),
      chunk({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 7 } }),
    )
    expect(usage.inferences.map(({ meters }) => meters)).toEqual([{ input: 3, output: 7 }])
    expect(usage.notes).toEqual([])
  })

  it('turns an exception into the outcome and estimates what came before', () => {
    const usage = read(delta, message({ ':message-type': 'exception', ':exception-type': 'throttlingException' }, { message: 'slow down' }))
    expect(usage.outcome).toEqual({ ok: false, code: 'throttlingException', message: 'slow down' })
    expect(usage.inferences[0]?.evidence).toEqual({ input: 'missing', output: 'assumed' })
  })

  it('notices a message that is cut off or damaged', () => {
    const damaged = Uint8Array.from(counts)
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1
    for (const last of [counts.subarray(0, 40), damaged]) {
      const usage = read(delta, last)
      expect(usage.notes.map(({ code }) => code)).toContain('cut_off')
      expect(usage.inferences[0]?.evidence.output).toBe('assumed')
    }
  })

  it('is the same however it is cut', () => {
    const bytes = Buffer.concat([delta, counts])
    checkCuts({ at: 0, seller: 'aws', modelRequested: 'm' }, bytes, read(delta, counts), 100)
  })
})

describe('anything at all', () => {
  const sellers = ['openai', 'anthropic', 'google', 'aws', 'openrouter', 'x-ai', 'perplexity', 'cohere', '']
  const known = new Set<string>(METERS)

  function checkSound(usage: Usage): void {
    for (const { meters, evidence } of usage.inferences) {
      for (const [meter, quantity] of Object.entries(meters)) {
        expect(known.has(meter) && Number.isSafeInteger(quantity) && quantity >= 0).toBe(true)
        expect(evidence).toHaveProperty([meter], expect.stringMatching(/^(reported|derived|assumed)$/))
      }
    }
    expect(usage.notes.length).toBeLessThanOrEqual(64)
  }

  it('bytes and text never throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sellers), fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }), fc.json()), (seller, body) => {
        checkSound(readResponse({ at: 0, seller, body }))
        checkSound(readResponse({ at: 0, seller, body, contentType: 'application/vnd.amazon.eventstream' }))
      }),
    )
  })

  it('valid answers with any field replaced by anything never throw and stay whole numbers', () => {
    const documents = cases
      .map(({ body }) => body)
      .filter((body): body is Record<string, unknown> => typeof body === 'object' && body !== null)
    fc.assert(
      fc.property(
        fc.constantFrom(...sellers),
        fc.constantFrom(...documents),
        fc.nat(),
        fc.jsonValue(),
        fc.jsonValue(),
        (seller, body, at, value, request) => {
          checkSound(readResponse({ at: 0, seller, body: JSON.stringify(replaced(body, at, value)), request: JSON.stringify(request) }))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('ten thousand levels of nesting do not overflow', () => {
    const deep = `${'{"usage":'.repeat(10_000)}1${'}'.repeat(10_000)}`
    checkSound(readResponse({ at: 0, seller: 'openai', body: deep, request: deep }))
  })
})

/** Puts a value in the place of the nth field of a document. */
function replaced(document: unknown, nth: number, value: unknown): unknown {
  let fields = 0
  JSON.stringify(document, (_, field) => {
    fields++
    return field
  })
  const target = 1 + (nth % Math.max(1, fields - 1))
  let at = 0
  return JSON.parse(JSON.stringify(document, (_, field) => (at++ === target ? value : field)) ?? 'null')
}
