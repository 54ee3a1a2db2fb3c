import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chatAnswer, type FakeProvider, fakeProvider } from '../../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../operations/index.ts'

const PATH = '/openai/v1/chat/completions'
const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }
const ANA = { 'x-purser-user': 'ana' }
/** Ten tokens in, two out, at the list price of gpt-4o. */
const COST = 0.000045

describe('the cache of the gateway', () => {
  let provider: FakeProvider
  let server: TestServer
  let invoke: Invoke
  let now: number

  beforeAll(async () => {
    provider = await fakeProvider()
  })
  afterAll(() => provider.close())

  beforeEach(async () => {
    provider.answer(chatAnswer())
    now = Date.parse('2026-11-22T10:00:00Z')
    server = await testServer({
      now: () => now,
      gateway: gatewayTo({
        PURSER_UPSTREAM_OPENAI: provider.url,
        PURSER_UPSTREAM_OTHER: provider.url,
        PURSER_UPSTREAM_ANTHROPIC: provider.url,
      }),
    })
    invoke = createInvoke(server.services)
    return () => server.close()
  })

  const cache = (more: object = {}, rest: object = {}) =>
    invoke('set_gateway_policy', { policy_id: 'p', cache: { mode: 'exact', ttl_seconds: 60, ...more }, ...rest })
  /** Whether the provider was asked, and what the answer says of the cache. */
  const ask = async (body: object = {}, headers: Record<string, string> = ANA, path = PATH) => {
    const before = provider.asked.length
    const answer = await server.send('POST', path, { ...CHAT, ...body }, headers)
    return { ...answer, asked: provider.asked.length - before, cache: answer.headers['x-purser-cache'] ?? null }
  }
  const callOf = async (callId: unknown, organization = 'default') => {
    const entry = await server.services.ledger.findCall(organization, String(callId))
    if (entry?.event.kind !== 'call') throw new Error('the call is posted')
    return entry
  }

  it('is off where nobody has switched it on', async () => {
    expect(await ask()).toMatchObject({ status: 200, asked: 1, cache: null })
    expect(await ask()).toMatchObject({ status: 200, asked: 1, cache: null })
    await cache({}, { enabled: false })
    await ask()
    expect(await ask()).toMatchObject({ asked: 1, cache: null })
  })

  it('gives the same answer again, for nothing, and says what that has saved', async () => {
    await cache()
    const first = await ask()
    expect(first).toMatchObject({ asked: 1, cache: 'miss', headers: { 'x-purser-policy': 'p' } })
    now += 5_000
    const second = await ask({ user: 'other name', metadata: { a: '1' } })
    expect(second).toMatchObject({
      status: 200,
      asked: 0,
      cache: 'hit; exact',
      text: first.text,
      headers: { age: '5', 'content-type': 'application/json', 'x-purser-cost-usd': '0', 'x-purser-saved-usd': '0.000045' },
    })
    const { event, settled } = await callOf(second.headers['x-purser-call-id'])
    expect(settled).toBeDefined()
    if (event.kind !== 'call') return
    expect(event.call).toMatchObject({
      source: 'gateway:cache',
      success: true,
      user: 'ana',
      tags: { cache: 'hit', cache_match: 'exact', cache_of: first.headers['x-purser-call-id'] },
      charge: { status: 'attested', amount: 0n, lines: [], attested: { by: 'gateway:cache', amount: 0n, computed: 45_000_000n } },
    })
    expect(await invoke('explain_call', { call_id: String(second.headers['x-purser-call-id']) })).toMatchObject({
      ok: true,
      value: { charge: { cost: '0', attested: { by: 'gateway:cache', computed: '0.000045' } } },
    })
    const focus = (await server.send('GET', '/v1/finops/export/focus?format=csv&period=all')).text
    expect(focus).toContain('gpt-4o')
    expect(focus).not.toContain('gateway:cache')
    expect(focus).not.toMatch(/,-0\.0/)
    const stored = await callOf(first.headers['x-purser-call-id'])
    expect(stored.event.kind === 'call' && stored.event.call.tags).toEqual({ cache: 'miss' })
  })

  it('tells its savings wherever savings of caches are asked for, and credits nobody', async () => {
    await cache()
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd: '100' })
    await ask()
    await ask()
    await ask()
    const expected = {
      cacheSavingsUsd: 2 * COST,
      netRoiUsd: 2 * COST,
      semanticCache: { hits: 2, misses: 1, hitRate: 0.666667, hitsOfUnknownSaving: 0, hitsCharged: 0 },
      gatewayCache: { exactHits: 2, semanticHits: 0, savingsUsd: 2 * COST, embeddingCalls: 0, netUsdExact: '0.00009' },
    }
    for (const path of ['roi-stats', 'roi-stats?period=all', 'cache-impact?days=1'])
      expect((await server.send('GET', `/api/v1/finops/${path}`)).body).toMatchObject(expected)
    const metrics = (await server.send('GET', '/actuator/prometheus')).text
    expect(metrics).toMatch(/^finops_cache_savings_usd_total 0\.00009$/m)
    expect(metrics).toMatch(/^finops_cache_requests_total\{result="hit"\} 2$/m)
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as { budgets: { standings: object[] }[] }
    expect(budgets[0]?.standings[0]).toMatchObject({ spent_usd: '0.000045', held_usd: '0' })
    expect(await invoke('verify', {})).toMatchObject({ ok: true, value: { ok: true } })
  })

  it('never gives an answer to another user, agent or organization, whatever shares it', async () => {
    await cache()
    await ask()
    expect(await ask({}, { 'x-purser-user': 'bo' })).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, {})).toMatchObject({ asked: 1, cache: 'bypass; no user' })
    await cache({ scope: 'agent' })
    const agent = (name: string) => ({ ...ANA, 'x-purser-agent': name })
    expect(await ask({}, agent('a'))).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, { 'x-purser-user': 'bo', 'x-purser-agent': 'a' })).toMatchObject({ asked: 0, cache: 'hit; exact' })
    expect(await ask({}, agent('b'))).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask()).toMatchObject({ asked: 1, cache: 'bypass; no agent' })
    await cache({ scope: 'organization' })
    expect(await ask({}, {})).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, agent('c'))).toMatchObject({ asked: 0, cache: 'hit; exact' })
    await invoke('set_gateway_policy', {
      policy_id: 'p',
      organization_id: 'rival',
      cache: { mode: 'exact', ttl_seconds: 60, scope: 'organization' },
    })
    expect(await ask({}, { 'x-purser-organization': 'rival' })).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, { 'x-purser-organization': 'rival' })).toMatchObject({ asked: 0, cache: 'hit; exact' })
  })

  it('tells requests apart by what decides their answers, upstreams and streams among it', async () => {
    await cache()
    await ask()
    expect(await ask({ temperature: 0 })).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, ANA, '/other/v1/chat/completions')).toMatchObject({ asked: 1, cache: 'miss' })
    const stream = await ask({ stream: true })
    expect(stream).toMatchObject({ asked: 1, cache: 'miss' })
    expect(stream.text).not.toContain('usage')
    const again = await ask({ stream: true })
    expect(again).toMatchObject({ asked: 0, cache: 'hit; exact', text: stream.text, headers: { 'x-purser-saved-usd': '0.000045' } })
    expect(again.headers['content-type']).toMatch(/^text\/event-stream/)
    const counted = await ask({ stream: true, stream_options: { include_usage: true } })
    expect(counted).toMatchObject({ asked: 1, cache: 'miss' })
    expect(counted.text).toContain('"prompt_tokens":10')
  })

  it('forgets what is too old, for the policy or for the request', async () => {
    await cache()
    await ask()
    now += 30_000
    expect(await ask({}, { ...ANA, 'x-purser-cache': 'max-age=10' })).toMatchObject({ asked: 1, cache: 'miss' })
    now += 59_000
    expect(await ask()).toMatchObject({ asked: 0, headers: { age: '59' } })
    now += 1_000
    expect(await ask()).toMatchObject({ asked: 1, cache: 'miss' })
    await cache({ ttl_seconds: 10 })
    now += 11_000
    expect(await ask()).toMatchObject({ asked: 1, cache: 'miss' })
  })

  it('is narrowed by what a request says, and never widened', async () => {
    await ask({}, { ...ANA, 'x-purser-cache': 'max-age=9999, force' })
    expect(await ask({}, { ...ANA, 'x-purser-cache': 'max-age=9999' })).toMatchObject({ asked: 1, cache: null })
    await cache()
    await ask({}, { ...ANA, 'x-purser-cache': 'no-store' })
    expect(await ask()).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await ask({}, { ...ANA, 'x-purser-cache': 'no-store' })).toMatchObject({ asked: 0, cache: 'hit; exact' })
    provider.answer(chatAnswer(undefined, ['new']))
    expect(await ask({}, { ...ANA, 'cache-control': 'no-cache' })).toMatchObject({ asked: 1, cache: 'bypass; no-cache' })
    expect((await ask()).text).toContain('"content":"new"')
    expect(await ask({}, { ...ANA, 'x-purser-cache': 'no-cache, no-store' })).toMatchObject({ asked: 1, cache: 'bypass; asked for' })
  })

  it.each<[string, number, unknown]>([
    ['an error', 500, { error: { message: 'boom', type: 'server_error' } }],
    ['an error that says it is none', 200, { error: { message: 'boom', type: 'server_error' } }],
    [
      'an answer that was cut off',
      200,
      { object: 'chat.completion', model: 'gpt-4o', choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'length' }] },
    ],
    [
      'an answer that is longer than is kept',
      200,
      { object: 'chat.completion', model: 'gpt-4o', pad: 'x'.repeat(2_000), choices: [{ index: 0, finish_reason: 'stop' }] },
    ],
    ['a page', 200, '<html></html>'],
  ])('does not keep %s', async (_, status, body) => {
    await cache({ max_answer_bytes: 1_500 })
    provider.answer((_asked, response) => {
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
    await ask()
    expect(await ask()).toMatchObject({ asked: 1, cache: 'miss' })
  })

  it('does not keep a stream that breaks off', async () => {
    await cache()
    provider.answer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n')
      setTimeout(() => response.destroy(), 50)
    })
    await ask({ stream: true })
    expect(await ask({ stream: true })).toMatchObject({ asked: 1, cache: 'miss' })
  })

  it('keeps answers that call tools where its policy says so', async () => {
    provider.answer((_asked, response) => {
      const message = {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      }
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ object: 'chat.completion', model: 'gpt-4o', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }),
      )
    })
    await cache()
    await ask()
    expect(await ask()).toMatchObject({ asked: 1, cache: 'miss' })
    await cache({ tool_calls: true })
    await ask()
    expect(await ask()).toMatchObject({ asked: 0, cache: 'hit; exact', headers: { 'x-purser-saved-usd': expect.any(String) } })
  })

  it('leaves alone what depends on more than the request, and what is no JSON', async () => {
    await cache({}, { match: { upstreams: ['openai'] } })
    expect(await ask({ conversation: 'conv_1' })).toMatchObject({ cache: 'bypass; depends on more than the request' })
    expect(await ask({}, ANA, '/openai/v1/images/generations')).toMatchObject({ cache: null })
  })

  it('answers when a budget is used up, because nothing is spent, and not for an agent that is paused', async () => {
    await cache()
    await ask({ max_tokens: 10 }, { ...ANA, 'x-purser-agent': 'a' })
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd: '0.00001' })
    expect(await ask({ max_tokens: 11 }, { ...ANA, 'x-purser-agent': 'a' })).toMatchObject({ status: 402 })
    expect(await ask({ max_tokens: 10 }, { ...ANA, 'x-purser-agent': 'a' })).toMatchObject({ status: 200, cache: 'hit; exact' })
    expect(await invoke('pause_agent', { agent: 'a' })).toMatchObject({ ok: true })
    const refused = await ask({ max_tokens: 10 }, { ...ANA, 'x-purser-agent': 'a' })
    expect(refused).toMatchObject({ status: 403, asked: 0, body: { error: { code: 'agent_paused' } } })
  })

  it('takes no call of a key that may not make calls', async () => {
    await cache()
    await ask()
    const made = await invoke('create_key', { organization_id: 'default', name: 'reader', operations: ['read'] })
    const secret = (made as { value: { secret: string } }).value.secret
    expect(await ask({}, { ...ANA, authorization: `Bearer ${secret}` })).toMatchObject({ status: 403, asked: 0 })
  })

  it('keeps embeddings by their request, and messages of Anthropic as they were streamed', async () => {
    await cache()
    provider.answer((asked, response) => {
      response.setHeader('content-type', 'application/json')
      const usage = { prompt_tokens: 10, total_tokens: 10 }
      response.end(
        JSON.stringify({ object: 'list', model: asked.body.model, data: [{ object: 'embedding', index: 0, embedding: [1] }], usage }),
      )
    })
    const embed = () => ask({ model: 'text-embedding-3-small', input: 'hi' }, ANA, '/openai/v1/embeddings')
    expect(await embed()).toMatchObject({ asked: 1, cache: 'miss' })
    expect(await embed()).toMatchObject({ asked: 0, cache: 'hit; exact', headers: { 'x-purser-saved-usd': '0.0000002' } })
    let stop = 'end_turn'
    provider.answer((_asked, response) => {
      response.setHeader('content-type', 'text/event-stream')
      const message = {
        id: 'msg_1',
        type: 'message',
        model: 'claude-sonnet-4-5',
        content: [],
        usage: { input_tokens: 10, output_tokens: 1 },
      }
      for (const event of [
        { type: 'message_start', message },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
        { type: 'message_delta', delta: { stop_reason: stop }, usage: { output_tokens: 2 } },
        { type: 'message_stop' },
      ])
        response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      response.end()
    })
    const write = (max_tokens: number, headers = {}) =>
      ask({ model: 'claude-sonnet-4-5', max_tokens, stream: true }, { ...ANA, ...headers }, '/anthropic/v1/messages')
    const first = await write(10)
    expect(await write(10)).toMatchObject({ asked: 0, cache: 'hit; exact', text: first.text, headers: { 'x-purser-saved-usd': '0.00006' } })
    expect(await write(10, { 'anthropic-beta': 'context-1m-2025-08-07' })).toMatchObject({ asked: 1, cache: 'miss' })
    stop = 'max_tokens'
    await write(11)
    expect(await write(11)).toMatchObject({ asked: 1, cache: 'miss' })
  })

  it('is stopped by a breaker as any call: a loop is a loop, though it costs nothing', async () => {
    await cache()
    await invoke('set_breaker', { dimension: 'user', measure: 'repeats', limit: 3, window_seconds: 60, action: 'block' })
    const statuses: number[] = []
    for (let turn = 0; turn < 5; turn++) statuses.push((await ask()).status)
    expect(statuses).toEqual([200, 200, 200, 403, 403])
  })

  it('keeps nothing larger than all it may hold, and stays within it', async () => {
    await server.close()
    server = await testServer({ gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url }, { cacheBytesMax: 8_000 }) })
    invoke = createInvoke(server.services)
    await cache()
    for (const content of ['a', 'b', 'c', 'd']) await ask({ messages: [{ role: 'user', content }] })
    expect(await ask({ messages: [{ role: 'user', content: 'd' }] })).toMatchObject({ cache: 'hit; exact' })
    expect(await ask({ messages: [{ role: 'user', content: 'a' }] })).toMatchObject({ cache: 'miss' })
  })
})
