import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Asked, chatAnswer, type FakeProvider, fakeProvider } from '../../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../operations/index.ts'

const EMBEDDINGS = '/v1/embeddings'
/** Where texts point to. The cosine of those of Paris is about 0.995, and of either with Rome 0. */
const DIRECTIONS: Readonly<Record<string, readonly number[]>> = {
  'What is the capital of France?': [1, 0, 0],
  'Name the capital of France.': [1, 0.1, 0],
  'What is the capital of Italy?': [0, 0, 2],
}

function vectors(asked: Asked, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  const embedding = DIRECTIONS[String(asked.body.input)] ?? [0, 1, 0]
  const usage = { prompt_tokens: 10, total_tokens: 10 }
  response.end(JSON.stringify({ object: 'list', model: asked.body.model, data: [{ object: 'embedding', index: 0, embedding }], usage }))
}

describe('the semantic cache of the gateway', () => {
  let provider: FakeProvider
  let embedder: FakeProvider
  let server: TestServer
  let invoke: Invoke

  beforeAll(async () => {
    provider = await fakeProvider()
    embedder = await fakeProvider()
  })
  afterAll(() => Promise.all([provider.close(), embedder.close()]))

  beforeEach(async () => {
    provider.answer(chatAnswer())
    embedder.answer(vectors)
    const env = {
      PURSER_UPSTREAM_OPENAI: provider.url,
      PURSER_UPSTREAM_MISTRAL: embedder.url,
      MISTRAL_API_KEY: 'sk-vectors',
      OPENAI_API_KEY: 'sk-chat',
    }
    server = await testServer({ gateway: gatewayTo(env) })
    invoke = createInvoke(server.services)
    await cache()
    return () => server.close()
  })

  const cache = (more: object = {}) =>
    invoke('set_gateway_policy', {
      policy_id: 'p',
      cache: {
        mode: 'semantic',
        ttl_seconds: 60,
        scope: 'organization',
        threshold: 0.99,
        embeddings: { upstream: 'mistral', model: 'mistral-embed' },
        ...more,
      },
    })
  const ask = async (content: unknown, { headers = {}, ...more }: { headers?: Record<string, string>; [member: string]: unknown } = {}) => {
    const before = [provider.asked.length, embedder.asked.length] as const
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ]
    const answer = await server.send('POST', '/openai/v1/chat/completions', { model: 'gpt-4o', messages, ...more }, headers)
    const asked = { provider: provider.asked.length - before[0], embedder: embedder.asked.length - before[1] }
    return { status: answer.status, cache: answer.headers['x-purser-cache'], asked, text: answer.text, headers: answer.headers }
  }
  const [paris, alike, rome] = Object.keys(DIRECTIONS)

  it('answers what means nearly the same, and nothing that is less alike than the policy asks for', async () => {
    const first = await ask(paris)
    expect(first).toMatchObject({ cache: 'miss', asked: { provider: 1, embedder: 1 } })
    expect(await ask(alike)).toMatchObject({
      cache: 'hit; semantic; similarity=0.9950',
      asked: { provider: 0, embedder: 1 },
      text: first.text,
      headers: { 'x-purser-cost-usd': '0', 'x-purser-saved-usd': '0.000045' },
    })
    expect(await ask(rome)).toMatchObject({ cache: 'miss', asked: { provider: 1 } })
    // The same again needs no vector.
    expect(await ask(paris)).toMatchObject({ cache: 'hit; exact', asked: { provider: 0, embedder: 0 } })
    await cache({ threshold: 0.996 })
    expect(await ask(alike)).toMatchObject({ cache: 'miss', asked: { provider: 1 } })
  })

  it('compares only what is equal in everything else, for whoever shares it', async () => {
    await ask(paris)
    expect(await ask(alike, { temperature: 0.1 })).toMatchObject({ cache: 'miss' })
    expect(await ask(alike, { model: 'gpt-4o-mini' })).toMatchObject({ cache: 'miss' })
    expect(await ask(alike, { tools: [{ type: 'function', function: { name: 'f' } }] })).toMatchObject({ cache: 'miss' })
    await cache({ scope: 'user' })
    expect(await ask(paris, { headers: { 'x-purser-user': 'ana' } })).toMatchObject({ cache: 'miss' })
    expect(await ask(alike, { headers: { 'x-purser-user': 'bo' } })).toMatchObject({ cache: 'miss' })
    expect(await ask(alike, { headers: { 'x-purser-user': 'ana' } })).toMatchObject({ cache: 'hit; semantic; similarity=0.9950' })
  })

  it('makes its embeddings by calls of their own, which cost what they cost: ten tokens at 0.1 a million each', async () => {
    await ask(paris)
    await ask(alike)
    expect(embedder.asked.at(-1)).toMatchObject({
      path: EMBEDDINGS,
      headers: { authorization: 'Bearer sk-vectors' },
      body: { model: 'mistral-embed', input: alike, encoding_format: 'float' },
    })
    const expected = {
      embeddingCostUsdExact: '0.000002',
      cacheSavingsUsdExact: '0.000045',
      netRoiUsdExact: '0.000043',
      semanticCache: { hits: 1, misses: 1 },
      embeddings: { calls: 2, unpricedCalls: 0 },
      gatewayCache: { exactHits: 0, semanticHits: 1, embeddingCalls: 2, embeddingCostUsdExact: '0.000002', netUsdExact: '0.000043' },
    }
    for (const path of ['roi-stats', 'roi-stats?period=all', 'cache-impact?days=1'])
      expect((await server.send('GET', `/api/v1/finops/${path}`)).body).toMatchObject(expected)
    const metrics = (await server.send('GET', '/actuator/prometheus')).text
    expect(metrics).toMatch(/^finops_embedding_cost_usd_sum 0\.000002$/m)
    const entries = await server.services.ledger.read(0, 100)
    const embeddings = entries.flatMap(({ event }) =>
      event.kind === 'call' && event.call.action === 'cache_embedding' ? [event.call] : [],
    )
    expect(embeddings).toHaveLength(2)
    expect(embeddings[0]).toMatchObject({ source: 'gateway:cache', success: true, charge: { status: 'exact' } })
    expect(await invoke('verify', {})).toMatchObject({ ok: true, value: { ok: true } })
  })

  it.each<[string, (asked: Asked, response: ServerResponse) => void]>([
    [
      'refuses',
      (_asked, response) => void response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":{"message":"slow"}}'),
    ],
    ['breaks off', (_asked, response) => void response.destroy()],
    ['answers with a page', (_asked, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>')],
    [
      'gives no direction',
      (_asked, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"embedding":[0,0]}]}'),
    ],
    [
      'gives base64',
      (_asked, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"embedding":"AAAA"}]}'),
    ],
    [
      'answers without end',
      (_asked, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(2_000_000)),
    ],
  ])('misses and does not fail when the embedder %s', async (_, how) => {
    embedder.answer(how)
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd: '100' })
    expect(await ask(paris)).toMatchObject({ status: 200, cache: 'miss', asked: { provider: 1, embedder: 1 } })
    expect(await ask(paris)).toMatchObject({ status: 200, cache: 'hit; exact' })
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as { budgets: { standings: object[] }[] }
    expect(budgets[0]?.standings[0]).toMatchObject({ held_usd: '0' })
  })

  it('asks for no vector of what has none, and none at all when it is told to leave the cache out', async () => {
    const picture = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]
    expect(await ask(picture)).toMatchObject({ cache: 'miss', asked: { embedder: 0 } })
    expect(await ask(picture)).toMatchObject({ cache: 'hit; exact', asked: { embedder: 0 } })
    const left = { headers: { 'x-purser-cache': 'no-cache, no-store' } }
    expect(await ask(paris, left)).toMatchObject({ asked: { provider: 1, embedder: 0 } })
  })

  it('goes on without a vector where a budget has nothing left for one', async () => {
    await server.send('PUT', '/v1/finops/budgets', {
      dimension: 'action',
      value: 'cache_embedding',
      period: 'day',
      limit_usd: '0.000000000001',
    })
    expect(await ask(paris)).toMatchObject({ status: 200, cache: 'miss', asked: { provider: 1, embedder: 0 } })
  })
})
