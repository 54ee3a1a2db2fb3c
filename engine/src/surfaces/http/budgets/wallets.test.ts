import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await testServer()
})
afterEach(() => server.close())

function post(path: string, body: object) {
  return server.send('POST', `/v1/finops/${path}`, body)
}

async function told(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const { status, text, body } = await answer
  expect([200, 201], text).toContain(status)
  return body as Record<string, unknown>
}

function open(agent_name: string, opening_usd = '0') {
  return told(server.send('PUT', '/v1/finops/wallets', { agent_name, opening_usd }))
}

async function available(agent: string): Promise<unknown> {
  return (await told(server.send('GET', `/v1/finops/wallets/${agent}`))).available_usd
}

describe('wallets over HTTP', () => {
  it('opens once, takes money in and out, and says what there is', async () => {
    expect(await open('a', '10')).toMatchObject({ wallet_id: 'wallet:a', balance_usd: '10', existed: false })
    expect(await open('a', '99')).toMatchObject({ balance_usd: '10', existed: true })
    const deposit = await told(post('wallets/a/deposit', { amount_usd: '5.5', transfer_id: 't1', memo: 'for March' }))
    expect(deposit).toMatchObject({ transfer_id: 't1', amount_usd: '5.5', wallet: { balance_usd: '15.5' }, replayed: false })
    expect(await told(post('wallets/a/deposit', { amount_usd: 5.5, transfer_id: 't1', memo: 'for March' }))).toMatchObject({
      replayed: true,
    })
    expect((await post('wallets/a/deposit', { amount_usd: '6', transfer_id: 't1', memo: 'for March' })).body).toMatchObject({
      status: 409,
      code: 'id_reused',
      path: '/amount',
    })
    expect(await told(post('wallets/a/withdraw', { amount_usd: '15' }))).toMatchObject({ wallet: { balance_usd: '0.5' } })
    expect((await post('wallets/a/withdraw', { amount_usd: '0.500000000001' })).body).toMatchObject({
      status: 402,
      code: 'insufficient_funds',
    })
    expect(await told(server.send('GET', '/v1/finops/wallets'))).toMatchObject({ wallets: [{ agent_name: 'a', balance_usd: '0.5' }] })
  })

  it.each([
    ['0', 'invalid_field'],
    ['-1', 'invalid_field'],
    ['1e3', 'invalid_field'],
    ['0.0000000000001', 'invalid_field'],
    ['NaN', 'invalid_field'],
    ['999999999999999999', 'invalid_field'],
  ])('refuses to move %s', async (amount_usd, code) => {
    await open('a', '1')
    expect((await post('wallets/a/deposit', { amount_usd })).body).toMatchObject({ status: 400, code, path: '/amount_usd' })
    expect(await available('a')).toBe('1')
  })

  it('pays the calls of its agent, and refuses with 402 what it cannot pay', async () => {
    await open('a', '0.01')
    const ask = { agent_name: 'a', model: 'gpt-4o', input_tokens: 1_000, max_output_tokens: 500 }
    expect(await told(post('calls/authorize', { ...ask, call_id: 'c1' }))).toMatchObject({ held_usd: '0.0075' })
    expect(await available('a')).toBe('0.0025')
    const refused = await post('calls/authorize', { ...ask, call_id: 'c2' })
    expect(refused.body).toMatchObject({
      status: 402,
      code: 'budget_exceeded',
      most_that_fits_usd: '0.0025',
      refused_by: [{ dimension: 'wallet', value: 'a', balance_usd: '0.01', held_usd: '0.0075', requested_usd: '0.0075' }],
      cheaper_models: [{ model: 'gpt-4o-mini' }],
    })
    await told(post('calls/c1/settle', { model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 }))
    expect(await available('a')).toBe('0.0065')
    expect(await told(server.send('POST', '/v1/finops/verify', {}))).toMatchObject({ ok: true })
  })

  it('lets one agent buy of another, by escrow, in part and whole', async () => {
    await open('buyer', '10')
    await open('seller')
    const escrow = await told(post('escrows', { payer: 'buyer', payee: 'seller', amount_usd: '4', memo: 'a summary' }))
    expect(escrow).toMatchObject({ status: 'open', amount_usd: '4', paid_usd: null })
    expect(await available('buyer')).toBe('6')
    expect(await told(post(`escrows/${escrow.escrow_id}/release`, { amount_usd: '3' }))).toMatchObject({
      status: 'split',
      paid_usd: '3',
      refunded_usd: '1',
    })
    expect((await post(`escrows/${escrow.escrow_id}/refund`, {})).body).toMatchObject({ status: 409, code: 'already_ended' })
    expect((await post(`escrows/${escrow.escrow_id}/release`, { amount_usd: '5' })).body).toMatchObject({ status: 409 })
    await told(post('wallets/buyer/pay', { to_agent: 'seller', amount_usd: '1' }))
    await told(post('wallets/seller/earn', { amount_usd: '2' }))
    await told(post('calls/track', { agent_name: 'seller', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 500 }))
    expect(await told(server.send('GET', '/v1/finops/wallets/seller/profit'))).toMatchObject({
      revenue_usd: '6',
      calls_usd: '0.0075',
      purchases_usd: '0',
      profit_usd: '5.9925',
      margin_pct: 99.88,
      calls: 1,
    })
    expect(await told(server.send('GET', '/v1/finops/wallets/buyer/profit'))).toMatchObject({
      revenue_usd: '0',
      purchases_usd: '4',
      profit_usd: '-4',
      margin_pct: null,
    })
    const statement = await told(server.send('GET', '/v1/finops/wallets/buyer/statement'))
    const lines = (statement.lines as { type: string; amount_usd: string }[]).map(({ type, amount_usd }) => `${type} ${amount_usd}`)
    expect(lines).toEqual(['open 10', 'escrow_open -4', 'escrow_refund 1', 'pay -1'])
  })

  it('publishes services, finds the cheapest, and keeps figures', async () => {
    await open('buyer', '1')
    await open('seller')
    const dear = await told(
      server.send('PUT', '/v1/finops/services', { agent_name: 'seller', name: 'Climate summaries', price_usd: '0.5', tags: ['text'] }),
    )
    await told(
      server.send('PUT', '/v1/finops/services', { agent_name: 'buyer', name: 'Summaries', description: 'climate', price_usd: '0.2' }),
    )
    const found = await told(server.send('GET', '/v1/finops/services?query=CLIMATE%20summaries'))
    expect((found.services as { name: string }[]).map(({ name }) => name)).toEqual(['Summaries', 'Climate summaries'])
    await told(post(`services/${dear.service_id}/withdraw`, {}))
    expect(await told(server.send('GET', '/v1/finops/services?query=climate'))).toMatchObject({ total: 1 })
    const { escrow_id } = await told(post('escrows', { payer: 'buyer', payee: 'seller', amount_usd: '1' }))
    const metrics = { agent_name: 'seller', metrics: { accuracy: 0.9 }, escrow_id, metrics_id: 'm1' }
    expect(await told(post('metrics', metrics))).toMatchObject({ metrics_id: 'm1', replayed: false })
    expect(await told(post('metrics', metrics))).toMatchObject({ replayed: true })
    expect((await post('metrics', { ...metrics, metrics: { accuracy: 1 } })).body).toMatchObject({ status: 409, path: '/metrics' })
    expect((await post('metrics', { agent_name: 'buyer', metrics: { accuracy: 1 }, escrow_id })).status).toBe(404)
    await told(post('metrics', { agent_name: 'seller', metrics: { accuracy: 0.8 } }))
    const { agents } = await told(server.send('GET', '/v1/finops/metrics'))
    expect(agents).toMatchObject([{ agent_name: 'seller', reports: 2 }])
  })

  it('knows no wallet of another agent or organization for a key that is bound', async () => {
    await open('a', '10')
    await open('b', '10')
    const keys = '/v1/finops/keys'
    const first = await told(server.send('POST', keys, { name: 'a', organization_id: 'default', agent: 'a' }))
    const other = await told(
      server.send('POST', keys, { name: 'x', organization_id: 'elsewhere' }, { authorization: `Bearer ${first.admin_secret}` }),
    )
    const asA = { authorization: `Bearer ${first.secret}` }
    const asOther = { authorization: `Bearer ${other.secret}` }
    expect(await told(server.send('GET', '/v1/finops/wallets/a', undefined, asA))).toMatchObject({ balance_usd: '10' })
    expect((await server.send('GET', '/v1/finops/wallets/b', undefined, asA)).status).toBe(404)
    expect((await server.send('POST', '/v1/finops/wallets/b/fund', { to_agent: 'a', amount_usd: '1' }, asA)).status).toBe(404)
    expect((await server.send('POST', '/v1/finops/wallets/a/deposit', { amount_usd: '1' }, asA)).status).toBe(403)
    expect((await server.send('GET', '/v1/finops/wallets/a', undefined, asOther)).status).toBe(404)
    expect(await told(server.send('POST', '/v1/finops/wallets/a/fund', { to_agent: 'b', amount_usd: '1' }, asA))).toMatchObject({
      wallet: { balance_usd: '9' },
    })
  })
})
