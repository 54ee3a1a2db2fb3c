import { describe, expect, it } from 'vitest'
import { INPUT_METERS, OUTPUT_METERS, readResponse, usageTotal } from '../../engine/src/usage/index.ts'
import { syntheticCompletion, syntheticStream } from './synthetic.ts'

const plan = { chunks: 20, chunkChars: 30, promptTokens: 1_200, completionTokens: 160 }

describe('a made-up answer', () => {
  it.each([
    ['in one document', syntheticCompletion(plan)],
    ['as a stream', Buffer.concat(syntheticStream(plan))],
  ])('has the usage it was made with, %s', (_, body) => {
    const usage = readResponse({ at: 0, seller: 'openai', url: 'https://api.openai.com/v1/chat/completions', status: 200, body })
    expect([usageTotal(usage, INPUT_METERS), usageTotal(usage, OUTPUT_METERS)]).toEqual([1_200, 160])
    expect(usage.notes).toEqual([])
  })

  it('has as many pieces as were asked for', () => {
    expect(syntheticStream(plan)).toHaveLength(20 + 3)
  })
})
