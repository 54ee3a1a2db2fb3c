import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embed, generateText, jsonSchema, type LanguageModel, Output, streamText, type ToolSet, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { skipReason } from '../../../conformance/recorded.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

const openai = ({ base, apiKey }: Place) => createOpenAI({ baseURL: `${base('openai')}/v1`, apiKey })
const MODELS = {
  chat: (place) => openai(place).chat('gpt-4o'),
  responses: (place) => openai(place)('gpt-5'),
  anthropic: ({ base, apiKey }) => createAnthropic({ baseURL: `${base('anthropic')}/v1`, apiKey })('claude-sonnet-4-5'),
  google: ({ base, apiKey }) => createGoogleGenerativeAI({ baseURL: `${base('gemini')}/v1beta`, apiKey })('gemini-2.5-flash'),
  compatible: ({ base, apiKey }) =>
    createOpenAICompatible({ name: 'groq', baseURL: `${base('groq')}/v1`, apiKey, includeUsage: false })('openai/gpt-oss-120b'),
} satisfies Record<string, (place: Place) => LanguageModel>

const tools = Object.fromEntries(
  ['get_capital', 'get_file', 'get_weather', 'get_something_by_name'].map((name) => [
    name,
    tool({ description: name, inputSchema: jsonSchema({ type: 'object', properties: {} }) }),
  ]),
) as unknown as ToolSet

describe.skipIf(skip !== null)(`the Vercel AI SDK ${skip ?? ''}`, () => {
  it.each([
    ['039', 'chat'],
    ['044', 'chat'],
    ['046', 'responses'],
    ['001', 'anthropic'],
    ['009', 'anthropic'],
    ['022', 'google'],
  ] as const)('generates text as from the provider, and pays for what was used: %s of %s', async (prefix, name) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const { text, toolCalls, finishReason, usage, reasoningText } = await generateText({
        model: MODELS[name](place),
        prompt: 'hello',
        tools,
      })
      return { text, toolCalls: toolCalls.map(({ input, toolName }) => ({ input, toolName })), finishReason, usage, reasoningText }
    })
    expect(through).toEqual(direct)
    expect(through.usage.inputTokens).toBeGreaterThan(0)
    await expectPosted(lab, lab.cassette(prefix))
  })

  it.each([
    ['041', 'chat'],
    ['042', 'chat'],
    ['053', 'responses'],
    ['054', 'responses'],
    ['007', 'anthropic'],
    ['008', 'anthropic'],
    ['025', 'google'],
    ['028', 'compatible'],
  ] as const)('streams text as from the provider, and pays for what was used: %s of %s', async (prefix, name) => {
    const manner = { cassette: prefix, cut: { seed: Number(prefix), bytesMax: 60 } }
    const { direct, through } = await bothWays(lab, manner, async (place) => {
      const result = streamText({ model: MODELS[name](place), prompt: 'hello', tools, onError: () => undefined })
      const parts = await allOf(result.fullStream)
      const told = parts.filter(
        ({ type }) => type.startsWith('text') || type.startsWith('tool') || type.startsWith('reasoning') || type === 'error',
      )
      return { told: withoutMadeUpIds(told), usage: await result.usage, finishReason: await result.finishReason }
    })
    expect(through).toEqual(direct)
    expect(through.told.length).toBeGreaterThan(0)
    await expectPosted(lab, lab.cassette(prefix))
  })

  it('parses structured output, and embeds', async () => {
    const City = z.object({ city: z.string(), people: z.number() })
    const parsed = await bothWays(lab, { cassette: 'hand-openai-chat-structured' }, async (place) => {
      const { output } = await generateText({ model: MODELS.chat(place), prompt: 'Zürich?', output: Output.object({ schema: City }) })
      return output
    })
    expect(parsed.through).toEqual({ city: 'Zürich', people: 443_037 })
    expect(parsed.through).toEqual(parsed.direct)
    const vector = JSON.stringify({
      object: 'list',
      model: 'text-embedding-3-small',
      data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    })
    const embedded = await bothWays(lab, { cassette: '045', body: vector }, async (place) => {
      const { embedding, usage } = await embed({ model: openai(place).embedding('text-embedding-3-small'), value: 'Hello' })
      return { embedding, usage }
    })
    expect(embedded.through).toEqual(embedded.direct)
    await expectPosted(lab, lab.cassette('045'))
  })

  it.each([
    ['035', 'chat'],
    ['004', 'anthropic'],
    ['023', 'google'],
  ] as const)('throws what the provider says: %s of %s', async (prefix, name) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const error = await thrownBy(generateText({ model: MODELS[name](place), prompt: 'hello', maxRetries: 0 }))
      if (!APICallError.isInstance(error)) throw error
      const { statusCode, message, responseBody, isRetryable } = error
      return { statusCode, message, responseBody, isRetryable }
    })
    expect(through).toEqual(direct)
    expect(through.statusCode).toBe(404)
  })
})

/** Parts are numbered by the package where the provider gives no id. */
function withoutMadeUpIds(parts: readonly object[]): Record<string, unknown>[] {
  return parts.map((part) => ({ ...part, id: null, toolCallId: null }))
}
