import { EFFICIENCY, REFERRED } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const MINUTE = 60_000

let server: TestServer
beforeEach(async () => {
  server = await testServer({ now: () => NOW })
})
afterEach(() => server.close())

type Json = ReturnType<typeof JSON.parse>

/** The answer of one of the four, checked against its schema. */
async function ask(name: 'waste' | 'cache' | 'forensics' | 'efficiency', query = 'organization_id=acme'): Promise<Json> {
  const { status, body, text } = await server.send('GET', `/v1/finops/analytics/${name}?${query}`)
  expect(status, text).toBe(200)
  const endpoint = EFFICIENCY.find(({ path }) => path.endsWith(`/${name}`))
  const first = Value.Errors(endpoint!.answer, [...REFERRED], body).First()
  expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
  return body
}

let tracked = 0
async function track(...calls: readonly Record<string, unknown>[]): Promise<void> {
  const filled = calls.map((call) => {
    tracked += 1
    return {
      call_id: `c${tracked}`,
      organization_id: 'acme',
      agent_name: 'planner',
      model: 'claude-sonnet-4-5',
      timestamp: at(-60 + tracked),
      ...call,
    }
  })
  const answer = await server.send('POST', '/v1/finops/calls/batch', { calls: filled })
  expect(answer.text).not.toContain('"error":{')
  expect(answer.status, answer.text).toBe(200)
}

function at(minutes: number): string {
  return new Date(NOW + minutes * MINUTE).toISOString()
}

const NAMES = ['waste', 'cache', 'forensics', 'efficiency'] as const

describe('bad input gets an answer that invents nothing', () => {
  it('no history at all', async () => {
    expect(await ask('waste')).toMatchObject({
      total_calls: 0,
      wasted: 0,
      share_of_cost: null,
      categories: [],
      missing: [expect.stringContaining('No calls')],
    })
    expect(await ask('cache')).toMatchObject({
      hit_rate: null,
      is_used: false,
      scenarios: [{ saving: null }, { saving: null }, { saving: null }],
    })
    expect(await ask('forensics')).toMatchObject({ failures: [], excess: 0, estimated_excess: null })
    expect(await ask('efficiency')).toMatchObject({ score: null, trend: [] })
  })

  it('calls of which no price is known', async () => {
    await track(...Array.from({ length: 30 }, () => ({ model: 'my-own-7', input_tokens: 100, output_tokens: 10, success: false })))
    expect(await ask('waste')).toMatchObject({
      wasted: null,
      share_of_cost: null,
      categories: [{ category: 'failed', cost: null, calls: 30, unpriced_calls: 30 }],
    })
    expect(await ask('forensics')).toMatchObject({ failures: [] })
    const { score, parts } = await ask('efficiency')
    // Nothing is known but that all of them failed.
    expect(score).toBe(0)
    expect(parts.map(({ part, value }: Json) => [part, value])).toEqual([
      ['waste', null],
      ['cache', null],
      ['failures', 1],
    ])
  })

  it('zeros, and one call', async () => {
    await track({ input_tokens: 0, output_tokens: 0 })
    expect(await ask('waste')).toMatchObject({ wasted: 0, total_cost: 0 })
    expect(await ask('cache')).toMatchObject({ hit_rate: null })
    expect(await ask('efficiency')).toMatchObject({ score: 100, trend: [{ date: '2026-11-22', score: 100, calls: 1 }] })
    expect(await ask('forensics')).toMatchObject({ failures: [], short_history: [{ agent_name: 'planner', seen: 1, needed: 20 }] })
  })

  it('calls without session, run, agent or fingerprint: what is missing is said', async () => {
    await track({ agent_name: null, input_tokens: 5000, output_tokens: 10, cache_write_tokens: 4000 })
    const said = async (name: (typeof NAMES)[number]) => (await ask(name)).missing.join(' ')
    expect(await said('cache')).toMatch(/session_id.*neither session nor agent.*prompt_fingerprint/)
    expect(await said('waste')).toMatch(/prompt_fingerprint.*workflow_id/)
    expect(await said('forensics')).toMatch(/agent_name.*workflow_id.*prompt_fingerprint/)
  })

  it.each([
    ['from=2026-02-30', 'from'],
    ['period=yesterdayish', 'period'],
    ['zone=Mars/Olympus', 'zone'],
    ['examine=0', 'examine'],
    ['examine=many', 'examine'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, field) => {
    for (const name of NAMES) {
      const { status, text } = await server.send('GET', `/v1/finops/analytics/${name}?${query}`)
      expect([400, 422], text).toContain(status)
      expect(text).toContain(field)
    }
  })
})

describe('what is found', () => {
  it('counts each call once, declared before detected, and adds up to the report', async () => {
    const call = { input_tokens: 100_000, output_tokens: 0 } // $0.30
    await track(
      { ...call, prompt_fingerprint: 'print-one', success: false, error: 'timeout' },
      { ...call, prompt_fingerprint: 'print-one' },
      { ...call, prompt_fingerprint: 'print-one' },
      { ...call, prompt_fingerprint: 'print-one', tags: { waste: 'none' } },
      { ...call, tags: { waste: 'unused_context' }, success: false },
      { ...call, action: 'hallucination_recovery' },
      { ...call, success: false },
      { ...call },
    )
    const waste = await ask('waste')
    expect(waste.categories.map(({ category, calls, cost_exact }: Json) => [category, calls, cost_exact])).toEqual([
      ['duplicate', 1, '0.3'],
      ['failed', 1, '0.3'],
      ['hallucination_recovery', 1, '0.3'],
      ['retries', 1, '0.3'],
      ['unused_context', 1, '0.3'],
    ])
    expect(waste).toMatchObject({ wasted_exact: '1.5', total_cost_exact: '2.4', share_of_cost: 0.625, declared_only: [] })
    expect(waste.categories[4].found).toMatchObject([{ how: 'declared', call_ids: [`c${tracked - 3}`] }])
    const score = await ask('efficiency')
    // 62.5 % of the cost is waste and 3 of 8 calls failed: both parts lose all they can, and no call uses a cache.
    expect(score).toMatchObject({ score: 0, wasted_exact: '1.5', self_assessed: null })
    expect(score.trend[0].waste_exact).toEqual({
      duplicate: '0.3',
      failed: '0.3',
      hallucination_recovery: '0.3',
      retries: '0.3',
      unused_context: '0.3',
    })
    expect(score.parts[1]).toMatchObject({ part: 'cache', value: null, weight: 0 })
    expect((await ask('waste', 'organization_id=other')).total_calls).toBe(0)
  })

  it('prices what an hour would have saved on the real calls', async () => {
    const turn = (session: string, minute: number, read: number, written: number) => ({
      session_id: session,
      timestamp: at(minute),
      input_tokens: 20_000 + 100,
      output_tokens: 10,
      cache_read_tokens: read,
      cache_write_tokens: written,
    })
    for (let index = 0; index < 10; index += 1) {
      const session = `s${index}`
      const start = -55 + index / 10
      await track(
        turn(session, start, 0, 20_000),
        turn(session, start + 1, 20_000, 0),
        turn(session, start + 2, 20_000, 0),
        turn(session, start + 30, 0, 20_000),
      )
    }
    const cache = await ask('cache')
    expect(cache).toMatchObject({
      hit_rate: 0.497512,
      is_used: true,
      cold_calls: { calls: 20, by_reason: { first_call: 10, after_5m: 10 } },
    })
    const [longer, merged] = cache.scenarios
    // 20,000 tokens written for an hour cost 2.25 $/M more, 0.045; read in place of written they cost 0.069 less. Ten of each.
    expect(longer).toMatchObject({ name: 'longer_ttl', saving_exact: '0.24', calls: { concerned: 20, repriced: 20 } })
    expect(merged).toMatchObject({ saving: null, reason: expect.stringContaining('range') })
    expect(cache.input_cost).toMatchObject({ calls: 40 })
    expect(cache.input_cost.write_share).toBeGreaterThan(0.9)
  })

  it('says where a prompt exploded, and what that cost', async () => {
    await track(...Array.from({ length: 25 }, (_, index) => ({ input_tokens: 2_000 + index, output_tokens: 100 })), {
      input_tokens: 102_012,
      output_tokens: 100,
    })
    const found = await ask('forensics')
    expect(found.failures).toHaveLength(1)
    expect(found.failures[0]).toMatchObject({
      mode: 'input_explosion',
      agent_name: 'planner',
      usual: { history: 26, median: 2_012 },
      // 100,000 tokens at $3 a million.
      excess_exact: '0.3',
      cases: [{ value: 102_012, call_ids: [`c${tracked}`], excess_by: 'priced' }],
    })
    expect(found.excess_exact).toBe('0.3')
  })
})
