import { EventStreamCodec } from '@smithy/eventstream-codec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatAnswer, type FakeProvider, fakeProvider } from '../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { usdOfPicos } from '../../kernel/index.ts'
import { bedrockDialect } from './dialects/bedrock.ts'
import { upstreamFailure } from './dialects/index.ts'

const CLAUDE = { model: 'claude-sonnet-4-5', max_tokens: 64_000, messages: [{ role: 'user', content: 'hi' }] }
const GPT = { model: 'gpt-4o', max_tokens: 16_000, messages: [{ role: 'user', content: 'hi' }] }

describe('a refusal in the words of the provider', () => {
  let provider: FakeProvider
  let server: TestServer

  beforeAll(async () => {
    provider = await fakeProvider()
    const env = Object.fromEntries(
      ['OPENAI', 'ANTHROPIC', 'GEMINI', 'AZURE', 'BEDROCK'].map((name) => [`PURSER_UPSTREAM_${name}`, provider.url]),
    )
    server = await testServer({ gateway: gatewayTo(env) })
    await server.send('PUT', '/v1/finops/budgets', {
      dimension: 'organization',
      value: '*',
      period: 'day',
      limit_usd: '0.01',
      name: 'small',
    })
  })
  afterAll(async () => {
    await server.close()
    await provider.close()
  })

  it.each([
    ['OpenAI', '/openai/v1/chat/completions', GPT, {}, 402, { error: { type: 'insufficient_quota', code: 'insufficient_quota' } }],
    [
      'OpenAI responses',
      '/openai/v1/responses',
      { model: 'gpt-4o', input: 'hi', max_output_tokens: 16_000 },
      {},
      402,
      { error: { code: 'insufficient_quota' } },
    ],
    [
      'Anthropic',
      '/anthropic/v1/messages',
      CLAUDE,
      {},
      402,
      { type: 'error', error: { type: 'billing_error', details: { error_code: 'enforced_spend_limit_reached' } } },
    ],
    [
      'Claude Code',
      '/anthropic/v1/messages?beta=true',
      CLAUDE,
      { 'x-claude-code-session-id': 's' },
      429,
      { type: 'error', error: { type: 'billing_error' } },
    ],
    [
      'Gemini',
      '/gemini/v1beta/models/gemini-2.5-pro:generateContent',
      { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { maxOutputTokens: 60_000 } },
      {},
      402,
      { error: { code: 402, status: 'RESOURCE_EXHAUSTED' } },
    ],
    [
      'Bedrock',
      '/bedrock/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse',
      { messages: [], inferenceConfig: { maxTokens: 8_000 } },
      {},
      402,
      { __type: 'ServiceQuotaExceededException' },
    ],
    [
      'Azure',
      '/azure/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
      GPT,
      {},
      402,
      { error: { code: 'insufficient_quota' } },
    ],
  ])('%s', async (_, path, body, headers, status, expected) => {
    const before = provider.asked.length
    const answer = await server.send('POST', path, body, headers as Record<string, string>)
    expect(answer).toMatchObject({ status, body: expected, headers: { 'x-should-retry': 'false' } })
    expect(answer.text).toContain("Budget 'small' exhausted (will reset at ")
    expect(answer.text).not.toMatch(/x402Version|"accepts"/)
    expect(answer.headers).not.toHaveProperty('www-authenticate')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(provider.asked).toHaveLength(before)
  })

  it('has the status that a policy gives it', async () => {
    const set = await server.send('PUT', '/v1/finops/gateway/policies', { match: { agents: ['stubborn'] }, budget_status: 429 })
    expect(set.status, set.text).toBe(200)
    const answer = await server.send('POST', '/openai/v1/chat/completions', GPT, { 'x-purser-agent': 'stubborn' })
    expect(answer).toMatchObject({ status: 429, headers: { 'x-should-retry': 'false' }, body: { error: { code: 'insufficient_quota' } } })
  })

  it('is a shorter wait for a breaker, and asking again helps', async () => {
    const set = await server.send('PUT', '/v1/finops/breakers', {
      dimension: 'agent',
      value: 'fast',
      measure: 'calls',
      limit: 1,
      window_seconds: 60,
      action: 'throttle',
    })
    expect(set.status).toBe(200)
    const small = { ...GPT, max_tokens: 1 }
    const headers = { 'x-purser-agent': 'fast' }
    await server.send('POST', '/openai/v1/chat/completions', small, headers)
    const held = await server.send('POST', '/openai/v1/chat/completions', small, headers)
    expect(held).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' } } })
    expect(held.headers).not.toHaveProperty('x-should-retry')
    expect(Number(held.headers['retry-after'])).toBeLessThanOrEqual(60)
  })

  it('is said of an agent that was stopped', async () => {
    const stopped = await server.send('POST', '/v1/finops/agents/idle/pause', { reason: 'looks odd' })
    const { status, body } = await server.send('POST', '/anthropic/v1/messages', { ...CLAUDE, max_tokens: 1 }, { 'x-purser-agent': 'idle' })
    expect(stopped.status).toBe(200)
    expect({ status, body }).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_error', message: expect.stringContaining('paused') } },
    })
  })

  it('ends a binary stream with an exception', () => {
    const codec = new EventStreamCodec(
      (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
      (text) => Buffer.from(text),
    )
    const { headers, body } = codec.decode(bedrockDialect.streamEnd(upstreamFailure(502, 'it broke off', 'upstream_unreachable'), 'r'))
    expect(headers[':exception-type']?.value).toBe('modelErrorException')
    expect(JSON.parse(Buffer.from(body).toString('utf8'))).toEqual({ message: 'it broke off' })
  })
})

describe('a stream that outgrows what is held for it', () => {
  let provider: FakeProvider
  let server: TestServer

  beforeAll(async () => {
    const words = Array.from({ length: 400 }, () => 'a dozen words that make up a sentence of some tokens, again and again. ')
    provider = await fakeProvider(chatAnswer({ prompt_tokens: 10, completion_tokens: 6_000 }, words))
    server = await testServer({
      gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url }, { hold: { input: 'bound', firstOutputTokens: 500 } }),
    })
  })
  afterAll(async () => {
    await server.close()
    await provider.close()
  })

  const ask = () =>
    server.send('POST', '/openai/v1/chat/completions', { model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'hi' }] })
  const limit = (limit_usd: string) =>
    server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd })
  const standing = async () => {
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as {
      budgets: { standings: { held_usd: string; spent_usd: string }[] }[]
    }
    return budgets[0]?.standings[0]
  }
  const amountOf = async (id: unknown) => {
    const entry = await server.services.ledger.findCall('default', String(id))
    return entry?.event.kind === 'call'
      ? { cost: usdOfPicos(entry.event.call.charge.amount ?? (0n as never)), held: entry.settled?.amount ?? null }
      : null
  }

  it('is held more for', async () => {
    await limit('100')
    const { text, headers } = await ask()
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(headers['x-purser-held-usd']).toBe('0.00535')
    const { cost, held } = (await amountOf(headers['x-purser-call-id'])) ?? {}
    expect(cost).toBe('0.060025')
    expect(held).toBeGreaterThan(60_025_000_000n)
    expect(await standing()).toMatchObject({ held_usd: '0', spent_usd: '0.060025' })
  })

  it('is ended where nothing more can be held', async () => {
    const before = provider.asked.length
    await limit('0.08')
    const { text, headers, status } = await ask()
    expect(provider.asked).toHaveLength(before + 1)
    expect(status).toBe(200)
    expect(text).not.toContain('[DONE]')
    const last = text.trim().split('\n\n').at(-1) ?? ''
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } })
    const entry = await server.services.ledger.findCall('default', String(headers['x-purser-call-id']))
    expect(entry?.event).toMatchObject({ call: { success: false, errorCode: 'budget_exceeded', charge: { status: 'estimated' } } })
    expect(await standing()).toMatchObject({ held_usd: '0' })
    expect(Number((await standing())?.spent_usd)).toBeLessThanOrEqual(0.08)
  })
})
