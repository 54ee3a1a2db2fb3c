import OpenAI from 'openai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordingTracker } from '../../../conformance/sdk/recording-tracker.ts'
import { type StubProvider, sendEvents, sendJson, startStubProvider } from '../../../conformance/sdk/stub-provider.ts'
import { withRun } from '../run-context.ts'
import { callIdOf } from './call.ts'
import { type ObserveOpenAIOptions, observeOpenAI } from './openai.ts'

const SECRET = 'a secret sentence'
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, prompt_tokens_details: { cached_tokens: 2 } }
const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  choices: [{ index: 0, message: { role: 'assistant', content: SECRET }, finish_reason: 'stop' }],
  usage,
}
const chunk = (rest: object) => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06', ...rest })
const chunks = [
  chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: SECRET }, finish_reason: null }], usage: null }),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
  chunk({ choices: [], usage }),
]
const request = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: SECRET }] }
const chatFacts = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-4o-2024-08-06', usage }

let provider: StubProvider | undefined

afterEach(async () => {
  await provider?.close()
  provider = undefined
})

async function world(answer: Parameters<typeof startStubProvider>[0], options: ObserveOpenAIOptions = {}) {
  provider = await startStubProvider(answer)
  const tracker = recordingTracker()
  const plain = new OpenAI({ apiKey: 'sk-test', baseURL: `${provider.url}/v1`, maxRetries: 0 })
  let now = 1000
  const client = observeOpenAI(plain, {
    tracker,
    agentName: 'DataAnalyzer',
    now: () => {
      now += 250
      return now
    },
    ...options,
  })
  return { plain, client, provider, tracker, reported: tracker.reported }
}

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe('an answer', () => {
  it('is given as it came and reported without its text', async () => {
    const { client, plain, reported } = await world((response) => sendJson(response, completion))
    expect(client).toBeInstanceOf(OpenAI)
    expect(await client.chat.completions.create(request)).toEqual(await plain.chat.completions.create(request))
    expect(reported).toEqual([
      {
        agentName: 'DataAnalyzer',
        model: 'gpt-4o',
        provider: undefined,
        response: { ...chatFacts, service_tier: 'default', choices: [{ index: 0, finish_reason: 'stop' }] },
        latencyMs: 250,
        success: true,
        error: undefined,
        promptFingerprint: expect.stringMatching(/^h1:/),
        timestamp: 1250,
        source: 'sdk:openai',
      },
    ])
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('keeps withResponse and asResponse', async () => {
    const { client, reported } = await world((response) => sendJson(response, completion))
    const { data, response, request_id } = await client.chat.completions.create(request).withResponse()
    expect([data.id, response.status, request_id]).toEqual(['chatcmpl-1', 200, 'req_1'])
    expect(reported).toHaveLength(1)
    const raw = await client.chat.completions.create(request).asResponse()
    expect(await raw.json()).toEqual(completion)
    await vi.waitFor(() => expect(reported).toHaveLength(2))
    expect(reported[1]?.response).toMatchObject({ usage })
  })

  it('is reported once however often the promise is used', async () => {
    const { client, reported } = await world((response) => sendJson(response, completion))
    const promise = client.chat.completions.create(request)
    const [one, two] = await Promise.all([promise, promise.then((answer) => answer)])
    expect(one).toBe(two)
    expect(reported).toHaveLength(1)
    expect(callIdOf(one)).toBe('call-1')
    expect(callIdOf(promise)).toBe('call-1')
    expect(callIdOf({})).toBeUndefined()
  })

  it('of the helpers is reported too', async () => {
    const { client, reported } = await world((response) => sendJson(response, completion))
    const parsed = await client.chat.completions.parse(request)
    expect(parsed.choices[0]?.message.parsed).toBeNull()
    expect(reported).toHaveLength(1)
  })

  it('belongs to the run it was asked in, not to the one it is read in', async () => {
    const { client, reported } = await world((response) => sendJson(response, completion), { tags: { app: 'x' } })
    const promise = withRun({ workflowId: 'w', tags: { step: '1' } }, () =>
      withRun({ parentCallId: 'p' }, () => client.chat.completions.create(request)),
    )
    await withRun('other', async () => promise)
    expect(reported[0]).toMatchObject({ workflowId: 'w', parentCallId: 'p', tags: { app: 'x', step: '1' } })
  })

  it('of embeddings is decoded as ever', async () => {
    const data = [{ object: 'embedding', index: 0, embedding: Buffer.from(new Float32Array([1, 2]).buffer).toString('base64') }]
    const { client, reported } = await world((response) =>
      sendJson(response, { object: 'list', model: 'text-embedding-3-small', data, usage: { prompt_tokens: 3, total_tokens: 3 } }),
    )
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: SECRET })
    expect(answer.data[0]?.embedding).toEqual([1, 2])
    expect(reported[0]?.response).toEqual({
      object: 'list',
      model: 'text-embedding-3-small',
      data: [{ object: 'embedding' }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
  })
})

describe('a chat stream', () => {
  it('passes every chunk on and reports the usage it asked for', async () => {
    const { client, provider, reported } = await world((response) => sendEvents(response, chunks), { streamUsage: 'pass' })
    const sent = { ...request, stream: true as const }
    const stream = await client.chat.completions.create(sent)
    expect(stream.controller).toBeInstanceOf(AbortController)
    expect(await collected(stream)).toEqual(chunks)
    expect(provider.requests[0]).toMatchObject({ stream_options: { include_usage: true } })
    expect(sent).not.toHaveProperty('stream_options')
    expect(reported).toMatchObject([{ success: true, response: { ...chatFacts, choices: [{ index: 0, finish_reason: 'stop' }] } }])
    expect(callIdOf(stream)).toBe('call-1')
    await expect(collected(stream)).rejects.toThrow('consumed')
    expect(reported).toHaveLength(1)
  })

  it('keeps the extra chunk to itself unless told otherwise, or asks for nothing', async () => {
    const hide = await world((response) => sendEvents(response, chunks))
    expect(await collected(await hide.client.chat.completions.create({ ...request, stream: true }))).toEqual(chunks.slice(0, 2))
    expect(hide.reported[0]).toMatchObject({ response: { usage } })
    await provider?.close()
    const never = await world((response) => sendEvents(response, chunks.slice(0, 2)), { streamUsage: 'never' })
    expect(await collected(await never.client.chat.completions.create({ ...request, stream: true }))).toEqual(chunks.slice(0, 2))
    expect(never.provider.requests[0]).not.toHaveProperty('stream_options')
    expect(never.reported[0]?.response).not.toHaveProperty('usage')
  })

  it('leaves the stream options of the caller alone, and every chunk with them', async () => {
    const { client, provider } = await world((response) => sendEvents(response, chunks), { streamUsage: 'hide' })
    const stream = await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: false } })
    expect(await collected(stream)).toEqual(chunks)
    expect(provider.requests[0]).toMatchObject({ stream_options: { include_usage: false } })
  })

  it('gives each chunk at once, before the next one exists', async () => {
    let finish: (() => void) | undefined
    const { client, reported } = await world((response) => {
      sendEvents(response, chunks.slice(0, 1), { isOpen: true })
      finish = () => response.end(`data: ${JSON.stringify(chunks[1])}\n\ndata: ${JSON.stringify(chunks[2])}\n\ndata: [DONE]\n\n`)
    })
    const iterator = (await client.chat.completions.create({ ...request, stream: true }))[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(chunks[0])
    expect(reported).toEqual([])
    finish?.()
    expect((await iterator.next()).value).toEqual(chunks[1])
    expect((await iterator.next()).done).toBe(true)
    expect(reported).toHaveLength(1)
  })

  it('keeps tee and toReadableStream', async () => {
    const { client, reported } = await world((response) => sendEvents(response, chunks))
    const [left, right] = (await client.chat.completions.create({ ...request, stream: true })).tee()
    expect(await Promise.all([collected(left), collected(right)])).toEqual([chunks.slice(0, 2), chunks.slice(0, 2)])
    const text = await new Response((await client.chat.completions.create({ ...request, stream: true })).toReadableStream()).text()
    expect(text.trim().split('\n')).toHaveLength(2)
    expect(reported).toHaveLength(2)
  })

  it.each(['break', 'abort'])('that the caller leaves by %s is reported as aborted, its usage as unknown', async (how) => {
    const { client, reported } = await world((response) => sendEvents(response, chunks.slice(0, 1), { isOpen: true }))
    const stream = await client.chat.completions.create({ ...request, stream: true })
    for await (const _ of stream) {
      if (how === 'break') break
      stream.controller.abort()
    }
    expect(stream.controller.signal.aborted).toBe(true)
    expect(reported).toMatchObject([{ success: false, error: 'aborted', response: { model: 'gpt-4o-2024-08-06' } }])
    expect(reported[0]?.response).not.toHaveProperty('usage')
  })

  it('that fails in the middle throws the same error and is reported with it', async () => {
    const bad = { error: { message: SECRET, type: 'server_error', code: 'tool_use_failed' } }
    const { client, reported } = await world((response) => sendEvents(response, [chunks[0]!, bad]))
    const stream = await client.chat.completions.create({ ...request, stream: true })
    await expect(collected(stream)).rejects.toBeInstanceOf(OpenAI.APIError)
    expect(reported).toMatchObject([{ success: false, error: 'tool_use_failed' }])
    expect(reported[0]?.response).not.toHaveProperty('error')
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('of the stream helper is reported too', async () => {
    const { client, reported } = await world((response) => sendEvents(response, chunks))
    const final = await client.chat.completions.stream(request).finalChatCompletion()
    expect(final.choices[0]?.message.content).toBe(SECRET)
    expect(reported).toMatchObject([{ success: true, response: { usage } }])
  })
})

describe('the Responses API', () => {
  const response = {
    id: 'resp_1',
    object: 'response',
    model: 'gpt-5.2',
    status: 'completed',
    service_tier: 'default',
    output: [
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: SECRET } },
      {
        type: 'message',
        id: 'm',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: SECRET, annotations: [] }],
      },
    ],
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  }
  const facts = {
    id: 'resp_1',
    object: 'response',
    model: 'gpt-5.2',
    status: 'completed',
    service_tier: 'default',
    output: [
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
      { type: 'message', id: 'm', status: 'completed' },
    ],
    usage: response.usage,
  }

  it('is reported from an answer', async () => {
    const { client, reported } = await world((out) => sendJson(out, response))
    expect((await client.responses.create({ model: 'gpt-5.2', input: SECRET })).output_text).toBe(SECRET)
    expect(reported[0]?.response).toEqual(facts)
  })

  it('is reported from a stream, and from one that failed after it had delivered as unknown', async () => {
    const delta = { type: 'response.output_text.delta', delta: SECRET, item_id: 'm', output_index: 0, content_index: 0, sequence_number: 1 }
    const created = { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } }
    let events: object[] = [created, delta, { type: 'response.completed', response }]
    const { client, reported } = await world((out) => sendEvents(out, events, { named: true }))
    expect(await collected(await client.responses.create({ model: 'gpt-5.2', input: SECRET, stream: true }))).toEqual(events)
    expect(reported[0]).toMatchObject({ success: true, response: facts })
    const failed = { ...response, status: 'failed', output: [], usage: null, error: { code: 'server_error', message: SECRET } }
    events = [created, delta, { type: 'response.failed', response: failed }]
    await collected(await client.responses.create({ model: 'gpt-5.2', input: SECRET, stream: true }))
    expect(reported[1]).toMatchObject({ success: false, error: 'server_error', response: { model: 'gpt-5.2' } })
    expect(reported[1]?.response).not.toHaveProperty('error')
    expect(JSON.stringify(reported)).not.toContain('secret')
  })
})

describe('a failure', () => {
  it('is thrown as it is and reported by its code, as one that cost nothing', async () => {
    const error = { error: { message: SECRET, type: 'requests', code: 'rate_limit_exceeded' } }
    const { client, plain, reported } = await world((response) => sendJson(response, error, 429))
    const [seen, expected] = await Promise.all(
      [client, plain].map((one) => one.chat.completions.create(request).catch((thrown: unknown) => thrown)),
    )
    expect(seen).toBeInstanceOf(OpenAI.RateLimitError)
    expect((seen as Error).message).toBe((expected as Error).message)
    expect(reported).toMatchObject([{ success: false, error: 'rate_limit_exceeded', response: { error: { code: 'rate_limit_exceeded' } } }])
    expect(JSON.stringify(reported)).not.toContain('secret')
  })

  it('of a connection is free only when nobody was reached', async () => {
    const { client, reported, provider } = await world((response) => response.socket?.destroy())
    await expect(client.chat.completions.create(request)).rejects.toBeInstanceOf(OpenAI.APIConnectionError)
    expect(reported[0]?.response).toEqual({})
    await provider.close()
    await expect(client.chat.completions.create(request)).rejects.toBeInstanceOf(OpenAI.APIConnectionError)
    expect(reported[1]).toMatchObject({ error: 'ECONNREFUSED', response: { error: { code: 'ECONNREFUSED' } } })
  })

  it('that nobody handles stays unhandled', async () => {
    const { client } = await world((response) => sendJson(response, {}, 400))
    const seen: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (reason) => seen.push(reason))
    try {
      void client.chat.completions.create(request)
      await vi.waitFor(() => expect(seen).toHaveLength(1))
      expect(seen[0]).toBeInstanceOf(OpenAI.BadRequestError)
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const other of others) process.on('unhandledRejection', other)
    }
  })
})

describe('the observed client', () => {
  it('is another one: the client given reports nothing', async () => {
    const { client, plain, reported } = await world((response) => sendJson(response, completion))
    await plain.chat.completions.create(request)
    expect(reported).toEqual([])
    expect(client.baseURL).toBe(plain.baseURL)
  })

  it('may be a double without the package behind it, and a tracker that throws is not felt', async () => {
    const answer = { ...completion }
    const tracker = recordingTracker()
    const double = { chat: { completions: { create: async (_: object) => answer } } }
    expect(await observeOpenAI(double, { tracker }).chat.completions.create(request)).toBe(answer)
    await vi.waitFor(() => expect(tracker.reported).toHaveLength(1))
    tracker.trackAgentCall = () => {
      throw new Error('broken')
    }
    const { client } = await world((response) => sendJson(response, completion), { tracker })
    expect((await client.chat.completions.create(request)).id).toBe('chatcmpl-1')
  })

  it('knows the seller by the host', async () => {
    const tracker = recordingTracker()
    const fetch = async () => Response.json(completion)
    const client = observeOpenAI(new OpenAI({ apiKey: 'k', baseURL: 'https://api.groq.com/openai/v1', fetch }), { tracker })
    await client.chat.completions.create(request)
    expect(tracker.reported[0]?.provider).toBe('groq')
  })
})
