import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const good = fc.record(
  {
    agent_name: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }),
    model: fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'nobody-knows-1'),
    input_tokens: fc.nat(1_000_000),
    output_tokens: fc.nat(100_000),
    success: fc.boolean(),
    latency_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    tags: fc.dictionary(fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }), fc.string({ maxLength: 5 }), { maxKeys: 3 }),
  },
  { requiredKeys: ['model', 'input_tokens', 'output_tokens'] },
)
const odd = fc.oneof(
  fc.jsonValue(),
  fc
    .tuple(
      good,
      fc.constantFrom('input_tokens', 'agent_name', 'tags', 'success', 'timestamp', 'response', 'cost_usd', 'call_id'),
      fc.jsonValue(),
    )
    .map(([call, field, value]) => ({ ...call, [field]: value })),
)

interface Summary {
  readonly accepted: number
  readonly replayed: number
  readonly refused: number
  readonly unpriced: number
  readonly results: readonly { readonly index: number; readonly code?: string; readonly path?: string; readonly cost?: string | null }[]
}

it('whatever a batch holds, every item is posted or refused by its index, and the journal grows by exactly the posted ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 2, arbitrary: good }, { weight: 1, arbitrary: odd }), { minLength: 1, maxLength: 30 }),
      async (calls) => {
        const before = server.services.committer.head()
        const answer = await server.send('POST', '/v1/finops/calls/batch', { calls })
        expect(answer.status, answer.text).toBe(200)
        const summary = answer.body as unknown as Summary
        expect(summary.results.map(({ index }) => index)).toEqual(calls.map((_call, index) => index))
        const refused = summary.results.filter(({ code }) => code !== undefined)
        for (const { index, path } of refused) expect(path === undefined || path.startsWith(`/calls/${index}`)).toBe(true)
        expect(summary.refused).toBe(refused.length)
        expect(summary.accepted + summary.refused).toBe(calls.length)
        expect(server.services.committer.head()).toBe(before + summary.accepted - summary.replayed)
        expect(summary.unpriced).toBe(summary.results.filter(({ cost }) => cost === null).length)
      },
    ),
    { numRuns: 150, seed: 20_261_122 },
  )
  const verified = await server.send('POST', '/v1/finops/verify')
  expect(verified.body).toMatchObject({ ok: true })
  expect(server.said.filter((line) => line.includes('fault'))).toEqual([])
})

it('a thousand calls are one answer', async () => {
  const calls = Array.from({ length: 1_000 }, (_, index) => ({
    call_id: `k${index}`,
    model: 'gpt-4o',
    input_tokens: 1000,
    output_tokens: 500,
  }))
  const answer = await server.send('POST', '/v1/finops/calls/batch', { calls })
  expect(answer.body).toMatchObject({ accepted: 1_000, refused: 0, cost: '7.5', cost_usd: 7.5 })
})
