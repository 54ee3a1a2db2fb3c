import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chatAnswer, type FakeProvider, fakeProvider } from '../../../../conformance/http/fake-provider.ts'
import { gatewayTo, send, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }
const PATH = '/openai/v1/chat/completions'

describe('what the gateway passes on', () => {
  let provider: FakeProvider
  let server: TestServer

  beforeAll(async () => {
    provider = await fakeProvider()
    server = await testServer({
      gateway: gatewayTo({
        PURSER_UPSTREAM_OPENAI: provider.url,
        PURSER_UPSTREAM_OWN: `${provider.url}/base/v1`,
        PURSER_UPSTREAM_ANTHROPIC: provider.url,
        ANTHROPIC_API_KEY: 'sk-ant-server',
      }),
    })
  })
  afterAll(async () => {
    await server.close()
    await provider.close()
  })
  beforeEach(() => provider.answer(chatAnswer()))

  const last = () => provider.asked.at(-1)
  const callOf = async (callId: unknown) => {
    const entry = await server.services.ledger.findCall('default', String(callId))
    return entry?.event.kind === 'call' ? entry.event.call : null
  }
  const answerWith = (body: unknown, type = 'application/json') =>
    provider.answer((_asked, response) => {
      response.setHeader('content-type', type)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })

  it.each(['GET', 'HEAD', 'DELETE'])('a %s as it is', async (method) => {
    answerWith({ object: 'list', data: [] })
    const { status, text } = await server.send(method, '/openai/v1/models?limit=1000', undefined, {
      'x-purser-team': 't',
      'openai-organization': 'o',
    })
    expect({ status, text }).toEqual({ status: 200, text: method === 'HEAD' ? '' : '{"object":"list","data":[]}' })
    expect(last()).toMatchObject({ method, path: '/v1/models?limit=1000', headers: { 'openai-organization': 'o' } })
    expect(last()?.headers).not.toHaveProperty('x-purser-team')
  })

  it('the rest of a path behind an address that has one', async () => {
    await server.send('POST', '/own/v1/chat/completions', CHAT)
    expect(last()?.path).toBe('/base/v1/chat/completions')
    await server.send('POST', '/own/chat/completions', CHAT)
    expect(last()?.path).toBe('/base/v1/chat/completions')
  })

  it("the client's own credential where the server has none, and the server's where it has", async () => {
    await server.send('POST', PATH, CHAT, { authorization: 'Bearer sk-client' })
    expect(last()?.headers.authorization).toBe('Bearer sk-client')
    await server.send(
      'POST',
      '/anthropic/v1/messages',
      { ...CHAT, max_tokens: 1 },
      { 'x-api-key': 'sk-client', authorization: 'Bearer sk-client' },
    )
    expect(last()?.headers).toMatchObject({ 'x-api-key': 'sk-ant-server' })
    expect(last()?.headers).not.toHaveProperty('authorization')
  })

  it('who a call is for, to the books and to nobody else', async () => {
    const headers = {
      baggage: 'agent.name=writer,session.id=s1,tag.feature=chat',
      'x-purser-team': 'red',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    }
    const answer = await server.send('POST', PATH, { ...CHAT, user: 'u1' }, headers)
    expect(await callOf(answer.headers['x-purser-call-id'])).toMatchObject({
      agent: 'writer',
      session: 's1',
      team: 'red',
      user: 'u1',
      run: 'a'.repeat(32),
      tags: { feature: 'chat' },
      source: 'gateway',
    })
    expect(last()?.headers).not.toHaveProperty('baggage')
    expect(last()?.headers).toHaveProperty('traceparent')
  })

  it('embeddings', async () => {
    answerWith({ object: 'list', data: [], model: 'text-embedding-3-small', usage: { prompt_tokens: 1_000_000, total_tokens: 1_000_000 } })
    const { headers } = await server.send('POST', '/openai/v1/embeddings', { model: 'text-embedding-3-small', input: 'hi' })
    expect(headers).toMatchObject({ 'x-purser-cost-usd': '0.02', 'x-purser-cost-status': 'exact' })
  })

  it('speech, which is billed by what is to be spoken', async () => {
    answerWith('not words', 'audio/mpeg')
    const { headers, text } = await server.send('POST', '/openai/v1/audio/speech', {
      model: 'tts-1',
      input: 'x'.repeat(1_000),
      voice: 'alloy',
    })
    expect(text).toBe('not words')
    expect((await callOf(headers['x-purser-call-id']))?.usage.inferences).toMatchObject([{ meters: { characters: 1_000 } }])
    expect(headers).toMatchObject({ 'x-purser-cost-usd': '0.015' })
  })

  it('a form with a recording', async () => {
    answerWith({ text: 'hello', usage: { type: 'duration', seconds: 60 } })
    const form = [
      '--b',
      'content-disposition: form-data; name="model"',
      '',
      'whisper-1',
      '--b',
      'content-disposition: form-data; name="file"; filename="a.wav"',
      '',
      'RIFF',
      '--b--',
      '',
    ].join('\r\n')
    const { headers } = await server.send('POST', '/openai/v1/audio/transcriptions', form, {
      'content-type': 'multipart/form-data; boundary=b',
    })
    expect(last()?.text).toBe(form)
    expect((await callOf(headers['x-purser-call-id']))?.usage).toMatchObject({
      modelRequested: 'whisper-1',
      inferences: [{ meters: { 'audio.seconds': 60 } }],
    })
    expect(headers).toMatchObject({ 'x-purser-cost-usd': '0.006' })
  })

  it('something new, and posts it where its answer says what was used', async () => {
    const before = await server.services.ledger.head()
    answerWith({ id: 'new-1', model: 'gpt-4o', choices: [], usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } })
    await server.send('POST', '/openai/v1/something/new', { any: 'thing' }, { 'x-purser-agent': 'pioneer' })
    await expect.poll(() => server.services.ledger.head()).toBe(before + 2)
    const [entry] = await server.services.ledger.read(before, 1)
    expect(entry?.event).toMatchObject({ kind: 'call', call: { agent: 'pioneer', source: 'gateway' } })
    answerWith({ id: 'file-1', object: 'file' })
    await server.send('POST', '/openai/v1/files', 'bytes', { 'content-type': 'application/octet-stream' })
    expect(last()?.text).toBe('bytes')
    expect(await server.services.ledger.head()).toBe(before + 2)
  })

  it('a large body, and a stream whose letters are cut', async () => {
    const words = ['\u{1F600}'.repeat(3), 'ä'.repeat(500)]
    provider.answer(chatAnswer({ prompt_tokens: 1, completion_tokens: 1 }, words))
    const content = 'x'.repeat(12 * 1024 * 1024)
    const { status, text } = await server.send('POST', PATH, { ...CHAT, stream: true, messages: [{ role: 'user', content }] })
    expect(status).toBe(200)
    for (const word of words) expect(text).toContain(word)
    expect(last()?.text).toContain(content)
  })

  it('a call once, also where its own telemetry tells of it', async () => {
    const { headers } = await server.send('POST', PATH, CHAT)
    const told = { call_id: 'chatcmpl-1', model: 'gpt-4o', input_tokens: 10, output_tokens: 2 }
    const again = await server.send('POST', '/v1/finops/calls/track', told)
    expect(again).toMatchObject({ status: 409, body: { code: 'id_reused', path: '/call_id' } })
    expect(headers['x-purser-call-id']).toBeDefined()
    expect(await callOf('chatcmpl-1')).toBeNull()
  })
})

describe('who the gateway lets in', () => {
  let provider: FakeProvider
  let server: TestServer
  const keys = { operator: '', reporter: '', reader: '' }

  beforeAll(async () => {
    provider = await fakeProvider()
    server = await testServer({
      auth: 'required',
      adminKey: 'operator-key-of-the-test',
      gateway: gatewayTo({
        PURSER_UPSTREAM_OPENAI: provider.url,
        OPENAI_API_KEY: 'sk-server',
        PURSER_UPSTREAM_OWN: provider.url,
        PURSER_UPSTREAM_ANTHROPIC: provider.url,
        PURSER_UPSTREAM_GEMINI: provider.url,
      }),
    })
    keys.operator = 'operator-key-of-the-test'
    const make = async (body: object) => {
      const made = await server.send('POST', '/v1/finops/keys', body, { authorization: `Bearer ${keys.operator}` })
      return String(made.body.secret)
    }
    keys.reporter = await make({ organization_id: 'acme', name: 'agents', agent: 'writer' })
    keys.reader = await make({ organization_id: 'acme', name: 'people', operations: ['read'] })
  })
  afterAll(async () => {
    await server.close()
    await provider.close()
  })

  it.each([
    ['OpenAI', '/openai/v1/chat/completions', { error: { code: 'invalid_api_key' } }],
    ['Anthropic', '/anthropic/v1/messages', { type: 'error', error: { type: 'authentication_error' } }],
    ['Gemini', '/gemini/v1beta/models/gemini-2.5-pro:generateContent', { error: { status: 'UNAUTHENTICATED' } }],
  ])('nobody without a key, in the words of %s', async (_, path, body) => {
    for (const headers of [{}, { authorization: 'Bearer sk-something' }, { 'x-api-key': 'finops_nobody' }]) {
      expect(await server.send('POST', path, CHAT, headers as Record<string, string>)).toMatchObject({
        status: 401,
        body,
        headers: { 'x-should-retry': 'false' },
      })
    }
    expect(provider.asked).toHaveLength(0)
  })

  it.each(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'x-purser-key'])(
    'a key as %s, which goes no further',
    async (header) => {
      const value = header === 'authorization' ? `Bearer ${keys.reporter}` : keys.reporter
      const { status, headers } = await send(server.url, 'POST', '/openai/v1/chat/completions', CHAT, {
        [header]: value,
        'x-purser-agent': 'somebody else',
      })
      expect(status).toBe(200)
      expect(provider.asked.at(-1)?.headers.authorization).toBe('Bearer sk-server')
      expect(JSON.stringify(provider.asked.at(-1))).not.toContain(keys.reporter)
      const entry = await server.services.ledger.findCall('acme', String(headers['x-purser-call-id']))
      expect(entry).toMatchObject({ organization: 'acme', event: { call: { agent: 'writer' } } })
    },
  )

  it('a key beside the credential of the client', async () => {
    const headers = { authorization: 'Bearer sk-client', 'x-purser-key': keys.reporter }
    expect((await server.send('POST', '/own/v1/chat/completions', CHAT, headers)).status).toBe(200)
    expect(provider.asked.at(-1)?.headers).toMatchObject({ authorization: 'Bearer sk-client' })
    expect(JSON.stringify(provider.asked.at(-1))).not.toContain(keys.reporter)
  })

  it('no key that may only read, and none that stands in the address', async () => {
    const before = provider.asked.length
    expect(await server.send('POST', '/openai/v1/chat/completions', CHAT, { authorization: `Bearer ${keys.reader}` })).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_error' } },
    })
    for (const [method, path] of [
      ['GET', '/openai/v1/models'],
      ['POST', '/openai/v1/batches'],
    ] as const) {
      const body = method === 'POST' ? {} : undefined
      expect((await server.send(method, path, body, { authorization: `Bearer ${keys.reader}` })).status).toBe(403)
    }
    const inUrl = await server.send('POST', `/openai/v1/chat/completions?key=${keys.reporter}`, CHAT, {
      authorization: `Bearer ${keys.reporter}`,
    })
    expect(inUrl.status).toBe(400)
    expect(provider.asked).toHaveLength(before)
  })

  it('no organization but its own', async () => {
    const answer = await server.send('POST', '/openai/v1/chat/completions', CHAT, {
      authorization: `Bearer ${keys.reporter}`,
      'x-purser-organization': 'globex',
    })
    expect(answer).toMatchObject({ status: 403, body: { error: { type: 'permission_error' } } })
  })
})
