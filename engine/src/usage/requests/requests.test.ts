import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import bodies from '../../../../conformance/gateway/bodies.json' with { type: 'json' }
import needs from '../../../../conformance/gateway/needs.json' with { type: 'json' }
import { endpointOfPath } from './endpoint.ts'
import { estimatedInput, requestNeeds } from './request-needs.ts'
import { changed, outputLimit, usageInStream } from './rewrite.ts'

const LONG = 'A'.repeat(400_000)

describe('what a request needs', () => {
  it.each(needs)('$name', ({ path, body, expect: expected }) => {
    const [bare = ''] = path.split('?', 1)
    const endpoint = endpointOfPath(bare)
    const { unseen, inputAtMost, ...rest } = expected as typeof expected & { unseen?: boolean; inputAtMost?: number }
    if (endpoint === null || endpoint === 'free') {
      expect({ endpoint }).toEqual(rest)
      return
    }
    const text = JSON.stringify(body).replaceAll('{long}', LONG)
    const read = requestNeeds(endpoint, bare, JSON.parse(text), text.length)
    expect(read).toMatchObject(rest)
    if (unseen !== undefined) expect(read.input.unseen).toBe(unseen)
    if (inputAtMost !== undefined) expect(read.input.most).toBeLessThan(inputAtMost)
  })

  it('bounds the input by its bytes, and an estimate lies within', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 })), (texts) => {
        const body = { model: 'm', messages: texts.map((content) => ({ role: 'user', content })) }
        const bytes = Buffer.byteLength(JSON.stringify(body))
        const { input } = requestNeeds('chat', '/v1/chat/completions', body, bytes)
        expect(input.most).toBeGreaterThanOrEqual(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
        expect(estimatedInput(body, input)).toBeLessThanOrEqual(input.most)
      }),
    )
  })

  it('reads any value without throwing', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('chat', 'messages', 'generate', 'converse', 'images', 'speech', 'responses'),
        (body, endpoint) => {
          const read = requestNeeds(endpoint as 'chat', '/v1/x', body, 10)
          expect(read.input.most).toBeGreaterThanOrEqual(0)
          expect(read.choices).toBeGreaterThanOrEqual(1)
        },
      ),
    )
  })

  it('is not felled by depth', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)
    expect(requestNeeds('messages', '/v1/messages', deep, 60_000).input.most).toBeGreaterThan(0)
  })
})

describe('a request that is changed', () => {
  it.each(bodies)('$name', ({ text, changes, expect: expected }) => {
    const list = changes.map(([member, value]) => ({ member: String(member), value }))
    expect(changed(text, JSON.parse(text), list)).toBe(expected)
  })

  it('asks only streams of chat completions for their usage', () => {
    expect(usageInStream('chat', { stream: true })).toEqual({ member: 'stream_options.include_usage', value: true })
    expect(usageInStream('chat', { stream: true, stream_options: { include_usage: true } })).toBeNull()
    expect(usageInStream('chat', {})).toBeNull()
    expect(usageInStream('responses', { stream: true })).toBeNull()
  })

  it('limits the output by the name that the provider knows', () => {
    expect(outputLimit('chat', 'openai', 5)).toEqual({ member: 'max_completion_tokens', value: 5 })
    expect(outputLimit('chat', 'groq', 5)).toEqual({ member: 'max_tokens', value: 5 })
    expect(outputLimit('embeddings', 'openai', 5)).toBeNull()
  })
})
