import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { readResponse, type Usage } from '../../engine/src/usage/index.ts'
import { observeAnthropic } from '../../sdk/src/observe/anthropic.ts'
import { observeOpenAI } from '../../sdk/src/observe/openai.ts'
import { withoutContent } from '../../sdk/src/redact.ts'
import { recordedJson, skipReason } from '../recorded.ts'
import { recordingTracker } from './recording-tracker.ts'

/**
 * The client removes the text of a response before it leaves the process. What it keeps must be read by the server as the same usage as
 * the whole response, for every provider that was recorded.
 */
interface Cassette {
  readonly provider: string
  readonly url: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | null
  readonly request_body: string | null
  readonly response_body_encoding: 'utf8' | 'base64'
  readonly response_body: string
}

const skip = skipReason('cassettes')
const cassettes = recordedJson<Cassette>('cassettes').filter(({ file }) => /^\d/.test(file))
const isStreamed = ({ response_body: body }: Cassette) => /^(?:data|event|:)/.test(body)
const json = cassettes.filter(
  ({ data }) => data.status < 400 && data.response_body_encoding === 'utf8' && data.response_body.trimStart().startsWith('{'),
)

function usageOf(cassette: Cassette, body: string): Usage {
  const { provider, url, status, headers, request_body: request } = cassette
  return readResponse({ at: 0, seller: provider, url, status, contentType: headers?.['content-type'] ?? null, request, body })
}

describe.skipIf(skip !== null)(`a response without its content ${skip ?? ''}`, () => {
  it.each(json.map(({ file, data }) => [file, data] as const))('is metered as the whole: %s', (_, cassette) => {
    const whole = usageOf(cassette, cassette.response_body)
    const kept = usageOf(cassette, JSON.stringify(withoutContent(JSON.parse(cassette.response_body))))
    expect(kept).toEqual(whole)
  })

  it('was tried on many', () => {
    expect(json.length).toBeGreaterThan(20)
  })
})

const through = cassettes.filter(
  ({ data }) => /\/(?:chat\/completions|responses|v1\/messages|embeddings)(?:\?|$)/.test(data.url) && data.request_body,
)

describe.skipIf(skip !== null)(`an observed client ${skip ?? ''}`, () => {
  it.each(through.map(({ file, data }) => [file, data] as const))('reports the usage of the recording: %s', async (_, cassette) => {
    const reported = await replayed(cassette)
    expect(reported).toHaveLength(1)
    const [{ success, response } = { success: null, response: null }] = reported
    const whole = usageOf(cassette, cassette.response_body)
    const seen = usageOf({ ...cassette, headers: null, status: 200, request_body: null }, JSON.stringify(response))
    expect(success).toBe(whole.outcome.ok)
    const isMetered = !whole.notes.some(({ code }) => code === 'no_usage')
    if (isMetered) {
      expect(seen.inferences.map(({ meters }) => meters)).toEqual(whole.inferences.map(({ meters }) => meters))
      expect([seen.modelServed, seen.context.tier, seen.attested]).toEqual([whole.modelServed, whole.context.tier, whole.attested])
    } else {
      // The server estimates from text, which the client does not send: unknown, and not zero.
      expect(seen.inferences.map(({ evidence }) => evidence)).toEqual([{ input: 'missing', output: 'missing' }])
    }
  })

  it('was tried on many', () => {
    expect(through.length).toBeGreaterThan(35)
    expect(through.filter(({ data }) => isStreamed(data)).length).toBeGreaterThan(10)
  })
})

/** Sends the recorded request through the provider's real client, whose network answers with the recording. */
async function replayed(cassette: Cassette): Promise<Readonly<Record<string, unknown>>[]> {
  const tracker = recordingTracker()
  const contentType = isStreamed(cassette) ? 'text/event-stream' : 'application/json'
  const fetch = async () => new Response(cassette.response_body, { status: cassette.status, headers: { 'content-type': contentType } })
  const options = { apiKey: 'test', fetch, maxRetries: 0, logLevel: 'off' as const }
  const { provider } = cassette
  const request = { ...(JSON.parse(cassette.request_body ?? '{}') as Record<string, unknown>), stream: isStreamed(cassette) }
  const own = { tracker, provider }
  const openai = observeOpenAI(new OpenAI(options), own)
  const call = cassette.url.includes('/messages')
    ? observeAnthropic(new Anthropic(options), own).messages.create(request as never)
    : cassette.url.includes('/responses')
      ? openai.responses.create(request as never)
      : cassette.url.includes('/embeddings')
        ? openai.embeddings.create(request as never)
        : openai.chat.completions.create(request as never)
  try {
    const answer = (await call) as unknown
    if (request.stream) for await (const _ of answer as AsyncIterable<unknown>);
  } catch (error) {
    if (cassette.status < 400 && !(error instanceof OpenAI.APIError)) throw error
  }
  return tracker.reported
}
