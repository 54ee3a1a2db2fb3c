import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { type Manner, SERVER_ERROR } from '../../../conformance/upstream/manner.ts'
import { syntheticCompletion, syntheticStream } from '../../../conformance/upstream/synthetic.ts'
import { picosOfUsd } from '../../src/kernel/index.ts'
import { thrownBy } from './all-of.ts'
import { type Lab, startLab } from './lab.ts'

const skip = skipReason('cassettes')

let lab: Lab
beforeEach(async () => {
  lab = await startLab()
})
afterEach(() => lab.close())

const messages = [{ role: 'user' as const, content: 'What is the capital of Mexico?' }]

/** A program that knows nothing of Purser: two variables of its environment point it there. */
function program(): OpenAI {
  const { OPENAI_BASE_URL: url, OPENAI_API_KEY: key } = process.env
  process.env.OPENAI_BASE_URL = `${lab.through.base('openai')}/v1`
  process.env.OPENAI_API_KEY = lab.through.apiKey
  try {
    return new OpenAI({ logLevel: 'off' })
  } finally {
    restore('OPENAI_BASE_URL', url)
    restore('OPENAI_API_KEY', key)
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** A model that writes as much as it may, or 8,000 tokens. */
function longAnswer(asked: Readonly<Record<string, unknown>>): Manner {
  const most = Number(asked.max_completion_tokens ?? asked.max_tokens ?? 8_000)
  const plan = { chunks: 4, chunkChars: 30, promptTokens: 14, completionTokens: Math.min(most, 8_000) }
  if (asked.stream !== true) return { status: 200, headers: { 'content-type': 'application/json' }, body: syntheticCompletion(plan) }
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.concat(syntheticStream(plan)) }
}

/** What is spent and held together must never exceed the limit; sampled while `work` goes on. */
async function largestStanding(work: Promise<unknown>): Promise<bigint> {
  let largest = 0n
  let going = true
  const ended = work.finally(() => {
    going = false
  })
  while (going) {
    const { spent_usd, held_usd } = await lab.standing()
    const stands = (picosOfUsd(spent_usd) ?? 0n) + (picosOfUsd(held_usd) ?? 0n)
    if (stands > largest) largest = stands
  }
  await ended
  return largest
}

describe.skipIf(skip !== null)(`an unmodified program ${skip ?? ''}`, () => {
  it.each([
    ['that states a limit for its output', { max_tokens: 300 }, '0.3'],
    ['that states none', {}, '6'],
    ['that streams', { max_tokens: 300, stream: true as const }, '0.3'],
  ])('%s is capped: 20 callers at once never spend more than the budget', { timeout: 60_000 }, async (_, more, limit) => {
    await lab.limit(limit)
    const openai = program()
    lab.upstream.always((asked) => ({ ...longAnswer(asked), headersDelayMs: 3 }))
    let answered = 0
    const refusals: unknown[] = []
    const caller = async (): Promise<void> => {
      for (;;) {
        try {
          const answer = await openai.chat.completions.create({ model: 'gpt-4o', messages, ...more })
          if ('stream' in more)
            for await (const chunk of answer as unknown as AsyncIterable<object>) expect(chunk).not.toHaveProperty('error')
          answered += 1
        } catch (error) {
          refusals.push(error)
          return
        }
      }
    }
    const largest = await largestStanding(Promise.all(Array.from({ length: 20 }, caller)))
    await lab.settled()
    expect(refusals).toHaveLength(20)
    for (const error of refusals) expect(error).toMatchObject({ status: 402, code: 'insufficient_quota' })
    expect(largest).toBeGreaterThan(0n)
    expect(largest).toBeLessThanOrEqual(picosOfUsd(limit) ?? 0n)
    const calls = await lab.calls()
    expect(calls).toHaveLength(answered)
    expect(lab.upstream.received).toHaveLength(answered)
    expect(await lab.asked()).toBe(answered + 20)
    const spent = calls.reduce((sum, { charge }) => sum + (charge.amount ?? 0n), 0n)
    const { spent_usd, held_usd } = await lab.standing()
    expect([spent, held_usd]).toEqual([picosOfUsd(spent_usd), '0'])
    expect(spent).toBeLessThanOrEqual(picosOfUsd(limit) ?? 0n)
    // What is left is too little for one more call's worst case, and not most of the money.
    expect(spent * 2n).toBeGreaterThan(picosOfUsd(limit) ?? 0n)
  })

  it('that leaves a stream in its middle pays for what it was sent, marked as estimated', async () => {
    await lab.limit('10')
    lab.upstream.always({ cassette: '041', pieceDelayMs: 25 })
    const stream = await program().chat.completions.create({ model: 'gpt-4o', messages, stream: true })
    let seen = 0
    for await (const _ of stream) if (++seen === 4) break
    expect(await lab.upstream.received[0]?.ended).toBe('gone')
    await lab.settled()
    const [call] = await lab.calls()
    expect(call).toMatchObject({
      success: false,
      errorCode: 'client_closed',
      usage: { inferences: [{ evidence: { input: 'assumed', output: 'assumed' } }] },
    })
    expect(call?.charge).toMatchObject({ status: 'estimated' })
    expect(call?.charge.amount).toBeGreaterThan(0n)
    expect(await lab.standing()).toMatchObject({ held_usd: '0' })
  })

  it('that leaves a stream of Anthropic in its middle pays for the input as it was reported', async () => {
    await lab.limit('10')
    lab.upstream.always({ cassette: '002', pieceDelayMs: 15 })
    const anthropic = new Anthropic({ baseURL: lab.through.base('anthropic'), apiKey: lab.through.apiKey, logLevel: 'off' })
    const request = JSON.parse(lab.cassette('002').request_body ?? '') as Anthropic.MessageCreateParamsStreaming
    let seen = 0
    for await (const _ of await anthropic.messages.create(request)) if (++seen === 6) break
    expect(await lab.upstream.received[0]?.ended).toBe('gone')
    await lab.settled()
    const [call] = await lab.calls()
    const [inference] = call?.usage.inferences ?? []
    expect(inference?.meters).toMatchObject({ input: 4, 'input.cache_read': 1_167 })
    expect(inference?.evidence).toMatchObject({ input: 'reported', output: 'assumed' })
    expect(call).toMatchObject({ success: false, errorCode: 'client_closed', charge: { status: 'estimated' } })
  })

  it('that leaves before the answer began frees what was held, and the books know of it', async () => {
    await lab.limit('10')
    lab.upstream.always({ cassette: '044', headersDelayMs: 200 })
    const gone = new AbortController()
    const asked = thrownBy(program().chat.completions.create({ model: 'gpt-4o', messages }, { signal: gone.signal }))
    await expect.poll(() => lab.upstream.received.length).toBe(1)
    gone.abort()
    expect((await asked).name).toBe('Error')
    await lab.settled()
    // The provider was asked and will bill it: it is read to its end.
    const [call] = await lab.calls()
    expect(call?.usage.inferences[0]?.meters).toMatchObject({ input: 38, output: 11 })
    expect(await lab.standing()).toMatchObject({ held_usd: '0' })
  })

  it('is tried again by its package when its provider fails, and each attempt is in the books, linked to the first', async () => {
    await lab.limit('10')
    lab.upstream.next({ ...SERVER_ERROR, headers: { ...SERVER_ERROR.headers, 'retry-after-ms': '5' } })
    lab.upstream.always({ cassette: '044' })
    const answer = await program().chat.completions.create({ model: 'gpt-4o', messages })
    expect(answer.usage?.total_tokens).toBe(49)
    await lab.settled()
    const [first, second, ...others] = await lab.calls()
    expect(others).toEqual([])
    expect(first).toMatchObject({ success: false, tags: {}, charge: { amount: 0n } })
    expect(second).toMatchObject({ success: true, tags: { retry_of: first?.id, attempt: '2' } })
    expect(await lab.asked()).toBe(2)
  })
})
