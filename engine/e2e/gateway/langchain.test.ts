import { ChatAnthropic } from '@langchain/anthropic'
import type { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { skipReason } from '../../../conformance/recorded.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

function openai({ base, apiKey }: Place, more: { model?: string; streamUsage?: boolean; useResponsesApi?: boolean } = {}): ChatOpenAI {
  return new ChatOpenAI({ model: 'gpt-4o', apiKey, maxRetries: 0, ...more, configuration: { baseURL: `${base('openai')}/v1` } })
}

function anthropic({ base, apiKey }: Place): ChatAnthropic {
  return new ChatAnthropic({ model: 'claude-sonnet-5', apiKey, maxRetries: 0, anthropicApiUrl: base('anthropic') })
}

const TOOL = {
  type: 'function',
  function: { name: 'get_capital', description: 'x', parameters: { type: 'object', properties: {} } },
} as const

/** What a program reads of a message; headers of the answer differ by what Purser tells. */
function told({ content, tool_calls, usage_metadata, id }: AIMessage | AIMessageChunk): Record<string, unknown> {
  return { content, tool_calls, usage_metadata, id }
}

describe.skipIf(skip !== null)(`LangChain.js ${skip ?? ''}`, () => {
  it.each([
    ['044', 'openai'],
    ['039', 'openai'],
    ['046', 'responses'],
    ['001', 'anthropic'],
    ['009', 'anthropic'],
  ] as const)('is answered as by the provider, and pays for what was used: %s of %s', async (prefix, name) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const model = name === 'anthropic' ? anthropic(place) : openai(place, { useResponsesApi: name === 'responses' })
      return told(await model.bindTools([TOOL]).invoke('hello'))
    })
    expect(through).toEqual(direct)
    expect(through.usage_metadata).toMatchObject({ total_tokens: expect.any(Number) })
    await expectPosted(lab, lab.cassette(prefix))
  })

  it.each([
    ['041', 'openai', true],
    ['042', 'openai', false],
    ['053', 'responses', true],
    ['007', 'anthropic', true],
    ['008', 'anthropic', true],
  ] as const)('is streamed to as by the provider, and pays for what was used: %s of %s, usage %s', async (prefix, name, streamUsage) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix, cut: { seed: 3, bytesMax: 70 } }, async (place) => {
      const model = name === 'anthropic' ? anthropic(place) : openai(place, { streamUsage, useResponsesApi: name === 'responses' })
      return (await allOf(await model.bindTools([TOOL]).stream('hello'))).map(told)
    })
    expect(through).toEqual(direct)
    expect(through.length).toBeGreaterThan(3)
    await expectPosted(lab, lab.cassette(prefix))
  })

  it('parses structured output, and embeds', async () => {
    const City = z.object({ city: z.string(), people: z.number() })
    const parsed = await bothWays(lab, { cassette: 'hand-openai-chat-structured' }, (place) =>
      openai(place).withStructuredOutput(City, { method: 'jsonSchema' }).invoke('Zürich?'),
    )
    expect(parsed.through).toEqual({ city: 'Zürich', people: 443_037 })
    expect(parsed.through).toEqual(parsed.direct)
    const embedded = await bothWays(lab, { cassette: '045' }, ({ base, apiKey }) =>
      new OpenAIEmbeddings({ apiKey, model: 'text-embedding-3-small', configuration: { baseURL: `${base('openai')}/v1` } }).embedQuery(
        'Hello',
      ),
    )
    expect(embedded.through).toEqual(embedded.direct)
    await expectPosted(lab, lab.cassette('045'))
  })

  it.each([
    ['035', 'openai'],
    ['004', 'anthropic'],
  ] as const)('throws what the provider says: %s of %s', async (prefix, name) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const error = await thrownBy((name === 'openai' ? openai(place) : anthropic(place)).invoke('hello'))
      return { status: error.status, message: error.message }
    })
    expect(through).toEqual(direct)
    expect(through.status).toBe(404)
  })
})
