import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingTracker } from '../../../conformance/sdk/recording-tracker.ts'
import { type StubProvider, sendEvents, sendJson, startStubProvider } from '../../../conformance/sdk/stub-provider.ts'
import { observeAnthropic } from './anthropic.ts'

const SECRET = 'a secret sentence'
const request = { model: 'claude-opus-4-8', max_tokens: 100, messages: [{ role: 'user' as const, content: SECRET }] }
const split = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 7 }
const startUsage = {
  input_tokens: 20,
  cache_creation_input_tokens: 7,
  cache_read_input_tokens: 3,
  cache_creation: split,
  output_tokens: 1,
  service_tier: 'standard',
}
const head = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-8',
  content: [],
  stop_reason: null,
  stop_sequence: null,
}
const events = [
  { type: 'message_start', message: { ...head, usage: startUsage } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: SECRET } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { input_tokens: null, output_tokens: 42 } },
  { type: 'message_stop' },
]
const facts = {
  id: 'msg_1',
  type: 'message',
  model: 'claude-opus-4-8',
  stop_reason: 'end_turn',
  content: [{ type: 'text' }],
  usage: { ...startUsage, output_tokens: 42 },
}

let provider: StubProvider | undefined

afterEach(async () => {
  await provider?.close()
  provider = undefined
})

async function world(answer: Parameters<typeof startStubProvider>[0]) {
  provider = await startStubProvider(answer)
  const tracker = recordingTracker()
  const plain = new Anthropic({ apiKey: 'sk-test', baseURL: provider.url, maxRetries: 0 })
  const client = observeAnthropic(plain, { tracker, agentName: 'Reviewer' })
  return { plain, client, reported: tracker.reported }
}

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe('messages.create', () => {
  it('gives the answer as it came and reports it without its text', async () => {
    const message = { ...head, content: [{ type: 'text', text: SECRET }], stop_reason: 'end_turn', usage: facts.usage }
    const { client, plain, reported } = await world((response) => sendJson(response, message))
    expect(client).toBeInstanceOf(Anthropic)
    expect(await client.messages.create(request)).toEqual(await plain.messages.create(request))
    const { request_id } = await client.beta.messages.create(request).withResponse()
    expect(request_id).toBe('req_1')
    expect(reported).toHaveLength(2)
    expect(reported[0]).toMatchObject({
      agentName: 'Reviewer',
      model: 'claude-opus-4-8',
      success: true,
      response: facts,
      source: 'sdk:anthropic',
    })
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('passes a stream on and reports its final totals with the split that only its start has', async () => {
    const { client, reported } = await world((response) => sendEvents(response, events, { named: true }))
    const stream = await client.messages.create({ ...request, stream: true })
    expect(await collected(stream)).toEqual(events)
    expect(reported).toMatchObject([{ success: true, response: facts }])
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('reports a stream that was left as what had been counted and delivered by then, in the form that says it is not final', async () => {
    const { client, reported } = await world((response) => sendEvents(response, events.slice(0, 3), { named: true, isOpen: true }))
    for await (const event of await client.messages.create({ ...request, stream: true })) if (event.type === 'content_block_delta') break
    expect(reported).toMatchObject([
      {
        success: false,
        error: 'aborted',
        response: { type: 'message_start', message: { model: head.model, usage: { ...startUsage, output_tokens: 5 } } },
      },
    ])
  })

  it("throws the provider's error as it is and reports its code", async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: SECRET } }
    const { client, reported } = await world((response) => sendJson(response, overloaded, 529))
    await expect(client.messages.create(request)).rejects.toBeInstanceOf(Anthropic.APIError)
    expect(reported).toMatchObject([{ success: false, error: 'overloaded_error', response: { error: { code: 'overloaded_error' } } }])
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('knows an error that opens a stream from one that cuts it off', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: SECRET } }
    let sent: object[] = [error]
    const { client, reported } = await world((response) => sendEvents(response, sent, { named: true }))
    await expect(client.messages.create({ ...request, stream: true }).then(collected)).rejects.toBeInstanceOf(Anthropic.APIError)
    expect(reported[0]).toMatchObject({ error: 'overloaded_error', response: { error: { code: 'overloaded_error' } } })
    sent = [...events.slice(0, 3), error]
    await expect(client.messages.create({ ...request, stream: true }).then(collected)).rejects.toBeInstanceOf(Anthropic.APIError)
    expect(reported[1]).toMatchObject({
      error: 'overloaded_error',
      response: { type: 'message_start', message: { usage: { ...startUsage, output_tokens: 5 } } },
    })
  })
})

describe('messages.stream', () => {
  it('gives its final message and is reported once', async () => {
    const { client, reported } = await world((response) => sendEvents(response, events, { named: true }))
    const stream = client.messages.stream(request)
    const texts: string[] = []
    stream.on('text', (text) => texts.push(text))
    const message = await stream.finalMessage()
    expect([message.usage.output_tokens, texts]).toEqual([42, [SECRET]])
    expect(reported).toMatchObject([{ success: true, response: facts }])
  })

  it('that is aborted is reported as aborted', async () => {
    const { client, reported } = await world((response) => sendEvents(response, events.slice(0, 3), { named: true, isOpen: true }))
    const stream = client.messages.stream(request)
    stream.on('text', () => stream.abort())
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)
    expect(reported).toMatchObject([{ success: false }])
    expect(reported[0]?.response).toMatchObject({ type: 'message_start' })
  })
})
