import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { ChatAnthropic } from '@langchain/anthropic'
import { ChatOpenAI } from '@langchain/openai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { APICallError, generateText, streamText } from 'ai'
import OpenAI, { AzureOpenAI } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allOf, thrownBy } from './all-of.ts'
import { type Lab, type Place, startLab } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
  await lab.limit('0.0000001')
})
afterAll(() => lab.close())
beforeEach(() => lab.upstream.reset())

/** Every package as it retries by itself: no option but address and key is set. */
const openai = ({ base, apiKey }: Place) => new OpenAI({ baseURL: `${base('openai')}/v1`, apiKey, logLevel: 'off' })
const azure = ({ base, apiKey }: Place) =>
  new AzureOpenAI({ baseURL: `${base('azure')}/openai`, apiKey, apiVersion: '2024-02-01', logLevel: 'off' })
const anthropic = ({ base, apiKey }: Place, defaultHeaders = {}) =>
  new Anthropic({ baseURL: base('anthropic'), apiKey, logLevel: 'off', defaultHeaders })
const vercel = {
  openai: ({ base, apiKey }: Place) => createOpenAI({ baseURL: `${base('openai')}/v1`, apiKey }),
  anthropic: ({ base, apiKey }: Place) => createAnthropic({ baseURL: `${base('anthropic')}/v1`, apiKey }),
  google: ({ base, apiKey }: Place) => createGoogleGenerativeAI({ baseURL: `${base('gemini')}/v1beta`, apiKey }),
}
const messages = [{ role: 'user' as const, content: 'hello' }]

interface Refused {
  readonly name: string
  readonly use: (place: Place) => Promise<unknown>
  /** What the package makes of it, in its own words. */
  readonly expected: object
}

const REFUSED: readonly Refused[] = [
  {
    name: 'openai, chat',
    use: (place) => openai(place).chat.completions.create({ model: 'gpt-4o', messages }),
    expected: { status: 402, code: 'insufficient_quota', type: 'insufficient_quota', param: null },
  },
  {
    name: 'openai, a stream of chat',
    use: (place) => openai(place).chat.completions.create({ model: 'gpt-4o', messages, stream: true }),
    expected: { status: 402, code: 'insufficient_quota' },
  },
  {
    name: 'openai, responses',
    use: (place) => openai(place).responses.create({ model: 'gpt-5', input: 'hello' }),
    expected: { status: 402, code: 'insufficient_quota' },
  },
  {
    name: 'openai, embeddings',
    use: (place) => openai(place).embeddings.create({ model: 'text-embedding-3-small', input: 'hello '.repeat(90) }),
    expected: { status: 402, code: 'insufficient_quota' },
  },
  {
    name: 'openai, Azure',
    use: (place) => azure(place).chat.completions.create({ model: 'gpt-4o', messages }),
    expected: { status: 402, code: 'insufficient_quota' },
  },
  {
    name: 'anthropic',
    use: (place) => anthropic(place).messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages }),
    expected: {
      status: 402,
      error: { type: 'error', error: { type: 'billing_error', details: { error_code: 'enforced_spend_limit_reached' } } },
    },
  },
  {
    name: 'anthropic, a stream',
    use: (place) => allOf(anthropic(place).messages.stream({ model: 'claude-sonnet-5', max_tokens: 100, messages })),
    expected: { status: 402, error: { error: { type: 'billing_error' } } },
  },
  {
    name: 'anthropic, as Claude Code',
    use: (place) =>
      anthropic(place, { 'x-claude-code-session-id': 's-1' }).messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages }),
    expected: { status: 429, error: { error: { type: 'billing_error' } } },
  },
  {
    name: 'Vercel, chat',
    use: (place) => generateText({ model: vercel.openai(place).chat('gpt-4o'), prompt: 'hello' }),
    expected: { statusCode: 402, isRetryable: false },
  },
  {
    name: 'Vercel, responses',
    use: (place) => generateText({ model: vercel.openai(place)('gpt-5'), prompt: 'hello' }),
    expected: { statusCode: 402, isRetryable: false },
  },
  {
    name: 'Vercel, a stream',
    use: async (place) => {
      const failures: unknown[] = []
      const onError = ({ error }: { error: unknown }) => void failures.push(error)
      await streamText({ model: vercel.openai(place).chat('gpt-4o'), prompt: 'hello', onError }).consumeStream()
      throw failures[0]
    },
    expected: { statusCode: 402, isRetryable: false },
  },
  {
    name: 'Vercel, Anthropic',
    use: (place) => generateText({ model: vercel.anthropic(place)('claude-sonnet-5'), prompt: 'hello' }),
    expected: { statusCode: 402, isRetryable: false },
  },
  {
    name: 'Vercel, Google',
    use: (place) => generateText({ model: vercel.google(place)('gemini-2.5-flash'), prompt: 'hello' }),
    expected: { statusCode: 402, isRetryable: false },
  },
  {
    name: 'LangChain, OpenAI',
    use: ({ base, apiKey }) =>
      new ChatOpenAI({ model: 'gpt-4o', apiKey, configuration: { baseURL: `${base('openai')}/v1` } }).invoke('hello'),
    expected: { status: 402, code: 'insufficient_quota' },
  },
  {
    name: 'LangChain, Anthropic',
    use: ({ base, apiKey }) => new ChatAnthropic({ model: 'claude-sonnet-5', apiKey, anthropicApiUrl: base('anthropic') }).invoke('hello'),
    expected: { status: 402 },
  },
  {
    name: 'Google',
    use: ({ base, apiKey }) =>
      new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base('gemini') } }).models.generateContent({
        model: 'gemini-2.5-flash',
        contents: 'hello',
      }),
    expected: { name: 'ApiError', status: 402 },
  },
  {
    name: 'Bedrock',
    use: ({ base, apiKey }) =>
      new BedrockRuntimeClient({
        region: 'us-east-1',
        endpoint: base('bedrock'),
        token: async () => ({ token: apiKey }),
        authSchemePreference: ['httpBearerAuth'],
        requestHandler: new NodeHttpHandler(),
      }).send(new ConverseCommand({ modelId: 'us.amazon.nova-lite-v1:0', messages: [{ role: 'user', content: [{ text: 'hello' }] }] })),
    expected: { name: 'ServiceQuotaExceededException' },
  },
]

describe('a refusal by budget', () => {
  it.each(REFUSED)('stops $name at once, with its own error, and nothing is asked again or of the provider', async ({ use, expected }) => {
    const before = await lab.asked()
    const error = await thrownBy(use(lab.through))
    expect(APICallError.isInstance(error) || error instanceof Error).toBe(true)
    expect(error).toMatchObject(expected)
    expect(`${error.message} ${JSON.stringify(error)}`).toMatch(/all of the lab.*will reset at/)
    expect((await lab.asked()) - before).toBe(1)
    expect(lab.upstream.received).toHaveLength(0)
    expect(await lab.standing()).toMatchObject({ spent_usd: '0', held_usd: '0' })
  })
})
