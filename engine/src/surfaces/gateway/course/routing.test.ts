import { request as httpRequest, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Asked, chatAnswer, type FakeProvider, fakeProvider } from '../../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../operations/index.ts'

const PATH = '/openai/v1/chat/completions'
const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], max_tokens: 100 }
type How = (asked: Asked, response: ServerResponse) => void

const failing =
  (status: number, headers: Record<string, string> = {}): How =>
  (_asked, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message: `status ${status}`, type: 'server_error' } }))
  }

/** Fails for these models and answers the others. */
function except(models: Readonly<Record<string, How>>): How {
  return (asked, response) => (models[String(asked.body.model)] ?? chatAnswer())(asked, response)
}

describe('routing in the gateway', () => {
  let provider: FakeProvider
  let server: TestServer
  let invoke: Invoke

  beforeAll(async () => {
    provider = await fakeProvider()
  })
  afterAll(() => provider.close())

  beforeEach(async () => {
    provider.answer(chatAnswer())
    const env = {
      PURSER_UPSTREAM_OPENAI: provider.url,
      PURSER_UPSTREAM_GROQ: provider.url,
      PURSER_UPSTREAM_GEMINI: provider.url,
      PURSER_UPSTREAM_ANTHROPIC: provider.url,
      PURSER_UPSTREAM_XAI: provider.url,
      PURSER_UPSTREAM_OWN: provider.url,
      PURSER_UPSTREAM_DOWN: 'http://127.0.0.1:9',
      OPENAI_API_KEY: 'sk-openai',
      GROQ_API_KEY: 'sk-groq',
    }
    server = await testServer({ gateway: gatewayTo(env, { headMs: 300, pauseMs: 300 }) })
    invoke = createInvoke(server.services)
    return () => server.close()
  })

  const route = async (routing: object, rest: object = {}) => {
    const match = { upstreams: ['openai'] }
    expect(await invoke('set_gateway_policy', { policy_id: 'p', match, routing, ...rest })).toMatchObject({ ok: true })
  }
  const ask = async (body: object = {}, path = PATH, headers: Record<string, string> = {}) => {
    const before = provider.asked.length
    const answer = await server.send('POST', path, { ...CHAT, ...body }, headers)
    return { ...answer, models: provider.asked.slice(before).map((asked) => asked.body.model) }
  }
  const calls = async () => {
    const entries = await server.services.ledger.read(0, 1_000)
    return entries.flatMap(({ event }) => (event.kind === 'call' ? [event.call] : []))
  }
  const limit = (limit_usd: string) =>
    server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd })
  const held = async () => {
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as { budgets: { standings: { held_usd: string }[] }[] }
    return budgets[0]?.standings[0]?.held_usd ?? '0'
  }

  describe('after an error', () => {
    const TO_MINI = { on_error: { routes: [{ model: 'gpt-4o-mini' }] } }

    it('tells the error where no policy is for the call', async () => {
      provider.answer(except({ 'gpt-4o': failing(503) }))
      expect(await ask()).toMatchObject({ status: 503, models: ['gpt-4o'] })
    })

    it('tries the next model, and posts both attempts: the failed one for nothing, linked', async () => {
      await route(TO_MINI)
      await limit('100')
      provider.answer(except({ 'gpt-4o': failing(503) }))
      const answer = await ask({ temperature: 0.5 })
      expect(answer).toMatchObject({
        status: 200,
        models: ['gpt-4o', 'gpt-4o-mini'],
        headers: { 'x-purser-policy': 'p', 'x-purser-route': 'fallback; openai/gpt-4o-mini', 'x-purser-attempts': '2' },
      })
      expect(provider.asked.at(-1)?.body).toEqual({ ...CHAT, temperature: 0.5, model: 'gpt-4o-mini' })
      const [first, second] = await calls()
      expect(first).toMatchObject({
        success: false,
        errorCode: 'server_error',
        charge: { amount: 0n },
        usage: { modelRequested: 'gpt-4o' },
      })
      expect(second).toMatchObject({
        id: answer.headers['x-purser-call-id'],
        success: true,
        charge: { amount: 2_700_000n },
        tags: { retry_of: first?.id, attempt: '2', gateway_policy: 'p', gateway_route: 'fallback', gateway_model_requested: 'gpt-4o' },
      })
      expect(await held()).toBe('0')
      // What comes next is no repetition of a failure: it was answered.
      provider.answer(chatAnswer())
      await ask({ temperature: 0.5 })
      expect((await calls()).at(-1)?.tags).toEqual({})
    })

    it.each<[string, How, boolean]>([
      ['rate_limited', failing(429, { 'retry-after': '30' }), true],
      ['overloaded', failing(529), true],
      ['server_error', failing(500), true],
      ['timeout', () => undefined, true],
      ['connection', (_asked, response) => void response.destroy(), true],
      ['server_error', failing(529), false],
      ['overloaded', failing(500), false],
      ['timeout', (_asked, response) => void response.destroy(), false],
      ['rate_limited', failing(400), false],
      ['rate_limited', failing(402), false],
    ])('goes on after %s where the policy names it', async (error, how, goesOn) => {
      await route({ on_error: { ...TO_MINI.on_error, errors: [error] } })
      provider.answer(except({ 'gpt-4o': how }))
      expect((await ask()).models).toEqual(goesOn ? ['gpt-4o', 'gpt-4o-mini'] : ['gpt-4o'])
    })

    it('tries routes in their order, another upstream with its own key among them, and tells the last error as it came', async () => {
      await route({
        on_error: {
          routes: [{ model: 'gpt-4o-mini' }, { upstream: 'groq', model: 'llama-3.3-70b-versatile' }, { upstream: 'down', model: 'gpt-4o' }],
        },
      })
      provider.answer(failing(503, { 'retry-after': '9' }))
      const answer = await ask({}, PATH, { authorization: 'Bearer of-the-client' })
      expect(answer.models).toEqual(['gpt-4o', 'gpt-4o-mini', 'llama-3.3-70b-versatile'])
      expect(provider.asked.at(-1)).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-groq' } })
      expect(answer).toMatchObject({
        status: 502,
        body: { error: { code: 'upstream_unreachable' } },
        headers: { 'x-purser-attempts': '4' },
      })
      const posted = await calls()
      expect(posted.map(({ success, tags }) => [success, tags.attempt ?? '1'])).toEqual([
        [false, '1'],
        [false, '2'],
        [false, '3'],
        [false, '4'],
      ])
      expect(posted.slice(1).every(({ tags }) => tags.retry_of === posted[0]?.id)).toBe(true)
    })

    it('does not try again what it has tried, nor what a budget refuses; then the error is told as it came', async () => {
      await route({ on_error: { routes: [{ upstream: 'openai', model: 'gpt-4o' }, { model: 'gpt-4-32k' }] } })
      await limit('0.0015')
      provider.answer(failing(500, { 'retry-after': '7' }))
      expect(await ask()).toMatchObject({ status: 500, models: ['gpt-4o'], headers: { 'retry-after': '7' } })
      expect(await held()).toBe('0')
    })

    it('shows the credentials of a client to nobody but the provider they are for', async () => {
      await route({ on_error: { routes: [{ upstream: 'own', model: 'm' }] } }, { match: { upstreams: ['xai'] } })
      provider.answer(except({ 'grok-4': failing(503) }))
      const headers = { authorization: 'Bearer of-the-client', 'openai-organization': 'org-1', 'x-trial': 'a' }
      const before = provider.asked.length
      await server.send('POST', '/xai/v1/chat/completions', { ...CHAT, model: 'grok-4' }, headers)
      const [first, second] = provider.asked.slice(before)
      expect(first?.headers).toMatchObject(headers)
      expect(second?.headers).toMatchObject({ 'x-trial': 'a' })
      expect(second?.headers).not.toHaveProperty('authorization')
      expect(second?.headers).not.toHaveProperty('openai-organization')
    })

    it('waits as long as the policy says while another route is left', async () => {
      await server.close()
      server = await testServer({ gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url }) })
      invoke = createInvoke(server.services)
      await route({ on_error: { ...TO_MINI.on_error, timeout_seconds: 1 } })
      provider.answer(except({ 'gpt-4o': () => undefined }))
      expect(await ask()).toMatchObject({ status: 200, models: ['gpt-4o', 'gpt-4o-mini'] })
      expect((await calls())[0]).toMatchObject({ success: false, errorCode: 'upstream_timeout' })
    })

    it('falls back for a stream that has not begun, and never once a byte was sent', async () => {
      await route(TO_MINI)
      provider.answer(except({ 'gpt-4o': failing(529) }))
      const answer = await ask({ stream: true })
      expect(answer.models).toEqual(['gpt-4o', 'gpt-4o-mini'])
      expect(answer.text).toContain('data: [DONE]')
      expect(answer.text).not.toContain('usage')
      provider.answer((_asked, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
        setTimeout(() => response.destroy(), 50)
      })
      const broken = await ask({ stream: true })
      expect(broken.models).toEqual(['gpt-4o'])
      expect(broken.text).toContain('"error"')
    })

    it('stops trying for a client that has left', async () => {
      await route(TO_MINI)
      let left: () => void = () => undefined
      provider.answer((_asked, response) => {
        left()
        setTimeout(() => failing(503)(_asked, response), 100)
      })
      const before = provider.asked.length
      await new Promise<void>((resolve) => {
        const { hostname, port } = new URL(server.url)
        const asking = httpRequest({
          hostname,
          port,
          method: 'POST',
          path: PATH,
          headers: { 'content-type': 'application/json' },
          agent: false,
        })
        asking.on('error', () => resolve())
        left = () => asking.destroy()
        asking.end(JSON.stringify(CHAT))
      })
      await expect.poll(async () => (await calls()).length).toBe(1)
      expect(provider.asked.length - before).toBe(1)
    })

    it('changes the model where the path names it, and leaves alone what has none to change', async () => {
      await route({ on_error: { routes: [{ model: 'gemini-2.5-flash-lite' }] } }, { match: { upstreams: ['gemini'] } })
      provider.answer((asked, response) =>
        asked.path.includes('flash-lite') ? chatAnswer()(asked, response) : failing(503)(asked, response),
      )
      const before = provider.asked.length
      await server.send('POST', '/gemini/v1beta/models/gemini-2.5-flash:generateContent?alt=json', {
        contents: [{ parts: [{ text: 'hi' }] }],
      })
      expect(provider.asked.slice(before).map(({ path }) => path)).toEqual([
        '/v1beta/models/gemini-2.5-flash:generateContent?alt=json',
        '/v1beta/models/gemini-2.5-flash-lite:generateContent?alt=json',
      ])
    })

    it('does not give embeddings of another model', async () => {
      await route(TO_MINI)
      provider.answer(failing(503))
      expect(await ask({ model: 'text-embedding-3-small', input: 'hi' }, '/openai/v1/embeddings')).toMatchObject({
        status: 503,
        models: ['text-embedding-3-small'],
      })
    })

    it('keeps no answer of another model for the cache', async () => {
      await route(TO_MINI, { cache: { mode: 'exact', ttl_seconds: 60, scope: 'organization' } })
      provider.answer(except({ 'gpt-4o': failing(503) }))
      await ask()
      expect(await ask()).toMatchObject({ models: ['gpt-4o', 'gpt-4o-mini'], headers: { 'x-purser-cache': 'miss' } })
    })
  })

  describe('to the cheapest', () => {
    const candidates = [{ model: 'gpt-4o' }, { model: 'gpt-4o-mini' }, { model: 'gpt-4.1-nano' }]
    const quality = { 'gpt-4o': 90, 'gpt-4o-mini': 75, 'gpt-4.1-nano': 60 }

    it('takes the cheapest model whose declared score reaches the floor, and says why', async () => {
      await route({ cheapest: { candidates, quality, quality_floor: 70 } })
      const considered = 'gpt-4o=dearer, gpt-4o-mini=chosen, gpt-4.1-nano=below_floor'
      const answer = await ask()
      expect(answer).toMatchObject({
        status: 200,
        models: ['gpt-4o-mini'],
        headers: { 'x-purser-route': 'cheapest; gpt-4o-mini', 'x-purser-considered': considered, 'x-purser-cost-usd': '0.0000027' },
      })
      expect((await calls())[0]).toMatchObject({
        usage: { modelRequested: 'gpt-4o-mini' },
        tags: { gateway_policy: 'p', gateway_route: 'cheapest', gateway_model_requested: 'gpt-4o', gateway_considered: considered },
      })
    })

    it('goes where it was asked to go when none qualifies', async () => {
      await route({ cheapest: { candidates, quality: { 'gpt-4o-mini': 5 }, quality_floor: 70 } })
      expect(await ask({ model: 'gpt-4.1' })).toMatchObject({
        models: ['gpt-4.1'],
        headers: {
          'x-purser-route': 'as asked',
          'x-purser-considered': 'gpt-4o=no_quality, gpt-4o-mini=below_floor, gpt-4.1-nano=no_quality',
        },
      })
      await route({ cheapest: { candidates: [{ model: 'nobody-knows-1' }], quality: { 'nobody-knows-1': 99 }, quality_floor: 70 } })
      expect(await ask()).toMatchObject({ models: ['gpt-4o'], headers: { 'x-purser-considered': 'nobody-knows-1=no_price' } })
    })

    it('takes what fits the tightest budget, and is refused where nothing does', async () => {
      await route({ cheapest: { candidates: [{ model: 'gpt-4o-mini' }, { model: 'gpt-4o' }], quality, quality_floor: 70 } })
      // A budget of the cheaper model has nothing left for it; the other one has none.
      await server.send('PUT', '/v1/finops/budgets', {
        dimension: 'model',
        value: 'gpt-4o-mini',
        period: 'day',
        limit_usd: '0.000000000001',
      })
      expect(await ask()).toMatchObject({
        models: ['gpt-4o'],
        headers: { 'x-purser-considered': 'gpt-4o-mini=over_budget, gpt-4o=chosen' },
      })
      await route({ cheapest: { candidates: [{ model: 'gpt-4o-mini' }, { model: 'gpt-4.1-nano' }], quality, quality_floor: 50 } })
      const refusedFirst = await ask()
      expect(refusedFirst).toMatchObject({ status: 200, models: ['gpt-4.1-nano'] })
      await limit('0.000001')
      expect(await ask()).toMatchObject({ status: 402, models: [], body: { error: { code: 'insufficient_quota' } } })
    })

    it('falls back from there', async () => {
      await route({
        cheapest: { candidates, quality, quality_floor: 70 },
        on_error: { routes: [{ model: 'gpt-4o-mini' }, { model: 'gpt-4o' }] },
      })
      provider.answer(except({ 'gpt-4o-mini': failing(503) }))
      expect(await ask({ model: 'o3' })).toMatchObject({
        status: 200,
        models: ['gpt-4o-mini', 'gpt-4o'],
        headers: { 'x-purser-attempts': '2' },
      })
    })

    it('leaves out a model that reads less than is sent', async () => {
      await route({
        cheapest: { candidates: [{ model: 'gpt-4' }, { model: 'gpt-4o' }], quality: { 'gpt-4': 9, 'gpt-4o': 9 }, quality_floor: 1 },
      })
      const content = 'word '.repeat(20_000)
      expect(await ask({ messages: [{ role: 'user', content }] })).toMatchObject({
        models: ['gpt-4o'],
        headers: { 'x-purser-considered': 'gpt-4=too_long, gpt-4o=chosen' },
      })
    })

    it('answers from the cache what was routed, until the policy routes otherwise', async () => {
      const cache = { mode: 'exact', ttl_seconds: 60, scope: 'organization' }
      await route({ cheapest: { candidates, quality, quality_floor: 70 } }, { cache })
      await ask()
      expect(await ask()).toMatchObject({ models: [], headers: { 'x-purser-cache': 'hit; exact', 'x-purser-saved-usd': '0.0000027' } })
      await route({ cheapest: { candidates, quality, quality_floor: 80 } }, { cache })
      expect(await ask()).toMatchObject({ models: ['gpt-4o'], headers: { 'x-purser-cache': 'miss' } })
    })
  })
})
