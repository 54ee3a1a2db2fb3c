import { readFileSync } from 'node:fs'
import type { WhatIfChange } from '@purser/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { scenario } from './scenario.ts'

interface Case {
  readonly name: string
  readonly calls: readonly Record<string, unknown>[]
  readonly ask: Record<string, unknown>
  readonly expect?: object
  readonly refused?: object
}

const NOW = Date.parse('2026-11-22T10:00:00Z')
const table: Case[] = JSON.parse(readFileSync(new URL('../../../../../conformance/what-if/changes.json', import.meta.url), 'utf8'))

describe('what calls would have cost if', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({ now: () => NOW })
  })
  afterAll(() => server.close())

  it('has a table', () => expect(table.length).toBeGreaterThan(60))

  it.each(table.map((each, index) => ({ ...each, index })))('$name', async ({ calls, ask, expect: expected, refused, index }) => {
    const organization_id = `case_${index}`
    for (const call of calls) {
      const { status, text } = await server.send('POST', '/v1/finops/calls/track', { ...call, organization_id })
      expect(status, text).toBe(200)
    }
    const { status, body } = await server.send('POST', '/v1/finops/what-if', { ...ask, organization_id })
    if (refused !== undefined) expect(body).toMatchObject(refused)
    else expect({ status, scenario: body.scenario ?? body }).toMatchObject({ status: 200, scenario: expected })
  })

  describe('when there are too many calls to look at each', () => {
    const query = () => ({ query: { scope: { organization: 'many' }, atLeast: server.services.committer.head() }, zone: 'UTC' }) as const
    const ask = (changes: readonly WhatIfChange[], callsMax = 3) =>
      scenario(server.services, query(), { changes, pricesAt: 'call', callsMax })
    beforeAll(async () => {
      const call = { organization_id: 'many', agent_name: 'a', input_tokens: 1_000_001, output_tokens: 77 }
      const calls = [
        { ...call, model: 'gpt-4o', timestamp: '2026-11-20T10:00:00Z' },
        { ...call, model: 'gpt-4o', timestamp: '2026-11-21T10:00:00Z', cache_read_tokens: 999 },
        { ...call, model: 'gpt-4o', timestamp: '2026-11-21T11:00:00Z', agent_name: 'b' },
        { ...call, model: 'gpt-4o-mini', timestamp: '2026-11-21T12:00:00Z' },
        { ...call, model: 'o3-mini', timestamp: '2026-11-21T13:00:00Z', service_tier: 'flex' },
        { ...call, model: 'gpt-4o', timestamp: '2026-11-21T13:00:00Z', cost_usd: '9' },
      ]
      const { body } = await server.send('POST', '/v1/finops/calls/batch', { calls })
      expect(body).toMatchObject({ accepted: 6 })
    })

    it.each<[string, readonly WhatIfChange[]]>([
      ['another model', [{ swap_model: { to: 'gpt-4o-mini' } }]],
      ['another model for one agent', [{ swap_model: { from: 'gpt-4o', to: 'gpt-4o-mini' }, where: { agent: 'b' } }]],
      ['the batch tier', [{ tier: 'batch' }]],
      ['no calls of an agent', [{ drop: { agent: 'a' } }]],
      ['a percentage', [{ price: { model: 'gpt-4o', percent: '-12.5' } }]],
      ["rates of one's own", [{ price: { model: 'gpt-4o', input_per_1m: '1' } }]],
      ['nothing', []],
    ])('prices sums to the same pico: %s', async (_name, changes) => {
      const [sums, single] = [await ask(changes), await ask(changes, 6)]
      if (!sums.ok || !single.ok) throw new Error('both are answered')
      const { method, unsaid, said, is_exact, range, affected_calls, by_model, by_day, ...rest } = sums.value
      expect([method, single.value.method]).toEqual(['sums', 'calls'])
      expect(said.calls + unsaid.reduce((so, { calls }) => so + calls, 0)).toBe(6)
      // A group is said or not as a whole; what is said of is the same.
      if (unsaid.length === 0) expect(single.value).toMatchObject({ cost: rest.cost, difference: rest.difference, by_model, by_day })
      else for (const line of by_model.filter(({ unsaid_calls }) => unsaid_calls === 0)) expect(single.value.by_model).toContainEqual(line)
      expect({ posted_cost: rest.posted_cost, calls: rest.calls }).toEqual({ posted_cost: single.value.posted_cost, calls: 6 })
    })

    it('says that a price depends on the length of each call', async () => {
      const answer = await ask([{ swap_model: { from: 'gpt-4o-mini', to: 'claude-sonnet-4-5', provider: 'anthropic' } }])
      expect(answer).toMatchObject({ ok: true, value: { is_exact: false, unsaid: [] } })
      expect(answer.ok && answer.value.assumptions.join(' ')).toContain('depends on how long each is')
    })

    it.each<[WhatIfChange]>([[{ dedupe: true }], [{ retries: 'none' }], [{ output_cap: 1 }], [{ caching: { repeats: '5m' } }]])(
      'refuses what only single calls tell: %j',
      async (change) =>
        expect(await ask([{ tier: 'batch' }, change])).toMatchObject({ ok: false, error: { code: 'query_limit', path: '/changes/1' } }),
    )
  })
})
