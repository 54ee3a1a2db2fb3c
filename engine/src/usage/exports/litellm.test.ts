import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../conformance/recorded.ts'
import { INPUT_METERS, OUTPUT_METERS, readLiteLlmRow, usageTotal } from '../index.ts'

const FILE = 'exports/litellm/spend_logs_payload.json'
const skip = skipReason(FILE)
const ROW = { request_id: 'r1', startTime: '2026-01-01T00:00:00Z', model: 'gpt-4o', custom_llm_provider: 'openai' }

describe.skipIf(skip !== null)(`LiteLLM's recorded row ${skip ?? ''}`, () => {
  it('reads counters, times without offset, session and spend', () => {
    const row: unknown = JSON.parse(readFileSync(recordedPath(FILE) ?? '', 'utf8'))
    expect(readLiteLlmRow(row)).toMatchObject({
      ok: true,
      value: {
        id: 'chatcmpl-2283081b-dc89-41f6-93e6-d4f914774027',
        sessionId: '1234567890',
        at: Date.UTC(2025, 0, 24, 9, 20, 46, 847),
        latencyMs: 4,
        status: 'success',
        tags: [],
        usage: {
          seller: 'openai',
          modelServed: null,
          modelRequested: 'gpt-4o',
          attested: { amount: '0.00022500000000000002', currency: 'USD', by: 'litellm spend' },
          inferences: [{ model: 'gpt-4o', meters: { input: 10, output: 20 } }],
        },
      },
    })
  })
})

describe('readLiteLlmRow', () => {
  it('uses the details of the usage object, as text or as an object, before the columns', () => {
    const usage_object = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
    }
    for (const metadata of [{ usage_object }, JSON.stringify({ usage_object })]) {
      const read = readLiteLlmRow({ ...ROW, model: 'claude-sonnet-4-5', custom_llm_provider: 'anthropic', prompt_tokens: 1, metadata })
      expect(read).toMatchObject({
        value: { usage: { inferences: [{ meters: { input: 10, 'input.cache_read': 60, 'input.cache_write_5m': 30, output: 20 } }] } },
      })
    }
  })

  it.each([
    ['an array', [], ''],
    ['no id', { ...ROW, request_id: '' }, '/request_id'],
    ['no time', { ...ROW, startTime: 'soon' }, '/startTime'],
  ])('refuses %s', (_, row, path) => {
    expect(readLiteLlmRow(row)).toMatchObject({ ok: false, error: { path } })
  })

  it('takes a spend of zero for a statement only when a cache answered', () => {
    const counters = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6, spend: 0 }
    expect(readLiteLlmRow({ ...ROW, ...counters })).not.toHaveProperty('value.usage.attested')
    expect(readLiteLlmRow({ ...ROW, ...counters, cache_hit: 'True' })).toMatchObject({ value: { usage: { attested: { amount: '0' } } } })
  })

  it('never throws, and keeps the totals of counters it can read', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.jsonValue(), (input, output, metadata) => {
        const read = readLiteLlmRow({ ...ROW, prompt_tokens: input, completion_tokens: output, total_tokens: input + output, metadata })
        if (!read.ok || (typeof metadata === 'object' && metadata !== null && 'usage_object' in metadata)) return
        expect(usageTotal(read.value.usage, INPUT_METERS) + usageTotal(read.value.usage, OUTPUT_METERS)).toBe(input + output)
      }),
    )
  })
})
