import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { METERED_TOOLS } from '@purser/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { buildCatalog, bundledCatalogFiles } from '../../../pricing/index.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const ADMIN = 'operators-own-secret-0123456789'
const AUTH = { authorization: `Bearer ${ADMIN}` }
let server: TestServer

beforeAll(async () => {
  server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => NOW })
})
afterAll(() => server.close())

const use = (tool: string, input: object = {}, headers: Record<string, string> = AUTH): Promise<Answer> =>
  server.send('POST', '/v1', { tool, input }, { ...headers })
async function wallet(agentId: string, amount: string): Promise<void> {
  expect((await use('create_wallet', { agent_id: agentId })).status).toBe(200)
  expect((await use('deposit', { agent_id: agentId, amount })).status).toBe(200)
}

describe('wallets', () => {
  it('are opened once, with nothing in them, and found again', async () => {
    const first = await use('create_wallet', { agent_id: 'w1' })
    expect(first.body).toMatchObject({ agent_id: 'w1', wallet_id: 'wallet:w1', balance: '0', held: '0', currency: 'USD', existed: false })
    const again = await use('create_wallet', { agent_id: 'w1' })
    expect([again.status, again.body.wallet_id, again.body.existed]).toEqual([200, 'wallet:w1', true])
  })

  it('take deposits as Python prints them, once per id', async () => {
    await use('create_wallet', { agent_id: 'w2' })
    expect((await use('deposit', { agent_id: 'w2', amount: '100.0' })).body).toMatchObject({ amount: '100', balance: '100' })
    const rounded = await use('deposit', { agent_id: 'w2', amount: '14.999999999999998' })
    expect(rounded.body).toMatchObject({ amount: '15', balance: '115', rounded_from: { amount: '14.999999999999998' } })
    const once = { agent_id: 'w2', amount: '5', deposit_id: 'd1' }
    expect((await use('deposit', once)).body).toMatchObject({ deposit_id: 'd1', balance: '120', replayed: false })
    expect((await use('deposit', once)).body).toMatchObject({ deposit_id: 'd1', balance: '120', replayed: true })
    const header = await use('deposit', { agent_id: 'w2', amount: '5' }, { ...AUTH, 'idempotency-key': 'd1' })
    expect(header.body).toMatchObject({ replayed: true, balance: '120' })
    const other = await use('deposit', { ...once, amount: '6' })
    expect([other.status, other.body.code, other.body.path]).toEqual([409, 'id_reused', '/input/amount'])
    expect((await use('get_balance', { agent_id: 'w2' })).body).toMatchObject({ balance: '120', available: '120' })
  })

  it('refuse amounts that are none, and agents without a wallet', async () => {
    await use('create_wallet', { agent_id: 'w3' })
    for (const amount of ['0', '0.00', '-5', 'nan', 'inf', '1e-13', '1e12', '', 'ten', 1e-13]) {
      const refused = await use('deposit', { agent_id: 'w3', amount })
      expect([refused.status, refused.body.code, refused.body.path], String(amount)).toEqual([400, 'invalid_field', '/input/amount'])
    }
    expect((await use('get_balance', { agent_id: 'w3' })).body.balance).toBe('0')
    for (const [tool, input] of [
      ['get_balance', {}],
      ['deposit', { amount: '1' }],
      ['create_escrow', { amount: '1', payee: 'w3' }],
    ] as const) {
      const refused = await use(tool, { agent_id: 'without', ...input })
      expect([refused.status, refused.body.code, refused.body.path], tool).toEqual([404, 'not_found', '/input/agent_id'])
    }
  })

  it('pay the calls of their agent, and limit what it may still spend', async () => {
    await wallet('w4', '0.02')
    const call = { agent_id: 'w4', model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 1000 }
    const held = await use('authorize_call', call)
    expect(held.status, held.text).toBe(200)
    const allowance = await use('get_spending_allowance', { agent_id: 'w4' })
    expect(allowance.body).toMatchObject({
      may_spend_usd: '0.0075',
      limited_by: 'the wallet of "w4" holds $0.0075 that is not held for other calls',
    })
    const refused = await use('authorize_call', call)
    expect([refused.status, refused.body.code]).toEqual([402, 'budget_exceeded'])
    await use('settle_call', { agent_id: 'w4', call_id: held.body.call_id, model: 'gpt-4o', input_tokens: 1000, output_tokens: 100 })
    expect((await use('get_balance', { agent_id: 'w4' })).body).toMatchObject({ balance: '0.0165', held: '0', available: '0.0165' })
  })
})

describe('escrows', () => {
  it('leave the payer at once, and reach the payee when they are released; the rest goes back', async () => {
    await wallet('payer', '100')
    await use('create_wallet', { agent_id: 'payee' })
    const opened = await use('create_escrow', { agent_id: 'payer', amount: '25.00', payee: 'payee', memo: 'summaries' })
    expect(opened.body).toMatchObject({ payer: 'payer', payee: 'payee', amount: '25', status: 'open', memo: 'summaries' })
    expect((await use('get_balance', { agent_id: 'payer' })).body.balance).toBe('75')
    const released = await use('release_escrow', { escrow_id: opened.body.escrow_id, amount: '20.0' })
    expect(released.body).toMatchObject({ status: 'split', paid: '20', refunded: '5', replayed: false })
    expect((await use('release_escrow', { escrow_id: opened.body.escrow_id, amount: '20' })).body).toMatchObject({ replayed: true })
    const other = await use('refund_escrow', { escrow_id: opened.body.escrow_id })
    expect([other.status, other.body.code]).toEqual([409, 'already_ended'])
    const balances = await Promise.all(['payer', 'payee'].map((agent_id) => use('get_balance', { agent_id })))
    expect(balances.map(({ body }) => body.balance)).toEqual(['80', '20'])
    const day = { start_date: '2026-11-22', end_date: '2026-11-22' }
    const [spent, earned] = await Promise.all(['payer', 'payee'].map((agent_id) => use('get_usage_analytics', { agent_id, ...day })))
    expect(spent?.body).toMatchObject({ purchases: '20', revenue_earned: '0' })
    expect(earned?.body).toMatchObject({ purchases: '0', revenue_earned: '20' })
  })

  it('are refunded whole, and refused where the wallet does not hold enough', async () => {
    const opened = await use('create_escrow', { agent_id: 'payer', amount: '30', payee: 'payee', escrow_id: 'e1' })
    expect(opened.body.escrow_id).toBe('e1')
    expect((await use('refund_escrow', { escrow_id: 'e1', reason: 'not done' })).body).toMatchObject({ status: 'refunded', refunded: '30' })
    const refused = await use('create_escrow', { agent_id: 'payer', amount: '80.01', payee: 'payee' })
    expect([refused.status, refused.body.code]).toEqual([402, 'insufficient_funds'])
    expect((await use('get_balance', { agent_id: 'payer' })).body.balance).toBe('80')
    const unknown = await use('release_escrow', { escrow_id: 'e-none' })
    expect([unknown.status, unknown.body.path]).toEqual([404, '/input/escrow_id'])
  })
})

describe('services and metrics', () => {
  it('are published, found and priced by name', async () => {
    const offer = { agent_id: 'seller', name: 'summarize_document', price: '0.05', description: 'Summaries of documents', tags: ['text'] }
    const published = await use('publish_service', offer)
    expect(published.body).toMatchObject({ agent_id: 'seller', name: 'summarize_document', price: '0.05' })
    const found = await use('search_services', { agent_id: 'buyer', query: 'document summaries' })
    expect(found.body).toMatchObject({ total: 1, services: [{ service_id: published.body.service_id, price: '0.05' }] })
    expect((await use('search_services', { agent_id: 'buyer', query: 'poetry' })).body).toEqual({ services: [], total: 0 })
    expect((await use('search_services', { agent_id: 'buyer', max_price: '4.9e-2' })).body).toMatchObject({ total: 0 })
    const estimate = await use('estimate_cost', { tool: 'summarize_document' })
    expect(estimate.body).toMatchObject({ estimated_cost: '0.05', status: 'exact', basis: 'the service that seller offers' })
    await use('publish_service', { ...offer, agent_id: 'dearer', price: '0.09' })
    expect((await use('estimate_cost', { tool: 'summarize_document' })).body).toMatchObject({ estimated_cost: '0.09', status: 'estimated' })
  })

  it('keep figures of work, once per id', async () => {
    const report = { agent_id: 'seller', metrics: { accuracy: 0.95 }, metrics_id: 'm1' }
    expect((await use('submit_metrics', report)).body).toMatchObject({ metrics_id: 'm1', metrics: { accuracy: 0.95 }, replayed: false })
    expect((await use('submit_metrics', report)).body).toMatchObject({ replayed: true })
    const empty = await use('submit_metrics', { metrics: {} })
    expect([empty.status, empty.body.path]).toEqual([400, '/input/metrics'])
  })
})

describe('metered tools', () => {
  it('have a price of zero in the catalog, each of them', () => {
    const cards = buildCatalog(bundledCatalogFiles()).book.cards.filter(({ seller }) => seller === 'purser')
    expect(cards.map(({ model }) => model).sort()).toEqual([...METERED_TOOLS].sort())
    expect(cards.every(({ rates }) => rates.length === 1 && rates[0]?.meter === 'request' && rates[0].price === '0')).toBe(true)
  })

  it('are calls of the agent: counted, priced, and failed where they were refused', async () => {
    await use('search_services', { agent_id: 'm1' })
    await use('create_escrow', { agent_id: 'm1', amount: '1', payee: 'nobody' })
    const summary = await use('get_billing_summary', { agent_id: 'm1' })
    expect(summary.body).toMatchObject({ total_cost: '0', total_calls: 2, failed_calls: 1, unpriced_calls: 0 })
    await server.send(
      'PUT',
      '/v1/finops/rates',
      { provider: 'purser', model: 'search_services', rates: [{ meter: 'request', price: '0.1', per: 1 }] },
      AUTH,
    )
    await use('search_services', { agent_id: 'm1' })
    const categories = await use('get_spending_by_category', { agent_id: 'm1' })
    expect(categories.body.categories).toEqual([
      { category: 'search_services', total_cost: 0.1, total_cost_exact: '0.1', call_count: 2, unpriced_calls: 0 },
      { category: 'create_escrow', total_cost: 0, total_cost_exact: '0', call_count: 1, unpriced_calls: 0 },
    ])
  })

  it('cost nothing and are no calls when their input is wrong', async () => {
    expect((await use('search_services', { agent_id: 'm2', limit: 0 })).status).toBe(400)
    expect((await use('get_billing_summary', { agent_id: 'm2' })).body.total_calls).toBe(0)
  })

  it('stop at the cap: as many as fit, however many come at once, and no pico more', async () => {
    await use('set_budget_cap', { agent_id: 'm3', daily_limit: '1.00' })
    const answers = await Promise.all(Array.from({ length: 40 }, () => use('search_services', { agent_id: 'm3' })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(30)
    const status = await use('get_budget_status', { agent_id: 'm3' })
    expect(status.body).toMatchObject({ spent_today: '1', remaining_daily: '0', held: '0', exhausted: true })
  })

  it('are refused once a cap is used up, also where they are free; tools that read go on', async () => {
    await use('set_budget_cap', { agent_id: 'm4', daily_limit: '0.5', monthly_limit: '0.5' })
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'm4', model: 'm', cost_usd: '0.5' }, AUTH)
    for (const [tool, input] of [
      ['submit_metrics', { metrics: { a: 1 } }],
      ['publish_service', { name: 'x', price: '1' }],
      ['create_escrow', { amount: '1', payee: 'payee' }],
      ['search_services', {}],
    ] as const) {
      const refused = await use(tool, { agent_id: 'm4', ...input })
      expect([refused.status, refused.body.code], tool).toEqual([402, 'budget_exceeded'])
      expect(refused.body.detail).toBe(
        `the budget of $0.5 a month for agent "m4" is used up: $0.5 is spent and $0 held; it resets at 2026-12-01T00:00:00.000Z. ${tool} was not used`,
      )
      expect(refused.body.refused_by).toMatchObject([{ dimension: 'agent', value: 'm4', limit_usd: '0.5', spent_usd: '0.5' }])
    }
    for (const tool of [
      'get_budget_status',
      'get_billing_summary',
      'get_spending_allowance',
      'get_volume_discount',
      'get_platform_stats',
    ]) {
      const input = tool === 'get_platform_stats' ? {} : { agent_id: 'm4' }
      expect((await use(tool, input)).status, tool).toBe(200)
    }
    expect((await use('get_billing_summary', { agent_id: 'm4' })).body.total_calls).toBe(1)
    await use('set_budget_cap', { agent_id: 'm4', daily_limit: '0.6', monthly_limit: '1' })
    expect((await use('submit_metrics', { agent_id: 'm4', metrics: { a: 1 } })).status).toBe(200)
  })

  it('are watched by breakers like any call: a loop of the same request is stopped, and an agent that was stopped stays stopped', async () => {
    const rule = {
      dimension: 'agent',
      value: 'm5',
      measure: 'repeats',
      limit: 3,
      window_seconds: 60,
      action: 'block',
      cooldown_seconds: 60,
    }
    expect((await server.send('PUT', '/v1/finops/breakers', rule, AUTH)).status).toBe(200)
    const loop = await Promise.all(Array.from({ length: 5 }, () => use('search_services', { agent_id: 'm5', query: 'again' })))
    expect(loop.map(({ status }) => status).sort()).toEqual([200, 200, 200, 403, 403])
    expect(loop.find(({ status }) => status === 403)?.body.code).toBe('breaker_open')
    const stopped = await server.send('POST', '/v1/finops/agents/m6/stop', { reason: 'test' }, AUTH)
    expect(stopped.status, stopped.text).toBe(200)
    const refused = await use('search_services', { agent_id: 'm6' })
    expect([refused.status, refused.body.code]).toEqual([403, 'agent_stopped'])
    expect((await use('get_budget_status', { agent_id: 'm6' })).status).toBe(200)
  })

  it('are the same requests after a restart: a loop goes on being one', async () => {
    const data = mkdtempSync(join(tmpdir(), 'purser-tools-'))
    try {
      const seen: number[] = []
      for (const restarted of [false, true]) {
        const own = await testServer({ data, now: () => NOW })
        const rule = { dimension: 'agent', measure: 'repeats', limit: 2, window_seconds: 60, action: 'block', cooldown_seconds: 60 }
        if (!restarted) expect((await own.send('PUT', '/v1/finops/breakers', rule)).status).toBe(200)
        for (const query of restarted ? ['again', 'again', 'other'] : ['again']) {
          seen.push((await own.send('POST', '/v1', { tool: 'search_services', input: { agent_id: 'a', query } })).status)
        }
        await own.close()
      }
      expect(seen).toEqual([200, 200, 403, 200])
    } finally {
      rmSync(data, { recursive: true })
    }
  })

  it('leave books that agree', async () => {
    expect((await server.send('POST', '/v1/finops/verify', {}, AUTH)).body).toMatchObject({ ok: true, differences: [] })
  })
})

describe('the sandbox', () => {
  it('gives every agent 500 credits, with its wallet or as soon as it is asked for', async () => {
    const sandbox = await testServer({ now: () => NOW })
    try {
      const ask = (tool: string, input: object = {}) => sandbox.send('POST', '/v1', { tool, input })
      expect((await ask('create_wallet')).body).toMatchObject({ agent_id: 'default', balance: '500', existed: false })
      expect((await ask('create_wallet')).body).toMatchObject({ balance: '500', existed: true })
      expect((await ask('get_balance', { agent_id: 'a' })).body).toMatchObject({ balance: '500' })
      expect((await ask('deposit', { agent_id: 'b', amount: '1.5' })).body).toMatchObject({ balance: '501.5' })
      expect((await ask('create_escrow', { agent_id: 'c', amount: '25.00', payee: 'd' })).body).toMatchObject({ status: 'open' })
      expect((await ask('get_balance', { agent_id: 'c' })).body).toMatchObject({ balance: '475' })
      expect((await sandbox.send('POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
    } finally {
      await sandbox.close()
    }
  })
})
