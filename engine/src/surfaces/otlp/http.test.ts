import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, send, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { billOf, callerOf, callsOf } from '../../../../conformance/otlp/books.ts'
import { doorOf } from '../../../../conformance/otlp/door.ts'
import { AT, traces } from '../../../../conformance/otlp/payloads.ts'

const NOW = AT + 60_000
const MODEL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
}
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const MIB = 1024 * 1024

let server: TestServer
let organizations = 0
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
})
afterAll(() => server.close())

/** Sends to an organization of its own, and says what was made of it. */
async function post(body: unknown, headers: Record<string, string> = {}, path = '/v1/traces'): Promise<Answer> {
  return send(server.url, 'POST', path, body, headers)
}

function organization(): string {
  organizations += 1
  return `org-${organizations}`
}

describe('the doors of the protocol', () => {
  it.each(['/v1/traces', '/otlp/v1/traces'])('%s takes a call without a key on this machine', async (path) => {
    const own = organization()
    const answer = await post(traces({ resource: { 'purser.organization_id': own }, spans: [{ trace: own, attributes: MODEL }] }), {}, path)
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, '{}', 'application/json'])
    expect(await billOf(server.services, own)).toMatchObject({ calls: 1, inputTokens: 1_000, outputTokens: 100, cost: 3_500_000_000n })
  })

  it.each(['traces', 'logs', 'metrics'])('an empty request to %s is well', async (signal) => {
    for (const [body, headers] of [
      ['{}', JSON_TYPE],
      ['', JSON_TYPE],
      [undefined, {}],
      ['', PROTOBUF],
    ] as const) {
      expect((await post(body, headers, `/v1/${signal}`)).status).toBe(200)
    }
  })

  it('unpacks gzip', async () => {
    const own = organization()
    const body = gzipSync(
      JSON.stringify(traces({ resource: { 'purser.organization_id': own }, spans: [{ trace: own, attributes: MODEL }] })),
    )
    expect((await post(body, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(200)
    expect((await billOf(server.services, own)).calls).toBe(1)
  })

  it('takes JSON whose type names a charset', async () => {
    expect((await post('{}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200)
  })

  it('answers other methods with those that it takes', async () => {
    const answer = await send(server.url, 'GET', '/v1/traces')
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
  })
})

describe('what cannot be read', () => {
  it.each([
    ['a type that is none of the protocol', 'x', { 'content-type': 'text/plain' }, 415],
    ['no type', new Uint8Array([1]), {}, 415],
    ['an encoding that nobody has', 'x', { ...JSON_TYPE, 'content-encoding': 'zstd-7' }, 415],
    ['no JSON', '{"resourceSpans": [', JSON_TYPE, 400],
    ['a list', '[]', JSON_TYPE, 400],
    ['text that is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), JSON_TYPE, 400],
    ['no message', new Uint8Array([0xff, 0xff, 0xff]), PROTOBUF, 400],
    ['a message that was cut off', new Uint8Array([0x0a, 0x7f, 0x0a]), PROTOBUF, 400],
    ['a length past everything', new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), PROTOBUF, 400],
    ['what says gzip and is not', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400],
    ['gzip that was cut off', gzipSync(Buffer.alloc(10_000)).subarray(0, 20), { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400],
  ] as const)('%s', async (_what, body, headers, status) => {
    const answer = await post(body, headers)
    expect(answer.status).toBe(status)
    if ('content-type' in headers && headers['content-type'] === 'application/x-protobuf') {
      expect(answer.headers['content-type']).toBe('application/x-protobuf')
      expect(answer.text.length).toBeGreaterThan(2)
    } else expect(answer.body).toMatchObject({ code: 3, message: expect.stringMatching(/\w+: \w+/) })
  })

  it('a bomb of gzip is given up at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(512 * MIB))
    const before = process.memoryUsage().rss
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' })))
    for (const { status } of answers) expect([413, 503]).toContain(status)
    expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(400)
  })

  it('a body longer than the limit is refused by its length alone', async () => {
    const answer = await post('x', { ...JSON_TYPE, 'content-length': String(100 * MIB) }).catch((error: unknown) => error as Error)
    expect(answer instanceof Error || answer.status === 413).toBe(true)
  })

  it('the server stays up', async () => {
    expect((await post('{}', JSON_TYPE)).status).toBe(200)
  })
})

describe('what is taken in part', () => {
  it('says how many spans were not taken, and why', async () => {
    const own = organization()
    const spans = [
      { trace: own, span: 'a', attributes: MODEL },
      { trace: '', span: 'b', attributes: MODEL },
      { trace: '00000000000000000000000000000000', span: 'c', attributes: MODEL },
      { trace: own, span: 'd', startMs: NOW + 48 * 3_600_000, attributes: MODEL },
      { trace: own, span: 'e', startMs: 1, attributes: MODEL },
    ]
    const answer = await post(traces({ resource: { 'purser.organization_id': own }, spans }))
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      partialSuccess: { rejectedSpans: '4', errorMessage: expect.stringMatching(/without ids.*hours ahead.*days back/) },
    })
    expect(await billOf(server.services, own)).toMatchObject({ calls: 1 })
  })

  it('a call without a time has ours', async () => {
    const own = organization()
    const payload = traces({
      resource: { 'purser.organization_id': own },
      spans: [{ trace: own, startMs: 0, endMs: 0, attributes: MODEL }],
    })
    expect((await post(payload)).text).toBe('{}')
    expect((await callsOf(server.services, own)).map(({ at, latencyMs }) => [at, latencyMs])).toEqual([[NOW, null]])
  })

  it.each([
    ['a negative counter', -5],
    ['text', 'many'],
    ['NaN', { doubleValue: 'NaN' }],
    ['Infinity', { doubleValue: 'Infinity' }],
    ['a fraction', 1.5],
    ['more than anybody has', 9e18],
    ['a list', { arrayValue: { values: [{ intValue: 5 }] } }],
  ])('%s is no number of tokens, and not zero', async (_what, value) => {
    const own = organization()
    const attributes = { ...MODEL, 'gen_ai.usage.input_tokens': value }
    expect((await post(traces({ resource: { 'purser.organization_id': own }, spans: [{ trace: own, attributes }] }))).text).toBe('{}')
    const [call] = await callsOf(server.services, own)
    expect(call?.usage.inferences[0]?.meters).toEqual({ output: 100 })
    expect(call?.usage.inferences[0]?.evidence.input).toBe('missing')
    expect(call?.charge.status).toBe('partial')
  })

  it('digits in quotes are a number', async () => {
    const own = organization()
    const attributes = { ...MODEL, 'gen_ai.usage.input_tokens': '1000' }
    await post(traces({ resource: { 'purser.organization_id': own }, spans: [{ trace: own, attributes }] }))
    expect(await billOf(server.services, own)).toMatchObject({ inputTokens: 1_000 })
  })

  it('huge, deep and broken attributes cost nothing and are not kept', async () => {
    const own = organization()
    let deep: object = { stringValue: 'x' }
    for (let level = 0; level < 500; level++) deep = { kvlistValue: { values: [{ key: 'k', value: deep }] } }
    const attributes = {
      ...MODEL,
      'gen_ai.input.messages': 'p'.repeat(2 * MIB),
      'gen_ai.agent.name': 'a'.repeat(MIB),
      'user.id': 'left \ud800 alone',
      'ai.telemetry.metadata.__proto__': 'polluted',
      metadata: deep,
    }
    expect((await post(traces({ resource: { 'purser.organization_id': own }, spans: [{ trace: own, attributes }] }))).text).toBe('{}')
    const [call] = await callsOf(server.services, own)
    expect(call?.agent).toBe('a'.repeat(256))
    expect(call?.user).toBe('left \ufffd alone')
    expect(inspect(call, { depth: null })).not.toContain('ppp')
  })

  it('a hundred thousand spans in one request are all taken', async () => {
    const own = organization()
    const spans = Array.from({ length: 100_000 }, (_, index) => ({
      trace: own,
      span: String(index).padStart(16, 'a'),
      attributes: index % 100 === 0 ? MODEL : { 'http.request.method': 'GET' },
    }))
    const body = gzipSync(JSON.stringify(traces({ resource: { 'purser.organization_id': own }, spans })))
    const answer = await post(body, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(await billOf(server.services, own)).toMatchObject({ calls: 1_000 })
  }, 60_000)
})

describe('a flood', () => {
  it('is taken as far as there is room, and the rest is told when to come again', async () => {
    const own = organization()
    const send = doorOf(server.services, 2 * MIB)
    const bodies = Array.from({ length: 12 }, (_, index) =>
      Buffer.from(
        JSON.stringify(
          traces({
            resource: { 'purser.organization_id': own },
            spans: [{ trace: `flood-${index}`, attributes: { ...MODEL, 'gen_ai.input.messages': 'p'.repeat(MIB) } }],
          }),
        ),
      ),
    )
    const post = (body: Buffer) =>
      send(callerOf(own), { signal: 'traces', body, contentType: 'application/json', contentLength: String(body.length) })
    const answers = await Promise.all(bodies.map(post))
    const later = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12 - later.length)
    expect(later.length).toBeGreaterThan(0)
    expect(later.length).toBeLessThan(12)
    for (const { headers, body } of later)
      expect([headers['retry-after'], JSON.parse(body.toString())]).toEqual(['1', { code: 14, message: expect.any(String) }])
    expect(await billOf(server.services, own)).toMatchObject({ calls: 12 - later.length })
    for (const body of bodies) expect((await post(body)).status).toBe(200)
    expect(await billOf(server.services, own)).toMatchObject({ calls: 12 })
  })
})
