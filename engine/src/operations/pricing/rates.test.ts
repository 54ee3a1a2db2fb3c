import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const START = Date.parse('2026-11-22T10:00:00Z')
const CALL = { model: 'gpt-4o', input_tokens: 1_000_000, output_tokens: 0, organization_id: 'acme' }

let server: TestServer
let now = START
beforeEach(async () => {
  now = START
  server = await testServer({ now: () => now })
})
afterEach(() => server.close())

const track = (body: object): Promise<Answer> => server.send('POST', '/v1/finops/calls/track', { ...CALL, ...body })

describe('rates of an organization', () => {
  it('hold from the next call on, for that organization only, and are audited with what was before', async () => {
    expect((await track({})).body.cost).toBe('2.5')
    now += 1_000
    const set = await server.send('PUT', '/v1/finops/rates', {
      organization_id: 'acme',
      model: 'gpt-4o',
      input_per_1m: '2.1',
      output_per_1k: 0.0084,
      reference: 'contract 17',
    })
    expect(set.body).toMatchObject({
      rate: {
        organization_id: 'acme',
        source: { kind: 'contract', ref: 'contract 17' },
        rates: [
          { meter: 'input', per_1k: '0.0021', per_1m: '2.1' },
          { meter: 'output', per_1k: '0.0084', per_1m: '8.4' },
        ],
      },
      replaced: [],
    })
    expect((await track({})).body.cost).toBe('2.1')
    expect((await track({ organization_id: 'other' })).body.cost).toBe('2.5')
    now += 1_000
    const again = await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'gpt-4o', input_per_1m: '2' })
    expect(again.body.replaced).toEqual([(set.body.rate as { rate_card: string }).rate_card])
    expect((await track({})).body.cost).toBe('2')
    const { body } = await server.send('GET', '/v1/finops/audit')
    expect(body.entries).toMatchObject([
      { action: 'set_rates', actor: 'local', organization_id: 'acme', before: null },
      { action: 'set_rates', before: [{ source: { ref: 'contract 17' } }], after: { rates: [{ price: '2' }] } },
    ])
  })

  it('are listed first, and stay in the history', async () => {
    await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'gpt-4o', input_per_1m: '2.1' })
    const listed = await server.send('GET', '/v1/finops/rates?model=gpt-4o&limit=1')
    expect(listed.body).toMatchObject({ rates: [{ organization_id: 'acme' }], truncated: true })
    const history = await server.send('GET', '/v1/finops/rates/gpt-4o/history')
    const sources = (history.body.rates as { source: { kind: string } }[]).map(({ source }) => source.kind)
    expect(sources).toContain('contract')
    expect(sources.length).toBeGreaterThan(1)
  })
})

describe('a retracted rate', () => {
  const idOf = ({ body }: Answer): string => (body.rate as { rate_card: string }).rate_card
  const retract = (id: string, headers?: Record<string, string>): Promise<Answer> =>
    server.send('POST', `/v1/finops/rates/${id}/retract`, { reason: 'typed wrong' }, headers)

  it('prices no new call, still prices by what was known before, and is audited once', async () => {
    const set = await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'gpt-4o', input_per_1m: '25' })
    expect((await track({ call_id: 'dear' })).body.cost).toBe('25')
    now += 1_000
    const before = new Date(now - 1).toISOString()
    expect((await retract(idOf(set))).body).toMatchObject({ rate: { rate_card: idOf(set), retracted_at: '2026-11-22T10:00:01.000Z' } })
    expect((await track({})).body.cost).toBe('2.5')
    const known = await server.send('POST', '/v1/finops/price', { ...CALL, known_at: before })
    expect(known.body).toMatchObject({ charge: { cost: '25' } })
    expect((await server.send('GET', '/v1/finops/rates?model=gpt-4o&own=true')).body.rates).toEqual([])
    now += 1_000
    expect((await retract(idOf(set))).body).toMatchObject({ rate: { retracted_at: '2026-11-22T10:00:01.000Z' } })
    const { body } = await server.send('GET', '/v1/finops/audit')
    expect(body.entries).toMatchObject([
      { action: 'set_rates' },
      {
        action: 'retract_rate',
        actor: 'local',
        organization_id: 'acme',
        target: idOf(set),
        before: { retracted_at: null },
        after: { retracted_at: '2026-11-22T10:00:01.000Z', reason: 'typed wrong' },
      },
    ])
    const repriced = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme' })
    expect(repriced.body).toMatchObject({ adjusted: 1, difference: '-22.5' })
  })

  it('of the bundled catalog stays retracted after a restart', async () => {
    const data = mkdtempSync(join(tmpdir(), 'purser-retract-'))
    try {
      const first = await testServer({ data, now: () => now })
      const priced = await first.send('POST', '/v1/finops/price', CALL)
      const [card] = priced.body.rate_cards as { rate_card: string }[]
      expect((await first.send('POST', `/v1/finops/rates/${card?.rate_card}/retract`)).status).toBe(200)
      const after = await first.send('POST', '/v1/finops/price', CALL)
      await first.close()
      const second = await testServer({ data, now: () => now })
      const again = await second.send('POST', '/v1/finops/price', CALL)
      await second.close()
      for (const { body } of [after, again]) {
        expect((body.rate_cards as { rate_card: string }[]).map((each) => each.rate_card)).not.toContain(card?.rate_card)
      }
      expect(again.body).toEqual(after.body)
    } finally {
      rmSync(data, { recursive: true })
    }
  })

  it('is one that the caller may change', async () => {
    const set = await server.send('PUT', '/v1/finops/rates', { organization_id: 'other', model: 'gpt-4o', input_per_1m: '1' })
    const listed = (await server.send('POST', '/v1/finops/price', CALL)).body.rate_cards as { rate_card: string }[]
    const made = await server.send('POST', '/v1/finops/keys', { name: 'a', organization_id: 'acme', operations: ['manage'] })
    const headers = { authorization: `Bearer ${String(made.body.secret)}` }
    expect((await retract(idOf(set), headers)).body).toMatchObject({ status: 404, code: 'not_found' })
    expect((await retract(listed[0]?.rate_card ?? '', headers)).body).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await retract('0'.repeat(64), headers)).body).toMatchObject({ code: 'not_found', path: '/rate_card' })
    expect((await retract('no-card', headers)).body).toMatchObject({ code: 'invalid_field', path: '/rate_card' })
  })
})

describe('a public table', () => {
  const table = (usdPerToken: number): string =>
    JSON.stringify({
      'house-model': { litellm_provider: 'housemade', mode: 'chat', input_cost_per_token: usdPerToken, output_cost_per_token: 4e-6 },
    })
  const load = (usdPerToken: number, more: object = {}): Promise<Answer> =>
    server.send('POST', '/v1/finops/rates/feeds', { feed: 'litellm', text: table(usdPerToken), ...more })
  const costOf = async (timestamp?: string): Promise<unknown> => {
    const { body } = await server.send('POST', '/v1/finops/price', { ...CALL, provider: 'housemade', model: 'house-model', timestamp })
    return (body.charge as { cost: string | null }).cost
  }

  it('does not bring back a card that was retracted; what it says differently is a new card', async () => {
    expect((await load(3e-6)).body).toMatchObject({ cards: 1, published: 1, retracted: 0 })
    const listed = await server.send('GET', '/v1/finops/rates?model=house-model')
    const [card] = listed.body.rates as { rate_card: string }[]
    now += 1_000
    await server.send('POST', `/v1/finops/rates/${card?.rate_card}/retract`, { reason: 'the table is wrong' })
    now += 1_000
    expect((await load(3e-6)).body).toMatchObject({ cards: 1, published: 0, unchanged: 0, retracted: 1 })
    expect(await costOf()).toBeNull()
    now += 1_000
    expect((await load(2e-6)).body).toMatchObject({ published: 1, retracted: 0 })
    expect(await costOf()).toBe('2')
  })

  it('changes the future and not the past: a new rate holds from when it was first seen', async () => {
    await load(3e-6)
    now += 60_000
    expect((await load(2e-6)).body).toMatchObject({ published: 0, held: [{ model: 'house-model' }] })
    expect((await load(2e-6, { approve: ['house-model'] })).body).toMatchObject({ published: 1, held: [] })
    expect(await costOf(new Date(now).toISOString())).toBe('2')
    expect(await costOf(new Date(now - 1).toISOString())).toBe('3')
    now += 60_000
    expect((await load(2e-6)).body).toMatchObject({ published: 0, unchanged: 1 })
  })
})

describe('a price without posting', () => {
  it('explains each line and where its rate comes from, and posts nothing', async () => {
    const { body } = await server.send('POST', '/v1/finops/price', {
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 500,
      cache_read_tokens: 200,
    })
    expect(body).toMatchObject({
      usage: {
        seller: 'openai',
        inferences: [{ meters: expect.arrayContaining([{ meter: 'input', quantity: 800, evidence: 'derived' }]) }],
      },
      charge: {
        status: 'exact',
        cost: '0.00725',
        lines: expect.arrayContaining([
          expect.objectContaining({ meter: 'input.cache_read', quantity: 200, price: '1.25', per: 1_000_000, amount: '0.00025' }),
        ]),
      },
    })
    expect((body.rate_cards as unknown[]).length).toBeGreaterThan(0)
    expect(server.services.committer.head()).toBe(0)
  })

  it('reads a recorded stream', async () => {
    const stream = [
      'data: {"id":"x","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}',
      'data: {"id":"x","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}',
      'data: [DONE]',
      '',
    ].join('\n\n')
    const { body } = await server.send('POST', '/v1/finops/price', {
      provider: 'openai',
      response_text: stream,
      content_type: 'text/event-stream',
    })
    expect(body).toMatchObject({ charge: { status: 'exact', cost: '0.0075' } })
  })

  it('shows a stated cost beside the computed one', async () => {
    const { body } = await server.send('POST', '/v1/finops/price', {
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 500,
      cost_usd: '0.008',
    })
    expect(body).toMatchObject({ charge: { status: 'attested', cost: '0.008', attested: { computed: '0.0075', variance: '0.0005' } } })
  })
})

describe('an estimate', () => {
  const estimate = (body: object): Promise<Answer> => server.send('POST', '/v1/finops/estimate', body)

  it('says what a call will cost and the most it can cost, and posts nothing', async () => {
    const { body } = await estimate({
      model: 'claude-opus-4-5',
      input_tokens: 1_000_000,
      cache_read_tokens: 1_000_000,
      max_output_tokens: 0,
    })
    expect(body).toMatchObject({ provider: 'anthropic', expected: { status: 'exact', cost: '0.5' }, worst_case: '10', worst_case_usd: 10 })
    expect((body.rate_cards as unknown[]).length).toBeGreaterThan(0)
    expect(server.services.committer.head()).toBe(0)
  })

  it('takes the tier, and the rates of the organization', async () => {
    const call = { model: 'gpt-4o', input_tokens: 1_000_000, max_output_tokens: 100_000 }
    expect((await estimate(call)).body).toMatchObject({ expected: { cost: '3.5' }, worst_case: '3.5' })
    expect((await estimate({ ...call, service_tier: 'batch' })).body).toMatchObject({ expected: { cost: '1.75' } })
    await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'gpt-4o', input_per_1m: '2', output_per_1m: '8' })
    expect((await estimate({ ...call, organization_id: 'acme' })).body).toMatchObject({ expected: { cost: '2.8' }, worst_case: '2.8' })
    expect((await estimate(call)).body).toMatchObject({ expected: { cost: '3.5' } })
  })

  it('is unknown for a model that nothing prices, never zero', async () => {
    const { body } = await estimate({ model: 'my-own-model-7', input_tokens: 10, max_output_tokens: 10 })
    expect(body).toMatchObject({ provider: null, expected: { status: 'unpriced', cost: null }, worst_case: null, worst_case_usd: null })
    const priced = await server.send('POST', '/v1/finops/price', { model: 'my-own-model-7', input_tokens: 10 })
    expect(priced.body).toMatchObject({ usage: { seller: null }, charge: { status: 'unpriced' } })
  })

  it('is refused when more is read from the cache than goes in', async () => {
    const { status, body } = await estimate({ model: 'gpt-4o', input_tokens: 1, cache_read_tokens: 2, max_output_tokens: 0 })
    expect([status, body.code, body.path]).toEqual([400, 'invalid_field', '/cache_read_tokens'])
  })
})

describe('exchange rates', () => {
  it('price rates in another currency from their day on; a correction outranks the first', async () => {
    await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'house-model', currency: 'EUR', input_per_1m: '1' })
    const call = { model: 'house-model', output_tokens: undefined }
    expect((await track(call)).body.cost).toBeNull()
    await server.send('PUT', '/v1/finops/fx', { currency: 'EUR', usd_per_unit: '1.08', as_of: '2026-11-20', source: 'ECB' })
    expect((await track(call)).body.cost).toBe('1.08')
    await server.send('PUT', '/v1/finops/fx', { currency: 'EUR', usd_per_unit: 1.1, as_of: '2026-11-20' })
    expect((await track(call)).body.cost).toBe('1.1')
    expect((await server.send('GET', '/v1/finops/fx?currency=EUR')).body.rates).toEqual([
      { currency: 'EUR', usd_per_unit: '1.1', as_of: '2026-11-20', source: 'set by local' },
    ])
  })
})

describe('pricing posted calls again', () => {
  it('posts adjustments for what differs, once, and keeps the posted call as it was', async () => {
    await track({ call_id: 'dear' })
    await track({ call_id: 'unknown', model: 'house-model' })
    await track({ call_id: 'stated', cost_usd: '3' })
    const first = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme' })
    expect(first.body).toMatchObject({ examined: 3, adjusted: 0, unchanged: 1, still_unpriced: 1, skipped_attested: 1, difference: '0' })

    now += 1_000
    await server.send('PUT', '/v1/finops/rates', {
      organization_id: 'acme',
      model: 'gpt-4o',
      input_per_1m: '2',
      output_per_1m: '8',
      valid_from: '2026-11-01',
    })
    await server.send('PUT', '/v1/finops/rates', {
      organization_id: 'acme',
      model: 'house-model',
      input_per_1m: '1',
      output_per_1m: '1',
      valid_from: '2026-11-01',
    })
    const dry = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme', dry_run: true })
    expect(dry.body).toMatchObject({ adjusted: 2, difference: '0.5', dry_run: true })
    const real = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme', reason: 'contract 18' })
    expect(real.body).toMatchObject({ adjusted: 2, difference: '0.5', difference_usd: 0.5 })
    const again = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme' })
    expect(again.body).toMatchObject({ adjusted: 0, difference: '0' })

    const explained = await server.send('GET', '/v1/finops/calls/dear')
    expect(explained.body).toMatchObject({
      cost: '2',
      adjustments: [{ delta: '-0.5', cost_after: '2', reason: 'contract 18' }],
      transfers: [{ amount: '2.5' }],
    })
    const models = await server.send('GET', '/v1/finops/analytics/models?organization_id=acme')
    expect(models.body).toMatchObject({ total_cost_exact: '6', unpriced_calls: 0 })
    expect((await server.send('POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
  })

  it('is limited by time and filter', async () => {
    await track({ call_id: 'a', timestamp: '2026-11-01T00:00:00Z' })
    await track({ call_id: 'b', timestamp: '2026-11-10T00:00:00Z' })
    const { body } = await server.send('POST', '/v1/finops/reprice', { organization_id: 'acme', from: '2026-11-05', to: '2026-11-10' })
    expect(body.examined).toBe(0)
    const upTo = await server.send('POST', '/v1/finops/reprice', {
      organization_id: 'acme',
      from: '2026-11-10',
      to: '2026-11-11',
      model: 'gpt-4o',
    })
    expect(upTo.body.examined).toBe(1)
  })

  it('goes by the time that a call states, not by that of its hold', async () => {
    const held = { organization_id: 'acme', call_id: 'held', model: 'gpt-4o', input_tokens: 10, max_output_tokens: 10 }
    expect((await server.send('POST', '/v1/finops/calls/authorize', held)).status).toBe(200)
    await track({ call_id: 'held', timestamp: '2026-11-01T00:00:00Z' })
    const examined = async (from: string, to?: string): Promise<unknown> => {
      const { body } = await server.send('POST', '/v1/finops/reprice', {
        organization_id: 'acme',
        from,
        ...(to === undefined ? {} : { to }),
      })
      return body.examined
    }
    expect([await examined('2026-11-01', '2026-11-02'), await examined('2026-11-02')]).toEqual([1, 0])
  })
})
