import { request as httpRequest, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Asked, chatAnswer, type FakeProvider, fakeProvider } from '../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { usdOfPicos } from '../../kernel/index.ts'

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }
const PATH = '/openai/v1/chat/completions'
const PIECE = 'data: {"object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'

describe('what goes wrong behind the gateway', () => {
  let provider: FakeProvider
  let server: TestServer

  beforeAll(async () => {
    provider = await fakeProvider()
  })
  afterAll(() => provider.close())

  beforeEach(async () => {
    provider.answer(chatAnswer())
    server = await testServer({
      gateway: gatewayTo(
        { PURSER_UPSTREAM_OPENAI: provider.url, PURSER_UPSTREAM_AZURE: 'http://127.0.0.1:9', PURSER_UPSTREAM_OWN: provider.url },
        { headMs: 300, pauseMs: 300 },
      ),
    })
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'day', limit_usd: '100' })
    return () => server.close()
  })

  const standing = async () => {
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as {
      budgets: { standings: { held_usd: string; spent_usd: string }[] }[]
    }
    return budgets[0]?.standings[0] ?? { held_usd: '0', spent_usd: '0' }
  }
  const posted = async (callId: unknown) => {
    const entry = await server.services.ledger.findCall('default', String(callId))
    if (entry?.event.kind !== 'call') return null
    const { success, errorCode, charge, usage, tags } = entry.event.call
    const { amount, status } = charge
    return {
      success,
      errorCode,
      cost: amount === null ? null : usdOfPicos(amount),
      status,
      notes: usage.notes.map(({ code }) => code),
      tags,
    }
  }
  const ask = (more: object = {}, path = PATH, headers: Record<string, string> = {}) =>
    server.send('POST', path, { ...CHAT, ...more }, headers)

  it('says that a provider cannot be reached, and that nothing was spent', async () => {
    const { status, headers, body } = await ask({}, '/azure/openai/v1/chat/completions')
    expect({ status, body }).toMatchObject({ status: 502, body: { error: { type: 'server_error', code: 'upstream_unreachable' } } })
    expect(await posted(headers['x-purser-call-id'])).toMatchObject({ success: false, errorCode: 'upstream_unreachable', cost: '0' })
    expect(await standing()).toMatchObject({ held_usd: '0', spent_usd: '0' })
  })

  it('does not pass on what nobody knows the price of, where a hard budget is to hold', async () => {
    const before = provider.asked.length
    const { status, headers, body } = await ask({ model: 'own-model' }, '/own/v1/chat/completions')
    expect({ status, body }).toMatchObject({ status: 402, body: { error: { code: 'price_unknown' } } })
    expect(headers).toMatchObject({ 'x-should-retry': 'false' })
    expect(provider.asked).toHaveLength(before)
  })

  it('says that a provider did not answer in time, and that what it will bill is not known', async () => {
    provider.answer(() => undefined)
    const { status, headers, body } = await ask()
    expect({ status, body }).toMatchObject({ status: 504, body: { error: { code: 'upstream_timeout' } } })
    const call = await posted(headers['x-purser-call-id'])
    expect(call).toMatchObject({ success: false, errorCode: 'upstream_timeout', notes: expect.arrayContaining(['no_usage']) })
    expect(call?.status).not.toBe('exact')
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })

  it.each([
    ['an error of the provider', 500, 'application/json', '{"error":{"message":"boom","type":"server_error","code":null}}', '0'],
    [
      'a limit of the provider',
      429,
      'application/json',
      '{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}',
      '0',
    ],
    ['a page in place of an error', 503, 'text/html', '<html><body>down</body></html>', '0'],
  ])('passes %s on untouched', async (_, status, type, text, cost) => {
    provider.answer((_asked, response) => {
      response.writeHead(status, { 'content-type': type, 'retry-after': '7' })
      response.end(text)
    })
    const answer = await ask()
    expect(answer).toMatchObject({ status, text, headers: { 'content-type': type, 'retry-after': '7' } })
    expect(await posted(answer.headers['x-purser-call-id'])).toMatchObject({ success: false, cost })
    expect(await standing()).toMatchObject({ held_usd: '0', spent_usd: '0' })
  })

  it('does not take a page for an answer, nor for one that costs nothing', async () => {
    provider.answer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html>welcome</html>')
    })
    const answer = await ask()
    expect(answer).toMatchObject({ status: 502, headers: { 'x-purser-cost-status': 'partial' } })
    expect(answer.body).toMatchObject({
      error: { type: 'server_error', code: 'upstream_page', message: expect.stringContaining('text/html') },
    })
    expect(await posted(answer.headers['x-purser-call-id'])).toMatchObject({
      success: false,
      errorCode: 'upstream_page',
      status: 'partial',
      notes: expect.arrayContaining(['no_usage']),
    })
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })

  it.each<[string, (asked: Asked, response: ServerResponse) => void]>([
    ['breaks off', (_asked, response) => response.destroy()],
    ['falls silent', () => undefined],
  ])('ends a stream that %s with an error, and bills what was delivered', async (_, then) => {
    provider.answer((asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(PIECE)
      setTimeout(() => then(asked, response), 50)
    })
    const { status, text, headers } = await ask({ stream: true })
    expect(status).toBe(200)
    expect(text.startsWith(PIECE)).toBe(true)
    expect(text.slice(PIECE.length)).toMatch(/^data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"upstream_/)
    expect(text).not.toContain('[DONE]')
    const call = await posted(headers['x-purser-call-id'])
    expect(call).toMatchObject({ success: false, status: 'estimated', notes: expect.arrayContaining(['estimated_from_text', 'cut_off']) })
    expect(await standing()).toMatchObject({ held_usd: '0', spent_usd: call?.cost })
  })

  it('passes an error in the middle of a stream on as it came', async () => {
    const error = 'data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n'
    provider.answer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`${PIECE}${error}`)
    })
    const { text, headers } = await ask({ stream: true })
    expect(text).toBe(`${PIECE}${error}`)
    expect(await posted(headers['x-purser-call-id'])).toMatchObject({ success: false, errorCode: 'overloaded', status: 'estimated' })
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })

  it('stops a stream whose client went away, and bills what was delivered', async () => {
    let ended: (how: string) => void = () => undefined
    const over = new Promise<string>((resolve) => {
      ended = resolve
    })
    provider.answer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const writing = setInterval(() => response.write(PIECE), 5)
      response.on('close', () => {
        clearInterval(writing)
        ended('told to stop')
      })
    })
    const callId = await new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.url)
      const asked = httpRequest(
        { hostname, port, method: 'POST', path: PATH, headers: { 'content-type': 'application/json' } },
        (response) => {
          response.once('data', () => {
            resolve(response.headers['x-purser-call-id'])
            asked.destroy()
          })
        },
      )
      asked.on('error', reject)
      asked.end(JSON.stringify({ ...CHAT, stream: true }))
    })
    expect(await over).toBe('told to stop')
    await expect.poll(() => posted(callId)).toMatchObject({ success: false, errorCode: 'client_closed', status: 'estimated' })
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })

  it('reads a whole answer to its end when its client went away: it has been paid for', async () => {
    let go: () => void = () => undefined
    provider.answer((asked, response) => {
      go = () => chatAnswer()(asked, response)
    })
    const { hostname, port } = new URL(server.url)
    const asked = httpRequest({ hostname, port, method: 'POST', path: PATH, headers: { 'content-type': 'application/json' } })
    asked.on('error', () => undefined)
    const before = provider.asked.length
    asked.end(JSON.stringify(CHAT))
    await expect.poll(() => provider.asked.length).toBe(before + 1)
    asked.destroy()
    go()
    await expect.poll(standing).toMatchObject({ held_usd: '0', spent_usd: '0.000045' })
  })

  it('links an attempt to the call that it repeats', async () => {
    provider.answer((_asked, response) => {
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end('{"error":{"message":"boom"}}')
    })
    const first = await ask()
    const second = await ask()
    provider.answer(chatAnswer())
    const third = await ask()
    const fourth = await ask()
    const id = first.headers['x-purser-call-id']
    expect(await posted(id)).toMatchObject({ tags: {} })
    expect(await posted(second.headers['x-purser-call-id'])).toMatchObject({ tags: { retry_of: id, attempt: '2' } })
    expect(await posted(third.headers['x-purser-call-id'])).toMatchObject({ success: true, tags: { retry_of: id, attempt: '3' } })
    expect((await posted(fourth.headers['x-purser-call-id']))?.tags).toEqual({})
  })

  it('asks a provider that does not know how to count a stream as its client did', async () => {
    provider.answer((asked, response) => {
      if (!('stream_options' in asked.body)) return chatAnswer()(asked, response)
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"error":{"message":"Unrecognized request argument supplied: stream_options"}}')
    })
    const before = provider.asked.length
    const first = await ask({ stream: true })
    expect(first).toMatchObject({ status: 200, text: expect.stringContaining('[DONE]') })
    expect(provider.asked.slice(before).map(({ body }) => 'stream_options' in body)).toEqual([true, false])
    expect(await posted(first.headers['x-purser-call-id'])).toMatchObject({
      success: true,
      status: 'estimated',
      notes: expect.arrayContaining(['no_usage']),
    })
    await ask({ stream: true })
    expect(provider.asked).toHaveLength(before + 3)
    // One that does ask is told what its provider says.
    expect(await ask({ stream: true, stream_options: { include_usage: true } })).toMatchObject({ status: 400 })
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })

  it.each([
    ['a body that is not JSON', '{"model":', 'missing_field'],
    ['a body without a model', '{}', 'missing_field'],
    ['an empty body', '', 'missing_field'],
  ])('refuses %s', async (_, body, code) => {
    const before = provider.asked.length
    const answer = await server.send('POST', PATH, body, { 'content-type': 'application/json' })
    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', code } } })
    expect(provider.asked).toHaveLength(before)
    expect(await standing()).toMatchObject({ held_usd: '0' })
  })
})
