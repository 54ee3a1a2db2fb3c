import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

/** With a bearer token, as of AWS_BEARER_TOKEN_BEDROCK, and HTTP/1.1: left to itself this package speaks HTTP/2 only. */
function client({ base, apiKey }: Place): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: base('bedrock'),
    token: async () => ({ token: apiKey }),
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  })
}

const messages = [{ role: 'user' as const, content: [{ text: 'Say this is a test' }] }]
const HAIKU = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 64, messages: [{ role: 'user', content: 'hello' }] }

describe.skipIf(skip !== null)(`the @aws-sdk/client-bedrock-runtime package ${skip ?? ''}`, () => {
  it.each([
    ['015', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['016', 'us.amazon.nova-lite-v1:0'],
  ])('converses as with the provider, and pays for what was used: %s of %s', async (prefix, modelId) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix }, async (place) => {
      const { output, stopReason, usage, metrics } = await client(place).send(new ConverseCommand({ modelId, messages }))
      return { output, stopReason, usage, metrics }
    })
    expect(through).toEqual(direct)
    await expectPosted(lab, lab.cassette(prefix))
    expect(lab.upstream.received.at(-1)?.headers.authorization).toBe('Bearer sk-provider-bedrock')
  })

  it('streams a conversation, and what a model says in its own words', async () => {
    const modelId = 'amazon.titan-text-lite-v1'
    const cut = { seed: 2, bytesMax: 50 }
    const converse = await bothWays(lab, { cassette: '014', cut }, async (place) => {
      const { stream } = await client(place).send(new ConverseStreamCommand({ modelId, messages, inferenceConfig: { maxTokens: 10 } }))
      return allOf(stream ?? none())
    })
    expect(converse.through).toEqual(converse.direct)
    expect(converse.through.length).toBeGreaterThan(3)
    await expectPosted(lab, lab.cassette('014'))
    const invoke = await bothWays(lab, { cassette: '018', cut }, async (place) => {
      const body = JSON.stringify({ inputText: 'Say this is a test', textGenerationConfig: { maxTokenCount: 10 } })
      const { body: stream } = await client(place).send(
        new InvokeModelWithResponseStreamCommand({ modelId, body, contentType: 'application/json' }),
      )
      return (await allOf(stream ?? none<never>())).map(({ chunk }) => Buffer.from(chunk?.bytes ?? []).toString())
    })
    expect(invoke.through).toEqual(invoke.direct)
    await expectPosted(lab, lab.cassette('018'))
  })

  it('invokes a model', async () => {
    const modelId = 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'
    const { direct, through } = await bothWays(lab, { cassette: '019' }, async (place) => {
      const { body } = await client(place).send(
        new InvokeModelCommand({ modelId, body: JSON.stringify(HAIKU), contentType: 'application/json' }),
      )
      return Buffer.from(body).toString()
    })
    expect(through).toEqual(direct)
    await expectPosted(lab, lab.cassette('019'))
  })

  it('throws what the provider says', async () => {
    const { direct, through } = await bothWays(lab, { cassette: '017' }, async (place) => {
      const { name, message } = await thrownBy(client(place).send(new ConverseCommand({ modelId: 'us.amazon.nova-micro-v1:O', messages })))
      return { name, message }
    })
    expect(through).toEqual(direct)
  })
})

async function* none<T>(): AsyncGenerator<T> {}
