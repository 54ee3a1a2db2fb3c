import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutContent } from './redact.ts'

const SECRET = 'the quarterly figures are secret'

describe('withoutContent', () => {
  it('keeps what is billed of a Responses answer and nothing that was written', () => {
    const answer = {
      id: 'resp_1',
      object: 'response',
      model: 'gpt-5.2',
      service_tier: 'default',
      status: 'completed',
      instructions: SECRET,
      metadata: { note: 'secret' },
      output: [
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: SECRET, queries: [SECRET] } },
        { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1', code: 'secret()' },
        { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: SECRET }] },
      ],
      tools: [{ type: 'web_search', search_context_size: 'low', user_location: { city: 'secret' } }],
      usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5 },
    }
    const kept = withoutContent(answer)
    expect(kept).toEqual({
      id: 'resp_1',
      object: 'response',
      model: 'gpt-5.2',
      service_tier: 'default',
      status: 'completed',
      output: [
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
        { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' },
        { type: 'message', id: 'msg_1' },
      ],
      tools: [{ type: 'web_search', search_context_size: 'low' }],
      usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5 },
    })
  })

  it('counts different searches without their words', () => {
    const kept = withoutContent({
      candidates: [{ groundingMetadata: { webSearchQueries: [SECRET, SECRET, 'other'] }, content: { parts: [{ text: SECRET }] } }],
    })
    expect(kept).toEqual({ candidates: [{ groundingMetadata: { webSearchQueries: ['query-1', 'query-2'] } }] })
  })

  it('does not let an error hide that something was delivered and not counted', () => {
    const failed = { object: 'response', status: 'failed', error: { code: 'server_error', message: SECRET } }
    expect(withoutContent(failed)).toMatchObject({ error: { code: 'server_error' }, status: 'failed' })
    expect(withoutContent({ ...failed, output: [{ type: 'message' }] })).toEqual({ object: 'response', output: [{ type: 'message' }] })
  })

  it('lets no sentence through, wherever it stands', () => {
    const keys = [
      'usage',
      'output',
      'content',
      'choices',
      'id',
      'model',
      'error',
      'tools',
      'message',
      'type',
      'candidates',
      'meta',
      'text',
      'data',
      'results',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constant(SECRET),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
        fc.dictionary(fc.constant(SECRET), tie('tree'), { maxKeys: 1 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (answer) => {
        expect(JSON.stringify(withoutContent(answer))).not.toContain('secret')
      }),
      { numRuns: 500 },
    )
  })

  it.each([null, undefined, 'data: {}', 7, [1]])('gives nothing for %j', (answer) => {
    expect(withoutContent(answer)).toEqual({})
  })
})
