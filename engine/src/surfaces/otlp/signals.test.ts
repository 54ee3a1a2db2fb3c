import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { billOf, callerOf, callsOf } from '../../../../conformance/otlp/books.ts'
import { doorOf, type Sent } from '../../../../conformance/otlp/door.ts'
import { AT, logs, metrics, type ShortSpan, traces } from '../../../../conformance/otlp/payloads.ts'

let server: TestServer
let send: ReturnType<typeof doorOf>
let count = 0
beforeAll(async () => {
  server = await testServer({ now: () => AT + 600_000 })
  send = doorOf(server.services)
})
afterAll(() => server.close())

const USE = { 'gen_ai.usage.input_tokens': 1_000, 'gen_ai.usage.output_tokens': 100 }
/** What that much of gpt-4o costs. */
const ONE = 3_500_000_000n

async function take(organization: string, sent: readonly Sent[]): Promise<void> {
  for (const each of sent) {
    const answer = await send(callerOf(organization), each)
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}'])
  }
}

function own(): string {
  count += 1
  return `s-${count}`
}

const spans = (list: readonly ShortSpan[], resource = {}): Sent => ({ signal: 'traces', body: traces({ resource, spans: list }) })

describe('Claude Code', () => {
  const resource = { 'service.name': 'claude-code' }
  const who = { 'session.id': 'cc-1', 'user.email': 'dev@example.com' }
  const use = {
    model: 'claude-sonnet-4-5',
    input_tokens: '10',
    output_tokens: '200',
    cache_read_tokens: '1000',
    cache_creation_tokens: '50',
    request_id: 'req_011CVexample00000',
    duration_ms: 900,
  }
  const event: Sent = {
    signal: 'logs',
    body: logs({
      resource,
      events: [{ name: 'claude_code.api_request', timeMs: AT + 900, attributes: { ...who, ...use, cost_usd: '0.0042' } }],
    }),
  }
  const span: Sent = spans(
    [
      {
        name: 'claude_code.llm_request',
        endMs: AT + 900,
        attributes: { ...who, ...use, 'gen_ai.system': 'anthropic', 'gen_ai.response.id': use.request_id },
      },
    ],
    resource,
  )
  const point = (type: string, value: number) => ({
    metric: 'claude_code.token.usage',
    value,
    timeMs: AT + 60_000,
    attributes: { ...who, model: use.model, type },
  })
  const counters: Sent = {
    signal: 'metrics',
    body: metrics({ resource, points: [point('input', 10), point('output', 200), point('cacheRead', 1_000), point('cacheCreation', 50)] }),
  }

  it.each([
    ['event', [event]],
    ['span', [span]],
    ['counters', [counters]],
    ['event, span', [event, span]],
    ['span, event', [span, event]],
    ['event, counters', [event, counters]],
    ['counters, event', [counters, event]],
    ['counters, span, event, counters', [counters, span, event, counters]],
    ['all twice', [event, span, counters, counters, span, event]],
  ] as const)('by %s is one bill', async (_how, sent) => {
    const organization = own()
    await take(organization, sent)
    // 10 fresh, 1,000 read and 50 written tokens of input, 200 of output.
    expect(await billOf(server.services, organization)).toMatchObject({
      calls: 1,
      inputTokens: 1_060,
      outputTokens: 200,
      cost: 3_517_500_000n,
    })
  })

  it('keeps what it says that it cost beside what we know', async () => {
    const organization = own()
    await take(organization, [event])
    const [call] = await callsOf(server.services, organization)
    expect(call).toMatchObject({ agent: 'claude-code', user: 'dev@example.com', session: 'cc-1', latencyMs: 900, at: AT })
    expect(call?.charge).toMatchObject({
      amount: 3_517_500_000n,
      attested: { amount: 4_200_000_000n, by: 'cost_usd', variance: 682_500_000n },
    })
  })
})

describe('Codex, whose spans and events share no id', () => {
  const resource = { 'service.name': 'codex_cli_rs' }
  const event = (second: number): Sent => ({
    signal: 'logs',
    body: logs({
      resource,
      events: [
        {
          name: 'codex.sse_event',
          timeMs: AT + second * 1_000,
          attributes: {
            'event.kind': 'response.completed',
            'conversation.id': 'c',
            model: 'gpt-5',
            input_token_count: 1_000,
            output_token_count: 100,
          },
        },
      ],
    }),
  })
  const span = (second: number): Sent =>
    spans(
      [
        {
          span: `s${second}`,
          name: 'handle_responses',
          scope: 'codex_cli_rs',
          startMs: AT + second * 1_000 - 900,
          endMs: AT + second * 1_000,
          attributes: { model: 'gpt-5', ...USE },
        },
      ],
      resource,
    )

  it.each([
    ['events', [event(1), event(9)]],
    ['spans', [span(1), span(9)]],
    ['both', [event(1), span(1), event(9), span(9)]],
    ['both, spans first and out of order', [span(9), span(1), event(1), event(9)]],
    ['both twice', [event(1), span(1), span(1), event(1), event(9), span(9), event(1), span(9), event(9)]],
  ] as const)('two calls alike are two by %s', async (_how, sent) => {
    const organization = own()
    await take(organization, sent)
    expect(await billOf(server.services, organization)).toMatchObject({ calls: 2, inputTokens: 2_000, outputTokens: 200 })
  })
})

describe('counters alone', () => {
  const resource = { 'service.name': 'metered' }
  const attributes = { 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o', 'gen_ai.operation.name': 'chat' }
  const at = (seconds: number, input: number, output: number, startMs = AT): Sent => ({
    signal: 'metrics',
    body: metrics({
      resource,
      points: [
        {
          metric: 'gen_ai.client.token.usage',
          cumulative: true,
          startMs,
          timeMs: AT + seconds * 1_000,
          value: input,
          attributes: { ...attributes, 'gen_ai.token.type': 'input' },
        },
        {
          metric: 'gen_ai.client.token.usage',
          cumulative: true,
          startMs,
          timeMs: AT + seconds * 1_000,
          value: output,
          attributes: { ...attributes, 'gen_ai.token.type': 'output' },
        },
      ],
    }),
  })

  it('that add up are billed by what they grow', async () => {
    const organization = own()
    await take(organization, [at(10, 400, 40), at(20, 1_000, 100), at(20, 1_000, 100), at(10, 400, 40)])
    expect(await billOf(server.services, organization)).toMatchObject({ inputTokens: 1_000, outputTokens: 100, cost: ONE })
  })

  it('go on after a restart of ours, and begin again after one of theirs', async () => {
    const organization = own()
    await take(organization, [at(10, 400, 40)])
    send = doorOf(server.services)
    await take(organization, [at(20, 1_000, 100), at(30, 500, 50, AT + 25_000)])
    expect(await billOf(server.services, organization)).toMatchObject({ inputTokens: 1_500, outputTokens: 150 })
  })
})
