import { context, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { billOf, callsOf } from '../../../../conformance/otlp/books.ts'
import { AT, traces } from '../../../../conformance/otlp/payloads.ts'

const ADMIN = 'a-bootstrap-key-of-a-test'
const MODEL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
}

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function start(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = await testServer({ now: () => AT + 60_000, ...options })
  servers.push(server)
  return server
}

async function keyOf(server: TestServer, body: Record<string, unknown>): Promise<Record<string, string>> {
  const made = await server.send('POST', '/v1/finops/keys', body, { authorization: `Bearer ${ADMIN}` })
  expect(made.status, made.text).toBe(201)
  return { authorization: `Bearer ${String(made.body.secret)}` }
}

describe('who is let in', () => {
  it('is refused in the form of the protocol and in the encoding of the request', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const json = await server.send('POST', '/v1/traces', traces({ spans: [] }))
    expect([json.status, json.body]).toEqual([401, { code: 16, message: expect.stringContaining('unauthenticated') }])
    expect(json.headers['www-authenticate']).toContain('Bearer')
    const binary = await server.send('POST', '/v1/logs', new Uint8Array(), { 'content-type': 'application/x-protobuf' })
    expect([binary.status, binary.headers['content-type']]).toEqual([401, 'application/x-protobuf'])
    expect(binary.text.charCodeAt(1)).toBe(16)
  })

  it('may be told by no other site of the local mode', async () => {
    const server = await start()
    const answer = await server.send('POST', '/v1/traces', '{}', { 'content-type': 'application/json', origin: 'https://evil.example' })
    expect([answer.status, answer.body]).toEqual([403, { code: 7, message: expect.stringContaining('another site') }])
  })

  it('takes a key that may report, and no other', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const reader = await keyOf(server, { name: 'r', organization_id: 'acme', operations: ['read'] })
    const answer = await server.send('POST', '/v1/traces', traces({ spans: [{ attributes: MODEL }] }), reader)
    expect([answer.status, answer.body]).toEqual([403, { code: 7, message: expect.stringContaining('may not report') }])
  })

  it('is who the key is bound to, whatever a span says', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const key = await keyOf(server, { name: 'k', organization_id: 'acme', agent: 'bound', operations: ['report'] })
    const forged = { ...MODEL, 'gen_ai.agent.name': 'another' }
    expect((await server.send('POST', '/v1/traces', traces({ spans: [{ attributes: forged }] }), key)).text).toBe('{}')
    expect((await callsOf(server.services, 'acme')).map(({ agent }) => agent)).toEqual(['bound'])
    const elsewhere = traces({ resource: { 'purser.organization_id': 'other' }, spans: [{ trace: 'x', attributes: MODEL }] })
    const refused = await server.send('POST', '/v1/traces', elsewhere, key)
    expect(refused.body).toMatchObject({ partialSuccess: { rejectedSpans: '1' } })
    expect(await billOf(server.services, 'other')).toMatchObject({ calls: 0 })
  })

  it('strikes out a key of ours that a program has recorded', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const key = await keyOf(server, { name: 'k', organization_id: 'acme', operations: ['report'] })
    const secret = String(key.authorization).slice('Bearer '.length)
    const attributes = { ...MODEL, 'user.id': `me ${secret}` }
    expect((await server.send('POST', '/v1/traces', traces({ spans: [{ attributes }] }), key)).text).toBe('{}')
    const [call] = await callsOf(server.services, 'acme')
    expect(call?.user).toMatch(/^me \*+$/)
  })
})

describe('an exporter of OpenTelemetry', () => {
  it.each([
    ['protobuf', ProtobufExporter],
    ['JSON', JsonExporter],
  ] as const)('with no setting but the address of this test: %s', async (_encoding, Exporter) => {
    const server = await start({ now: Date.now })
    const provider = new NodeTracerProvider({
      spanProcessors: [new BatchSpanProcessor(new Exporter({ url: `${server.url}/v1/traces` }))],
    })
    const tracer = provider.getTracer('app')
    tracer.startActiveSpan('answer a question', (root) => {
      tracer.startSpan('chat gpt-4o', { attributes: MODEL }, trace.setSpan(context.active(), root)).end()
      root.end()
    })
    await provider.shutdown()
    const bill = await billOf(server.services, 'default')
    expect(bill).toMatchObject({ calls: 1, inputTokens: 1_000, outputTokens: 100, cost: 3_500_000_000n })
    const [call] = await callsOf(server.services, 'default')
    expect(call).toMatchObject({ workflow: 'answer a question', source: 'otlp:genai' })
  })
})
