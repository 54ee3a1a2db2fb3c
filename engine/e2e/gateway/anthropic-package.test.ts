import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { requestOf } from '../../../conformance/upstream/cassette.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

function client({ base, apiKey }: Place): Anthropic {
  return new Anthropic({ baseURL: base('anthropic'), apiKey, maxRetries: 0, logLevel: 'off' })
}

/** In place of one that the package warns of. */
const MODEL = 'claude-sonnet-5'
/** Those that were recorded without their request. */
const HELLO = { model: MODEL, max_tokens: 1_024, messages: [{ role: 'user' as const, content: 'Hello' }] }

describe.skipIf(skip !== null)(`the @anthropic-ai/sdk package ${skip ?? ''}`, () => {
  it.each(['001', '002', '003', '007', '008', '900', '901', '902', '903'])(
    'gets messages as from the provider, and pays for what was used: %s',
    async (prefix) => {
      const cassette = lab.cassette(prefix)
      const isStream = cassette.response_body.startsWith('event:')
      const recorded = cassette.request_body === null ? { ...HELLO, stream: isStream } : requestOf(cassette)
      const request = recorded as unknown as Anthropic.MessageCreateParams
      const { direct, through } = await bothWays(lab, { cassette: prefix, cut: { seed: 5, bytesMax: 200 } }, async (place) => {
        const answer = await client(place).messages.create(request)
        return request.stream === true ? allOf(answer as AsyncIterable<unknown>) : answer
      })
      expect(through).toEqual(direct)
      await expectPosted(lab, cassette)
    },
  )

  it.each(['005', '006', '009'])('gets messages of the beta as from the provider: %s', async (prefix) => {
    const cassette = lab.cassette(prefix)
    const request = requestOf(cassette) as unknown as Anthropic.Beta.MessageCreateParams
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const answer = await client(place).beta.messages.create({ ...request, model: MODEL, betas: ['context-1m-2025-08-07'] })
      return request.stream === true ? allOf(answer as AsyncIterable<unknown>) : answer
    })
    expect(through).toEqual(direct)
    await expectPosted(lab, cassette)
    const [straight, passed] = lab.upstream.received
    for (const name of ['anthropic-beta', 'anthropic-version', 'user-agent', 'content-type'])
      expect([name, passed?.headers[name]]).toEqual([name, straight?.headers[name] ?? 'is sent'])
    expect([passed?.path, passed?.headers['x-api-key']]).toEqual([straight?.path, 'sk-provider-anthropic'])
  })

  it('runs its streaming helper, counts tokens and lists models', async () => {
    const { stream: _, ...request } = requestOf(lab.cassette('008')) as unknown as Anthropic.MessageCreateParamsStreaming
    const helped = await bothWays(lab, { cassette: '008' }, (place) => client(place).messages.stream(request).finalMessage())
    expect(helped.through).toEqual(helped.direct)
    expect(helped.through.content.some(({ type }) => type === 'tool_use')).toBe(true)
    await expectPosted(lab, lab.cassette('008'))
    const posted = (await lab.calls()).length
    const counted = await bothWays(lab, {}, (place) =>
      client(place).beta.messages.countTokens({ model: MODEL, messages: [{ role: 'user', content: 'What is 2 + 2?' }] }),
    )
    expect(counted.through).toEqual(counted.direct)
    const models = await bothWays(lab, {}, async (place) => (await client(place).models.list()).data)
    expect(models.through).toEqual(models.direct)
    expect((await lab.calls()).length).toBe(posted)
  })

  it('throws what the provider says', async () => {
    const { direct, through } = await bothWays(lab, { cassette: '004' }, async (place) => {
      const failure = await thrownBy(client(place).beta.messages.create(requestOf(lab.cassette('004')) as never))
      const { status, message, error } = failure
      return { status, message, error, class: failure.constructor.name }
    })
    expect(through).toEqual(direct)
    expect(through).toMatchObject({ class: 'NotFoundError', status: 404 })
    const call = await expectPosted(lab, lab.cassette('004'))
    expect(call.usage.inferences).toEqual([])
  })

  it('tells the provider nothing of Purser, also where the key is sent as a bearer', async () => {
    lab.upstream.next({ cassette: '001' })
    const bearer = new Anthropic({ baseURL: lab.through.base('anthropic'), authToken: lab.through.apiKey, apiKey: null, maxRetries: 0 })
    await bearer.messages.create(requestOf(lab.cassette('001')) as unknown as Anthropic.MessageCreateParamsNonStreaming)
    expect(lab.upstream.received[0]?.headers).toMatchObject({ 'x-api-key': 'sk-provider-anthropic' })
    expect(lab.upstream.received[0]?.headers.authorization).toBe(undefined)
    expect(JSON.stringify(lab.upstream.received[0]?.headers)).not.toContain(lab.through.apiKey)
  })
})
