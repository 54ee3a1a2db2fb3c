import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordedJson, recordedPath, skipReason } from '../../../conformance/recorded.ts'
import { comparedWith } from '../../../conformance/upstream/expected-usage.ts'
import { INPUT_METERS, OUTPUT_METERS, readResponse, type Usage, usageTotal } from './index.ts'

/** A recorded HTTP exchange with the usage that an independent parser read from it. */
interface Cassette {
  readonly provider: string
  readonly url: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | null
  readonly request_body: string | null
  readonly response_body_encoding: 'utf8' | 'base64'
  readonly response_body: string
  readonly expected_usage?: Readonly<Record<string, unknown>> | null
  readonly expected?: {
    readonly raw_usage: Readonly<Record<string, unknown>>
    readonly iterations: readonly Readonly<Record<string, unknown>>[] | null
    readonly model: string | null
  }
}

const CASSETTES = 65
const AT = Date.UTC(2026, 6, 1)
const skip = skipReason('cassettes')
const cassettes = recordedJson<Cassette>('cassettes').filter(({ file }) => /^\d/.test(file))

function readCassette(cassette: Cassette): Usage {
  const bytes = Buffer.from(cassette.response_body, cassette.response_body_encoding === 'base64' ? 'base64' : 'utf8')
  return readResponse({
    at: AT,
    seller: cassette.provider,
    url: cassette.url,
    status: cassette.status,
    contentType: cassette.headers?.['content-type'] ?? null,
    request: cassette.request_body,
    body: bytes,
  })
}

function isStreamed(cassette: Cassette): boolean {
  return cassette.response_body.startsWith('data:') || cassette.response_body.startsWith('event:')
}

describe.skipIf(skip !== null)(`recorded exchanges ${skip ?? ''}`, () => {
  it(`has all ${CASSETTES} of them`, () => {
    expect(cassettes.length).toBe(CASSETTES)
    expect(cassettes.filter(({ data }) => data.expected_usage).length).toBeGreaterThan(40)
  })

  for (const { file, data } of cassettes) {
    it(`${file} gives its expected usage`, () => {
      const usage = readCassette(data)
      if (data.expected) checkExpected(usage, data)
      else if (data.expected_usage) checkUsage(usage, data.expected_usage)
      else checkUnreported(usage, data)
    })
  }
})

function checkUsage(usage: Usage, expected: Readonly<Record<string, unknown>>): void {
  const { ours, theirs } = comparedWith(usage, expected)
  expect(ours).toEqual(theirs)
  expect(Object.keys(theirs).length).toBeGreaterThan(2)
  if (expected.service_tier !== undefined) expect(usage.context.tier).toBe(expected.service_tier)
  if (expected.inference_geo !== undefined && expected.inference_geo !== 'not_available') {
    expect(usage.context.region).toBe(expected.inference_geo)
  }
  if (expected.provider_cost_usd !== undefined) expect(Number(usage.attested?.amount)).toBe(expected.provider_cost_usd)
  expect(usage.outcome).toEqual({ ok: true })
  expect(
    usage.notes.filter(({ code }) => ['no_usage', 'cut_off', 'counter_clamped', 'unknown_counter', 'model_missing'].includes(code)),
  ).toEqual([])
}

function checkExpected(usage: Usage, cassette: Cassette): void {
  const { expected } = cassette
  if (cassette.status >= 400) {
    expect(usage.outcome.ok).toBe(false)
    expect(usage.inferences).toEqual([])
    return
  }
  if (expected?.iterations) {
    expect(
      usage.inferences.map((inference) => ({
        model: inference.model,
        input_uncached: inference.meters.input,
        cache_read: inference.meters['input.cache_read'] ?? 0,
        cache_write: (inference.meters['input.cache_write_5m'] ?? 0) + (inference.meters['input.cache_write_1h'] ?? 0),
        output_total: usageTotal({ ...usage, inferences: [inference] }, OUTPUT_METERS),
      })),
    ).toEqual(expected.iterations.map(({ type: _, model, ...counts }) => ({ model: model ?? expected.model, ...counts })))
    return
  }
  expect(usageTotal(usage, INPUT_METERS)).toBe(expected?.raw_usage.input_tokens)
  expect(usageTotal(usage, OUTPUT_METERS)).toBe(expected?.raw_usage.output_tokens)
  expect(usage.modelServed).toBe(expected?.model)
  const tools = expected?.raw_usage.server_tool_use as { web_search_requests: number } | undefined
  expect(usageTotal(usage, ['tool.web_search'])).toBe(tools?.web_search_requests ?? 0)
}

/** No usage was reported: a refused call consumed nothing, a counting call neither, and a stream is estimated and never zero. */
function checkUnreported(usage: Usage, cassette: Cassette): void {
  if (cassette.status >= 400) {
    expect(usage.outcome).toMatchObject({ ok: false, code: expect.stringMatching(/./) })
    expect(usage.inferences).toEqual([])
  } else if (isStreamed(cassette)) {
    expect(usage.inferences).toHaveLength(1)
    expect(usage.inferences[0]?.evidence).toEqual({ input: 'assumed', output: 'assumed' })
    expect(usage.inferences[0]?.meters.output).toBeGreaterThan(0)
    expect(usage.inferences[0]?.meters.input).toBeGreaterThan(0)
    expect(usage.notes.map(({ code }) => code)).toEqual(expect.arrayContaining(['no_usage', 'estimated_from_text']))
  } else {
    expect(usage.context.endpoint).toBe('count_tokens')
    expect(usage.inferences).toEqual([])
  }
}

describe.skipIf(skip !== null)(`recorded error bodies ${skip ?? ''}`, () => {
  it("each gives its provider's own code and no meters", () => {
    const path = recordedPath('cassettes/errors-verbatim.json') ?? ''
    const errors = JSON.parse(readFileSync(path, 'utf8')) as readonly { provider: string; status: number; body: unknown }[]
    const codes = errors.map(({ provider, status, body }) => {
      const usage = readResponse({ at: AT, seller: provider, status, body: body === null ? '' : JSON.stringify(body) })
      expect(usage.inferences).toEqual([])
      return usage.outcome.ok ? 'ok' : usage.outcome.code
    })
    expect(codes).toEqual([
      'rate_limit_exceeded',
      'rate_limit_exceeded',
      'http_429',
      'insufficient_quota',
      'rate_limit_exceeded',
      'overloaded_error',
      'overloaded_error',
      'rate_limit_error',
      'RESOURCE_EXHAUSTED',
      'RESOURCE_EXHAUSTED',
    ])
  })
})
