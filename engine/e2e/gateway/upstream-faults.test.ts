import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { ERROR_EVENTS, htmlPage, type Manner, rateLimited, SERVER_ERROR } from '../../../conformance/upstream/manner.ts'
import { type Lab, startLab } from './lab.ts'

const skip = skipReason('cassettes')
const PATIENCE_MS = 250
const BOMB = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20))

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ headMs: PATIENCE_MS, pauseMs: PATIENCE_MS })
  await lab.limit('100000')
})
afterAll(() => lab.close())
beforeEach(() => lab.upstream.reset())

/** Every API whose answers are read, whole and as a stream. */
const APIS: [api: string, cassette: string, path: string][] = [
  ['chat', '044', '/openai/v1/chat/completions'],
  ['chat, a stream', '041', '/openai/v1/chat/completions'],
  ['responses', '046', '/openai/v1/responses'],
  ['responses, a stream', '053', '/openai/v1/responses'],
  ['messages', '001', '/anthropic/v1/messages'],
  ['messages, a stream', '007', '/anthropic/v1/messages'],
  ['Gemini', '022', '/gemini/v1beta/models/gemini-2.5-flash:generateContent'],
  ['Gemini, a stream', '025', '/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
  ['Bedrock', '015', '/bedrock/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse'],
  ['Bedrock, a stream', '014', '/bedrock/model/amazon.titan-text-lite-v1/converse-stream'],
]

interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The connection broke before the answer was whole. */
  readonly broken: boolean
}

async function ask(prefix: string, path: string, manner: Manner): Promise<Got> {
  lab.upstream.next({ cassette: prefix, ...manner })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${lab.through.apiKey}` }
  const response = await fetch(lab.server.url + path, { method: 'POST', headers, body: lab.cassette(prefix).request_body })
  const { status, headers: answered } = response
  let text = ''
  try {
    const decoder = new TextDecoder()
    for await (const piece of response.body ?? []) text += decoder.decode(piece as Uint8Array, { stream: true })
    return { status, headers: answered, text, broken: false }
  } catch {
    return { status, headers: answered, text, broken: true }
  }
}

/** Nothing is held, each request is one call in the books, and the server is well. */
async function expectAllIsWell(callsBefore: number): Promise<void> {
  await lab.settled()
  expect(await lab.standing()).toMatchObject({ held_usd: '0' })
  expect((await lab.calls()).length).toBe(callsBefore + 1)
  expect((await lab.server.send('GET', '/actuator/health')).body).toMatchObject({ status: 'UP' })
}

/** An error as each API says it. */
function expectErrorOf(api: string, text: string): void {
  const body = JSON.parse(text) as Record<string, unknown>
  if (api.startsWith('messages'))
    expect(body).toMatchObject({ type: 'error', error: { type: expect.any(String), message: expect.stringMatching(/./) } })
  else if (api.startsWith('Bedrock'))
    expect(body).toMatchObject({ __type: expect.stringMatching(/Exception$/), message: expect.stringMatching(/./) })
  else if (api.startsWith('Gemini'))
    expect(body).toMatchObject({ error: { code: expect.any(Number), message: expect.stringMatching(/./), status: expect.any(String) } })
  else expect(body).toMatchObject({ error: { message: expect.stringMatching(/./), type: expect.any(String) } })
}

/** How a stream of each API says that it failed. */
const FAILED_STREAM: Readonly<Record<string, RegExp>> = {
  chat: /data: \{"error":\{"message":"[^"]+"/,
  responses: /event: error\ndata: \{/,
  messages: /event: error\ndata: \{"type":"error"/,
  Gemini: /data: \{"error":\{"code":/,
  Bedrock: /:exception-type/,
}

function expectFailedStream(api: string, text: string): void {
  const [name = ''] = api.split(',')
  expect(text).toMatch(FAILED_STREAM[name] ?? /never/)
  expect(text).not.toContain('[DONE]')
}

const each = APIS.map(([api, cassette, path]) => ({ api, cassette, path, isStream: api.endsWith('stream') }))
const wholes = each.filter(({ isStream }) => !isStream)
const streams = each.filter(({ isStream }) => isStream)

describe.skipIf(skip !== null)(`a provider that fails behind the gateway ${skip ?? ''}`, () => {
  it.each(each)('hangs or breaks off before it answers: $api', async ({ api, cassette, path }) => {
    for (const [how, status] of [
      ['hang', 504],
      ['reset', 502],
    ] as const) {
      const before = (await lab.calls()).length
      const got = await ask(cassette, path, { stop: { after: 'request', how } })
      expect([how, got.status]).toEqual([how, status])
      expectErrorOf(api, got.text)
      await expectAllIsWell(before)
    }
  })

  it.each(wholes)('hangs or breaks off within a whole answer: $api', async ({ api, cassette, path }) => {
    for (const after of ['headers', 60] as const)
      for (const [how, status] of [
        ['hang', 504],
        ['reset', 502],
      ] as const) {
        const before = (await lab.calls()).length
        const got = await ask(cassette, path, { stop: { after, how }, pieceDelayMs: 5 })
        expect([after, how, got.status]).toEqual([after, how, status])
        expectErrorOf(api, got.text)
        await expectAllIsWell(before)
      }
  })

  it.each(streams)('hangs or breaks off within a stream: $api', async ({ api, cassette, path }) => {
    for (const after of ['headers', 150] as const)
      for (const how of ['hang', 'reset'] as const) {
        const before = (await lab.calls()).length
        const got = await ask(cassette, path, { stop: { after, how }, pieceDelayMs: 5 })
        expect([after, how, got.status]).toEqual([after, how, 200])
        expectFailedStream(api, got.text)
        await expectAllIsWell(before)
      }
  })

  it.each(each)('refuses by itself, and what it says passes untouched: $api', async ({ cassette, path }) => {
    for (const manner of [SERVER_ERROR, rateLimited(7), htmlPage(502), { ...htmlPage(503), encode: 'gzip' as const }]) {
      const before = (await lab.calls()).length
      const got = await ask(cassette, path, manner)
      expect([got.status, got.text]).toEqual([manner.status, manner.body])
      expect(got.headers.get('retry-after')).toBe(manner.headers?.['retry-after'] ?? null)
      expect(got.headers.get('content-type')).toBe(manner.headers?.['content-type'])
      await expectAllIsWell(before)
      expect((await lab.calls()).at(-1)).toMatchObject({ success: false, usage: { inferences: [] } })
    }
  })

  it.each(each)(
    'answers a page where a model should speak: that is an error, and not posted as free: $api',
    async ({ api, cassette, path }) => {
      for (const encode of [{}, { encode: 'gzip' as const }]) {
        const before = (await lab.calls()).length
        const got = await ask(cassette, path, { ...htmlPage(200), ...encode })
        expect(got.status).toBe(502)
        expectErrorOf(api, got.text)
        expect(got.text).toMatch(/page/)
        await expectAllIsWell(before)
        const { charge, success } = (await lab.calls()).at(-1) ?? {}
        expect([charge?.amount === 0n, success]).toEqual([false, false])
      }
    },
  )

  it.each(streams)('ends a stream too early, or with an error of its own: $api', async ({ cassette, path }) => {
    const instead = path.startsWith('/anthropic') ? ERROR_EVENTS.anthropic : ERROR_EVENTS.openai
    for (const stop of [
      { after: 150, how: 'end' as const },
      { after: 150, how: 'end' as const, instead },
    ]) {
      const before = (await lab.calls()).length
      const got = await ask(cassette, path, { stop })
      expect(got.status).toBe(200)
      await expectAllIsWell(before)
      const call = (await lab.calls()).at(-1)
      // Nothing says how much was used, so it is unknown or estimated; it is never free.
      expect(call?.charge.amount === 0n).toBe(false)
    }
  })

  it.each(each)(
    'encodes, cuts, dawdles, adds trailers or says another type, and is metered all the same: $api',
    async ({ api, cassette, path }) => {
      const healthy = await ask(cassette, path, {})
      const usual = (await lab.calls()).at(-1)?.charge.amount
      expect(usual).toBeGreaterThan(0n)
      const manners: Manner[] = [
        { encode: 'gzip' },
        { encode: 'br' },
        { encode: 'deflate' },
        { cut: { seed: 11, bytesMax: 3 } },
        { cut: { seed: 11, bytesMax: 500 }, pieceDelayMs: 15, headersDelayMs: 50 },
        { trailers: { 'x-checksum': 'abc' } },
        ...(api.startsWith('Bedrock')
          ? []
          : [{ headers: { 'content-type': 'text/plain' } }, { headers: { 'content-type': 'application/json' } }]),
      ]
      for (const manner of manners) {
        const before = (await lab.calls()).length
        const got = await ask(cassette, path, manner)
        const name = JSON.stringify(manner)
        expect([name, got.status, got.text, got.broken]).toEqual([name, 200, healthy.text, false])
        await expectAllIsWell(before)
        expect([name, (await lab.calls()).at(-1)?.charge.amount]).toEqual([name, usual])
      }
    },
  )

  it.each(each)('announces another length than it has: $api', async ({ cassette, path }) => {
    const { length } = Buffer.from(lab.cassette(cassette).response_body)
    for (const announcedBytes of [length + 50, 40]) {
      const before = (await lab.calls()).length
      await ask(cassette, path, { announcedBytes })
      await expectAllIsWell(before)
    }
  })

  it.each(each)('answers nothing, or what is no text: $api', async ({ cassette, path }) => {
    for (const body of ['', Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]), Buffer.alloc(5_000, 0x80)]) {
      const before = (await lab.calls()).length
      const got = await ask(cassette, path, { body })
      expect(got.status).toBeLessThan(600)
      await expectAllIsWell(before)
    }
  })

  it.each(each)('says gzip and is none, or is a bomb: $api', async ({ api, cassette, path }) => {
    const headers = { 'content-encoding': 'gzip' }
    // One whole answer and one stream: how it unpacks does not depend on the API.
    for (const body of api.startsWith('chat') ? ['plain words', BOMB] : ['plain words']) {
      const before = (await lab.calls()).length
      lab.upstream.next({ cassette, headers, body })
      // The client is not to unpack it: what counts is that the server does not choke on it.
      const raw = await lab.server.send('POST', path, lab.cassette(cassette).request_body, {
        'content-type': 'application/json',
        authorization: `Bearer ${lab.through.apiKey}`,
      })
      expect(raw.status).toBe(200)
      await expectAllIsWell(before)
    }
  })
})
