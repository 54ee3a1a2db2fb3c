import OpenAI, { AzureOpenAI } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { skipReason } from '../../../conformance/recorded.ts'
import { requestOf } from '../../../conformance/upstream/cassette.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place, type UpstreamName } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

function client({ base, apiKey }: Place, name: UpstreamName = 'openai', path = '/v1'): OpenAI {
  return new OpenAI({ baseURL: base(name) + path, apiKey, maxRetries: 0, logLevel: 'off' })
}

/** What a failed call throws, as a program sees it. */
async function thrown(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await thrownBy(call)
  if (!(error instanceof OpenAI.APIError)) throw error
  const { status, code, type, param, message } = error
  return { class: error.constructor.name, status, code, type, param, message, body: error.error }
}

/** What each recording is asked for through, with its own request. */
const CHAT: [cassette: string, upstream: UpstreamName][] = [
  ['031', 'openai'],
  ['032', 'openai'],
  ['033', 'openai'],
  ['034', 'openai'],
  ['037', 'openai'],
  ['038', 'openai'],
  ['039', 'openai'],
  ['040', 'openai'],
  ['041', 'openai'],
  ['042', 'openai'],
  ['043', 'openai'],
  ['044', 'openai'],
  ['028', 'groq'],
  ['029', 'mistral'],
  ['055', 'openrouter'],
  ['056', 'openrouter'],
  ['058', 'openrouter'],
]
const RESPONSES: [cassette: string, upstream: UpstreamName, path: string][] = [
  ['046', 'openai', '/v1'],
  ['047', 'openai', '/v1'],
  ['048', 'openai', '/v1'],
  ['049', 'openai', '/v1'],
  ['051', 'openai', '/v1'],
  ['052', 'openai', '/v1'],
  ['053', 'openai', '/v1'],
  ['054', 'openai', '/v1'],
  ['905', 'openai', '/v1'],
  ['020', 'deepseek', ''],
  ['021', 'deepseek', ''],
]

describe.skipIf(skip !== null)(`the openai package ${skip ?? ''}`, () => {
  it.each(CHAT)('gets chat completions as from the provider and pays for what was used: %s of %s', async (prefix, name) => {
    const cassette = lab.cassette(prefix)
    const request = requestOf(cassette) as unknown as OpenAI.ChatCompletionCreateParams
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const answer = await client(place, name).chat.completions.create(request)
      return request.stream === true ? allOf(answer as AsyncIterable<unknown>) : answer
    })
    expect(through).toEqual(direct)
    await expectPosted(lab, cassette)
  })

  it.each(['040', '041', '042', '043'])('is metered by a stream that was not asked for its usage, and sees none: %s', async (prefix) => {
    const cassette = lab.cassette(prefix)
    const { stream_options: _, ...request } = requestOf(cassette) as unknown as OpenAI.ChatCompletionCreateParamsStreaming
    const cut = { seed: Number(prefix), bytesMax: 40 }
    const { direct, through } = await bothWays(lab, { cassette: prefix, cut }, async (place) =>
      allOf(await client(place).chat.completions.create(request)),
    )
    expect(through).toEqual(direct)
    expect(JSON.stringify(through)).not.toContain('usage')
    expect(lab.upstream.received.map(({ json }) => json.stream_options)).toEqual([undefined, { include_usage: true }])
    await expectPosted(lab, cassette)
  })

  it.each(RESPONSES)('gets responses as from the provider and pays for what was used: %s of %s', async (prefix, name, path) => {
    const cassette = lab.cassette(prefix)
    const recorded = cassette.request_body === null ? { model: 'gpt-5.1', input: 'compact' } : requestOf(cassette)
    const request = recorded as unknown as OpenAI.Responses.ResponseCreateParams
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const answer = await client(place, name, path).responses.create(request)
      return request.stream === true ? allOf(answer as AsyncIterable<unknown>) : answer
    })
    expect(through).toEqual(direct)
    await expectPosted(lab, cassette)
  })

  it('parses structured output, runs its streaming helper, embeds, transcribes, moderates and lists models', async () => {
    const City = z.object({ city: z.string(), people: z.number() })
    const parse = await bothWays(lab, { cassette: 'hand-openai-chat-structured' }, ({ base, apiKey }) =>
      client({ base, apiKey }).chat.completions.parse({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: 'How many live in Zürich?' }],
        response_format: zodResponseFormat(City, 'city'),
      }),
    )
    expect(parse.through).toEqual(parse.direct)
    expect(parse.through.choices[0]?.message.parsed).toEqual({ city: 'Zürich', people: 443_037 })
    await expectPosted(lab, lab.cassette('hand-openai-chat-structured'))
    const helped = await bothWays(lab, { cassette: '042' }, (place) => {
      const { stream: _, ...request } = requestOf(lab.cassette('042')) as unknown as OpenAI.ChatCompletionCreateParamsStreaming
      return client(place).chat.completions.stream(request).finalChatCompletion()
    })
    expect(helped.through).toEqual(helped.direct)
    const embedded = await bothWays(lab, { cassette: '045' }, (place) =>
      client(place).embeddings.create({ model: 'text-embedding-3-small', input: ['Hello, world!'], dimensions: 128 }),
    )
    expect(embedded.through).toEqual(embedded.direct)
    expect(embedded.through.data[0]?.embedding.length).toBe(128)
    await expectPosted(lab, lab.cassette('045'))
    const heard = await bothWays(lab, { cassette: 'hand-openai-transcription' }, (place) =>
      client(place).audio.transcriptions.create({ model: 'gpt-4o-mini-transcribe', file: new File([Buffer.alloc(2_000, 7)], 'a.wav') }),
    )
    expect(heard.through).toEqual(heard.direct)
    await expectPosted(lab, lab.cassette('hand-openai-transcription'))
    const posted = (await lab.calls()).length
    const models = await bothWays(lab, {}, async (place) => (await client(place).models.list()).data)
    expect(models.through).toEqual(models.direct)
    expect(models.through.length).toBe(2)
    const moderated = await bothWays(lab, {}, (place) =>
      client(place).moderations.create({ model: 'omni-moderation-latest', input: 'hello' }),
    )
    expect(moderated.through).toEqual(moderated.direct)
    expect((await lab.calls()).length).toBe(posted)
  })

  it.each([
    ['035', 'openai', '/v1'],
    ['036', 'openai', '/v1'],
    ['050', 'openai', '/v1'],
    ['057', 'openrouter', '/v1'],
  ] as const)('throws what the provider says: %s of %s', async (prefix, name, path) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, (place) =>
      prefix === '050'
        ? thrown(client(place, name, path).responses.create(requestOf(lab.cassette(prefix)) as never))
        : thrown(client(place, name, path).chat.completions.create(requestOf(lab.cassette(prefix)) as never)),
    )
    expect(through).toEqual(direct)
    const call = await expectPosted(lab, lab.cassette(prefix))
    expect(call.usage.inferences).toEqual([])
  })

  it('throws an error that comes within a stream, after what came before it', async () => {
    const request = requestOf(lab.cassette('027')) as unknown as OpenAI.ChatCompletionCreateParamsStreaming
    const { direct, through } = await bothWays(lab, { cassette: '027' }, async (place) => {
      const seen: unknown[] = []
      const failed = await thrown(
        (async () => {
          for await (const chunk of await client(place, 'groq').chat.completions.create(request)) seen.push(chunk)
        })(),
      )
      return { seen, failed }
    })
    expect(through.seen.length).toBeGreaterThan(3)
    expect(through).toEqual(direct)
  })

  it('speaks to Azure', async () => {
    const azure = ({ base, apiKey }: Place) =>
      new AzureOpenAI({ baseURL: `${base('azure')}/openai`, apiKey, apiVersion: '2024-02-01', maxRetries: 0, logLevel: 'off' })
    const whole = await bothWays(lab, { cassette: '013' }, (place) =>
      azure(place).chat.completions.create(requestOf(lab.cassette('013')) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming),
    )
    expect(whole.through).toEqual(whole.direct)
    await expectPosted(lab, lab.cassette('013'))
    expect(lab.upstream.received.at(-1)).toMatchObject({
      path: '/openai/deployments/gpt-5-nano/chat/completions?api-version=2024-02-01',
      headers: { 'api-key': 'sk-provider-azure' },
    })
    const streamed = await bothWays(lab, { cassette: '012' }, async (place) =>
      allOf(
        await azure(place).chat.completions.create(requestOf(lab.cassette('012')) as unknown as OpenAI.ChatCompletionCreateParamsStreaming),
      ),
    )
    expect(streamed.through).toEqual(streamed.direct)
    const refused = await bothWays(lab, { cassette: '011' }, (place) =>
      thrown(azure(place).embeddings.create({ model: 'embedding', input: 'joke' })),
    )
    expect(refused.through).toEqual(refused.direct)
  })

  it('speaks to an upstream of any name, and its bytes go on as they are', async () => {
    const request = requestOf(lab.cassette('044')) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming
    const { direct, through } = await bothWays(lab, { cassette: '044' }, (place) =>
      client(place, 'my-models').chat.completions.create(request),
    )
    expect(through).toEqual(direct)
    const [straight, passed] = lab.upstream.received
    expect(passed?.body.equals(straight?.body ?? Buffer.alloc(0))).toBe(true)
    expect(passed?.headers.authorization).toBe('Bearer sk-provider-my-models')
    await lab.settled()
    const call = (await lab.calls()).at(-1)
    expect(call?.usage.seller).toBe('my-models')
  })

  it('keeps its own headers, and the provider never sees the key or names of Purser', async () => {
    const request = requestOf(lab.cassette('044')) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming
    const named = { 'x-purser-team': 'research', 'x-purser-tag-feature': 'search', baggage: 'run.id=r-7,user.id=u-1', 'x-title': 'mine' }
    const { headers } = await client(lab.through).chat.completions.create(request, { headers: named }).asResponse()
    const [received] = lab.upstream.received
    expect(received?.headers).toMatchObject({
      authorization: 'Bearer sk-provider-openai',
      'x-title': 'mine',
      'user-agent': expect.stringMatching(/^OpenAI\/JS/),
      'x-stainless-lang': 'js',
    })
    const all = JSON.stringify(received?.headers)
    for (const secret of [lab.through.apiKey, 'research', 'u-1', 'x-purser']) expect(all).not.toContain(secret)
    await lab.settled()
    const call = (await lab.calls()).at(-1)
    expect(call).toMatchObject({
      team: 'research',
      run: 'r-7',
      user: 'u-1',
      tags: { feature: 'search' },
      id: headers.get('x-purser-call-id'),
    })
    expect(Number(headers.get('x-purser-cost-usd'))).toBeGreaterThan(0)
    expect(Number(headers.get('x-purser-budget-remaining-usd'))).toBeGreaterThan(900)
  })
})
