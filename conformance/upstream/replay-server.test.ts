import { type IncomingMessage, request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { skipReason } from '../recorded.ts'
import { type Cassette, cassetteNamed, loadCassettes, requestOf, responseBytes } from './cassette.ts'
import { ERROR_EVENTS, htmlPage, rateLimited, SERVER_ERROR } from './manner.ts'
import { PIN_HEADER, startUpstream, type Upstream } from './replay-server.ts'

const skip = skipReason('cassettes')
const cassettes = loadCassettes()
const asked = cassettes.filter(({ request_body: body, url }) => body !== null && !url.includes('#'))

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

interface Got {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly trailers: IncomingMessage['trailers']
  readonly pieces: Buffer[]
  readonly body: Buffer
  /** What ended it before its time. */
  readonly failure: string | null
}

const SILENT_MS = 400

/** Sends bytes, and reads until the end, a failure or a silence. */
async function got(path: string, body: string, headers: Record<string, string> = {}): Promise<Got> {
  const sent = request(upstream.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, agent: false })
  let failure: string | null = null
  const fail = (error: NodeJS.ErrnoException): void => {
    failure ??= error.code ?? error.message
  }
  sent.on('error', fail)
  const silence = setTimeout(() => {
    failure ??= 'silent'
    sent.destroy()
  }, SILENT_MS)
  sent.on('response', (response) => response.on('data', () => silence.refresh()).on('error', fail))
  sent.end(body)
  const pieces: Buffer[] = []
  const response = await new Promise<IncomingMessage | null>((resolve) => {
    sent.on('response', (answer) => {
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('close', () => resolve(answer))
    })
    sent.on('close', () => setImmediate(resolve, null))
  })
  clearTimeout(silence)
  sent.destroy()
  const { statusCode: status = 0, headers: answered = {}, trailers = {} } = response ?? {}
  return { status, headers: answered, trailers, pieces, body: Buffer.concat(pieces), failure }
}

function asking(prefix: string): [path: string, body: string, cassette: Cassette] {
  const cassette = cassetteNamed(cassettes, prefix)
  const { pathname, search } = new URL(cassette.url)
  return [pathname + search, cassette.request_body ?? '', cassette]
}

describe.skipIf(skip !== null)(`a provider made of recordings ${skip ?? ''}`, () => {
  it.each(asked.map((each) => [each.file, each] as const))('answers %s byte for byte', async (_, cassette) => {
    const { pathname, search } = new URL(cassette.url)
    const answer = await got(pathname + search, cassette.request_body ?? '')
    const [first] = upstream.received
    const found = cassetteNamed(cassettes, first?.cassette ?? '')
    // Some requests were made twice; either answer is right.
    expect(requestOf(found)).toEqual(requestOf(cassette))
    expect(answer.status).toBe(found.status)
    expect(answer.body.equals(responseBytes(found))).toBe(true)
    expect(answer.failure).toBe(null)
  })

  it('was asked many', () => {
    expect(asked.length).toBeGreaterThan(50)
  })

  it('takes a recording of the same shape where the words differ, and none of another path or method', async () => {
    const [path] = asking('041')
    const ask = (body: object) => got(path, JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'other' }], ...body }))
    await ask({ stream: true })
    await ask({ stream: true, tools: [] })
    await ask({})
    expect(upstream.received.map(({ cassette }) => cassette?.slice(0, 3))).toEqual(['041', '043', '044'])
    expect((await got('/v1/unheard-of', '{}')).status).toBe(404)
    expect((await fetch(`${upstream.url}${path}`)).status).toBe(404)
  })

  it('takes the recording that a header or the test asks for', async () => {
    const [path, body] = asking('041')
    await got(path, body, { [PIN_HEADER]: '006' })
    upstream.next({ cassette: '007' })
    await got(path, body)
    await got(path, body)
    expect(upstream.received.map(({ cassette }) => cassette?.slice(0, 3))).toEqual(['006', '007', '041'])
  })

  it('tells a stream its usage where that was asked for, and only there', async () => {
    const [path, body, cassette] = asking('040')
    const { stream_options: _, ...without } = requestOf(cassette)
    const silent = await got(path, JSON.stringify(without))
    expect((await got(path, body)).body.equals(responseBytes(cassette))).toBe(true)
    expect(silent.body.toString()).not.toContain('usage')
    expect(silent.body.toString()).toMatch(/"finish_reason":"stop"\}\]\}\n\ndata: \[DONE\]\n\n$/)
  })

  it('keeps what it was sent', async () => {
    const [path, body] = asking('006')
    await got(path, body, { 'x-api-key': 'secret', 'anthropic-beta': 'x' })
    const [first] = upstream.received
    expect(first).toMatchObject({ method: 'POST', path, headers: { 'x-api-key': 'secret', 'anthropic-beta': 'x' }, json: JSON.parse(body) })
    expect(first?.body.toString()).toBe(body)
    expect(await first?.ended).toBe('answered')
  })
})

describe.skipIf(skip !== null)(`a provider that fails ${skip ?? ''}`, () => {
  it('cuts anywhere, also within characters, the same for the same seed', async () => {
    const [path, body, cassette] = asking('024')
    upstream.always({
      body: 'data: "Zürich – 東京 🗼"\n\n',
      headers: { 'content-type': 'text/event-stream' },
      cut: { seed: 7, bytesMax: 1 },
      pieceDelayMs: 1,
    })
    const answer = await got(path, body)
    expect(answer.body.toString()).toBe('data: "Zürich – 東京 🗼"\n\n')
    expect(answer.pieces.some((piece) => piece.toString().includes('\ufffd'))).toBe(true)
    upstream.always({ cut: { seed: 7, bytesMax: 9 } })
    expect((await got(path, body)).body.equals(responseBytes(cassette))).toBe(true)
  })

  it('hangs before headers, after them, and in mid-stream', async () => {
    const [path, body] = asking('006')
    upstream.next({ stop: { after: 'request', how: 'hang' } })
    expect(await got(path, body)).toMatchObject({ status: 0, failure: 'silent' })
    expect(await upstream.received[0]?.ended).toBe('gone')
    upstream.next({ stop: { after: 'headers', how: 'hang' } }, { stop: { after: 100, how: 'hang' } })
    expect(await got(path, body)).toMatchObject({ status: 200, failure: 'silent', pieces: [] })
    const cut = await got(path, body)
    expect([cut.failure, cut.body.length]).toEqual(['silent', 100])
  })

  it('resets the connection before headers and in mid-stream', async () => {
    const [path, body] = asking('006')
    upstream.next({ stop: { after: 'request', how: 'reset' } }, { stop: { after: 100, how: 'reset' }, pieceDelayMs: 5 })
    expect(await got(path, body)).toMatchObject({ status: 0, failure: 'ECONNRESET' })
    expect((await got(path, body)).failure).toBe('ECONNRESET')
  })

  it('ends a stream early as if it were whole, with or without saying that it failed', async () => {
    const [path, body] = asking('006')
    upstream.next({ stop: { after: 100, how: 'end' } }, { stop: { after: 100, how: 'end', instead: ERROR_EVENTS.anthropic } })
    const short = await got(path, body)
    expect([short.failure, short.body.length]).toEqual([null, 100])
    expect((await got(path, body)).body.toString()).toMatch(/overloaded_error/)
  })

  it('answers with errors, pages, other types and other lengths', async () => {
    const [path, body, cassette] = asking('041')
    const { length } = responseBytes(cassette)
    upstream.next(SERVER_ERROR, rateLimited(20), htmlPage(502), { headers: { 'content-type': 'text/plain' } })
    expect(await got(path, body)).toMatchObject({ status: 500, headers: { 'content-type': 'application/json' } })
    expect(await got(path, body)).toMatchObject({ status: 429, headers: { 'retry-after': '20' } })
    expect((await got(path, body)).body.toString()).toMatch(/<h1>502/)
    expect((await got(path, body)).headers['content-type']).toBe('text/plain')
    upstream.next({ announcedBytes: length }, { announcedBytes: length + 10 }, { announcedBytes: 100 })
    expect((await got(path, body)).failure).toBe(null)
    expect((await got(path, body)).failure).toBe('ECONNRESET')
    expect((await got(path, body)).body.length).toBe(100)
  })

  it('encodes and adds trailers', async () => {
    const [path, body, cassette] = asking('041')
    upstream.next({ encode: 'gzip' }, { encode: 'br' }, { trailers: { 'x-checksum': '1' } })
    const zipped = await got(path, body)
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body).equals(responseBytes(cassette))).toBe(true)
    expect(brotliDecompressSync((await got(path, body)).body).equals(responseBytes(cassette))).toBe(true)
    expect((await got(path, body)).trailers).toEqual({ 'x-checksum': '1' })
  })

  it('waits before the headers and between pieces', async () => {
    const [path, body] = asking('006')
    upstream.next({ headersDelayMs: 60, pieceDelayMs: 5 })
    const began = performance.now()
    const answer = await got(path, body)
    expect(performance.now() - began).toBeGreaterThan(60 + 5 * 5 - 10)
    expect(answer.failure).toBe(null)
  })
})
