import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const ADMIN = 'operators-own-secret-0123456789'
const ASK = { model: 'gpt-5', input_tokens: 1_000, max_output_tokens: 1_000, call_id: 'c1' }

let server: TestServer
beforeEach(async () => {
  server = await testServer({ auth: 'required', adminKey: ADMIN })
})
afterEach(() => server.close())

const post = (path: string, body: object, secret = ADMIN) =>
  server.send('POST', `/v1/finops/${path}`, body, { authorization: `Bearer ${secret}` })
const set = (path: string, body: object) => server.send('PUT', `/v1/finops/${path}`, body, { authorization: `Bearer ${ADMIN}` })

async function keyOf(of: object): Promise<string> {
  const made = await post('keys', { name: 'k', ...of })
  expect(made.status, made.text).toBe(201)
  return told<{ secret: string }>(made).secret
}

function told<T>({ body }: Answer): T {
  return body as T
}

async function held(): Promise<string | undefined> {
  const answer = await server.send('GET', '/v1/finops/budgets', undefined, { authorization: `Bearer ${ADMIN}` })
  return told<{ budgets: { standings: { held_usd: string }[] }[] }>(answer).budgets[0]?.standings[0]?.held_usd
}

describe('a hold that is extended for more tokens', () => {
  it('is priced at the tier it was asked for', async () => {
    await set('budgets', { dimension: 'organization', period: 'day', limit_usd: '100' })
    const normal = await post('calls/authorize', { ...ASK, call_id: 'normal', max_output_tokens: 2_000 })
    const dear = await post('calls/authorize', { ...ASK, call_id: 'dear', max_output_tokens: 2_000, service_tier: 'priority' })
    const [standard, priority] = [normal, dear].map((answer) => told<{ held_usd: string }>(answer).held_usd)
    expect(Number(priority)).toBeGreaterThan(Number(standard))
    await post('calls/authorize', { ...ASK, service_tier: 'priority' })
    const longer = await post('calls/c1/extend', { max_output_tokens: 2_000 })
    expect(longer.body, longer.text).toMatchObject({ held_usd: priority })
  })

  it('keeps what an earlier extension said: input alone does not take the output back', async () => {
    await set('budgets', { dimension: 'organization', period: 'day', limit_usd: '100' })
    const whole = await post('calls/authorize', { ...ASK, call_id: 'whole', input_tokens: 3_000, max_output_tokens: 9_000 })
    await post('calls/authorize', ASK)
    await post('calls/c1/extend', { max_output_tokens: 9_000 })
    const longer = await post('calls/c1/extend', { input_tokens: 3_000 })
    expect(longer.body, longer.text).toMatchObject({ held_usd: told<{ held_usd: string }>(whole).held_usd })
  })

  it('says another tier or region under the same id: refused', async () => {
    await post('calls/authorize', { ...ASK, service_tier: 'priority', region: 'us' })
    expect((await post('calls/authorize', { ...ASK, service_tier: 'priority', region: 'us' })).body).toMatchObject({ replayed: true })
    const tier = await post('calls/authorize', { ...ASK, region: 'us' })
    expect(tier.body, tier.text).toMatchObject({ code: 'id_reused', path: '/service_tier' })
    const region = await post('calls/authorize', { ...ASK, service_tier: 'priority', region: 'eu' })
    expect(region.body, region.text).toMatchObject({ code: 'id_reused', path: '/region' })
  })

  it('holds the dearest case again where no price is known, not the old amount', async () => {
    await set('budgets', { dimension: 'organization', period: 'day', limit_usd: '1000', unpriced: 'worst_case' })
    const unknown = { ...ASK, model: 'model-nobody-sells' }
    await post('calls/authorize', unknown)
    const before = Number(await held())
    const longer = await post('calls/c1/extend', { input_tokens: 2_000, max_output_tokens: 2_000 })
    expect(longer.body, longer.text).toMatchObject({ held_usd: null })
    expect(Number(await held())).toBeCloseTo(2 * before, 9)
    await post('calls/c1/extend', { ttl_seconds: 900 })
    expect(Number(await held())).toBeCloseTo(2 * before, 9)
    const verified = await post('verify', {})
    expect(verified.body, verified.text).toMatchObject({ ok: true })
  })
})

describe('a key of one agent', () => {
  it("neither extends, gives up nor settles another agent's hold, and does not learn of it", async () => {
    const mine = await keyOf({ organization_id: 'o', agent: 'mine' })
    const other = await keyOf({ organization_id: 'o', agent: 'other' })
    await set('budgets', { organization_id: 'o', dimension: 'agent', period: 'day', limit_usd: '1' })
    expect((await post('calls/authorize', ASK, mine)).status).toBe(200)
    const report = { model: 'gpt-5', input_tokens: 1, output_tokens: 1 }
    const nothing = await post('calls/nothing/extend', {}, other)
    for (const path of ['calls/c1/extend', 'calls/c1/void', 'calls/c1/settle', 'calls/track']) {
      const refused = await post(path, path.endsWith('settle') ? report : path.endsWith('track') ? { ...report, call_id: 'c1' } : {}, other)
      expect([path, refused.status, refused.body.code], refused.text).toEqual([path, 404, 'not_found'])
      expect(String(refused.body.detail).replace('c1', 'nothing')).toBe(nothing.body.detail)
    }
    const batch = await post('calls/batch', { calls: [{ ...report, call_id: 'c1' }, report] }, other)
    expect(batch.body, batch.text).toMatchObject({ accepted: 1, results: [{ index: 0, code: 'not_found' }, { index: 1 }] })
    expect((await post('calls/c1/extend', {}, mine)).status).toBe(200)
    expect((await post('calls/c1/settle', report, mine)).status).toBe(200)
    expect((await post('calls/c1/void', {}, mine)).status).toBe(409)
    expect((await post('calls/c1/void', {}, other)).status).toBe(404)
  })

  it("does not learn of another agent's hold that has ended either, however it ended", async () => {
    const mine = await keyOf({ organization_id: 'o', agent: 'mine' })
    const other = await keyOf({ organization_id: 'o', agent: 'other' })
    const report = { model: 'gpt-5', input_tokens: 1, output_tokens: 1 }
    for (const call_id of ['voided', 'settled', 'voided-and-settled'])
      expect((await post('calls/authorize', { ...ASK, call_id }, mine)).status).toBe(200)
    for (const path of ['calls/voided/void', 'calls/voided-and-settled/void']) expect((await post(path, {}, mine)).status).toBe(200)
    for (const path of ['calls/settled/settle', 'calls/voided-and-settled/settle'])
      expect((await post(path, report, mine)).status).toBe(200)
    const nothing = await post('calls/nothing/void', {}, other)
    for (const call_id of ['voided', 'settled', 'voided-and-settled']) {
      const asked: [string, object][] = [
        [`calls/${call_id}/void`, {}],
        [`calls/${call_id}/extend`, {}],
        [`calls/${call_id}/settle`, report],
        ['calls/track', { ...report, call_id }],
      ]
      for (const [path, body] of asked) {
        const refused = await post(path, body, other)
        expect([path, call_id, refused.status, refused.body.code], refused.text).toEqual([path, call_id, 404, 'not_found'])
        expect(String(refused.body.detail).replace(call_id, 'nothing')).toBe(nothing.body.detail)
      }
      const batch = await post('calls/batch', { calls: [{ ...report, call_id }] }, other)
      expect(batch.body, batch.text).toMatchObject({ accepted: 0, results: [{ index: 0, code: 'not_found' }] })
    }
    // Whose they are hears the truth of each.
    expect((await post('calls/voided/void', {}, mine)).body).toMatchObject({ replayed: true })
    expect((await post('calls/voided/extend', {}, mine)).body).toMatchObject({ code: 'already_ended' })
    expect((await post('calls/settled/settle', report, mine)).body).toMatchObject({ replayed: true })
    expect((await post('calls/voided/settle', report, mine)).body).toMatchObject({ replayed: false })
  })
})

describe('an id that another agent took', () => {
  it('is taken, and that is all a key of one agent hears of it', async () => {
    const mine = await keyOf({ organization_id: 'o', agent: 'mine' })
    const other = await keyOf({ organization_id: 'o', agent: 'other' })
    expect((await post('calls/authorize', ASK, mine)).status).toBe(200)
    expect((await post('calls/authorize', { ...ASK, call_id: 'c2' }, other)).status).toBe(200)
    expect((await post('calls/c1/extend', { extension_id: 'e1' }, mine)).status).toBe(200)
    for (const refused of [await post('calls/authorize', ASK, other), await post('calls/c2/extend', { extension_id: 'e1' }, other)]) {
      expect([refused.status, refused.body.code], refused.text).toEqual([409, 'id_reused'])
      expect(refused.text).not.toMatch(/mine|c1/)
    }
    // A key of the whole organization hears what differs.
    expect((await post('calls/authorize', { ...ASK, organization_id: 'o', agent_name: 'third' })).text).toContain('mine')
  })
})

describe('a key of one organization', () => {
  it('finds nothing of another: 404 for its holds and budgets', async () => {
    const foreign = await keyOf({ organization_id: 'elsewhere', operations: ['report', 'manage'] })
    await post('calls/authorize', { ...ASK, organization_id: 'o' })
    const { budget } = told<{ budget: { budget_id: string } }>(
      await set('budgets', { organization_id: 'o', dimension: 'agent', period: 'day', limit_usd: '1' }),
    )
    for (const path of ['calls/c1/extend', 'calls/c1/void', `budgets/${budget.budget_id}/remove`]) {
      const refused = await post(path, {}, foreign)
      expect([path, refused.status, refused.body.code], refused.text).toEqual([path, 404, 'not_found'])
    }
    // Whoever names the organization hears the same of one that has such a thing and of one that has not.
    const named = await post(`budgets/${budget.budget_id}/remove`, { organization_id: 'o' }, foreign)
    const unnamed = await post('budgets/none/remove', { organization_id: 'o' }, foreign)
    expect([named.status, named.body.detail]).toEqual([unnamed.status, unnamed.body.detail])
  })
})

describe('the answer to an authorized call', () => {
  it('lists every budget that the call counts in, also those that hold nothing for it', async () => {
    await set('budgets', { dimension: 'organization', period: 'day', limit_usd: '1', unpriced: 'allow' })
    await set('budgets', { dimension: 'model', period: 'day', limit_usd: '1', unpriced: 'allow', mode: 'soft' })
    await set('budgets', { dimension: 'run', value: 'top', period: 'total', limit_usd: '1', unpriced: 'allow' })
    await set('budgets', { dimension: 'team', period: 'day', limit_usd: '1' })
    await post('workflows/start', { workflow_id: 'top', workflow_name: 'w' })
    await post('workflows/start', { workflow_id: 'below', workflow_name: 'w', parent_workflow_id: 'top' })
    const answer = await post('calls/authorize', { ...ASK, model: 'model-nobody-sells', workflow_id: 'below' })
    expect(answer.body, answer.text).toMatchObject({
      held_usd: null,
      budgets: [
        { dimension: 'organization', held_usd: '0' },
        { dimension: 'model', value: 'model-nobody-sells' },
        { dimension: 'run', value: 'top' },
      ],
    })
  })
})

describe('how budgets stand in the answer to an authorized call', () => {
  it('is the same when it was just granted and when it is asked for again, of fixed and rolling periods, with a wallet beside them', async () => {
    await set('budgets', { dimension: 'organization', period: 'day', limit_usd: '100' })
    await set('budgets', { dimension: 'organization', period: 'rolling:24h', limit_usd: '50' })
    await set('budgets', { dimension: 'agent', period: 'month', limit_usd: '10', mode: 'soft', unpriced: 'allow' })
    await set('wallets', { agent_name: 'a', opening_usd: '5' })
    await post('calls/track', { agent_name: 'a', model: 'gpt-5', input_tokens: 5_000, output_tokens: 700 })
    await post('calls/authorize', { ...ASK, agent_name: 'a', call_id: 'before' })
    const granted = await post('calls/authorize', { ...ASK, agent_name: 'a' })
    const again = await post('calls/authorize', { ...ASK, agent_name: 'a' })
    expect([granted.body.replayed, again.body.replayed], granted.text).toEqual([false, true])
    const stand = told<{ budgets: { dimension: string; held_usd: string; spent_usd: string }[] }>(granted).budgets
    expect(stand).toEqual(told<{ budgets: unknown }>(again).budgets)
    expect(stand).toHaveLength(3)
    const twice = String((2 * (1_000 * 1.25 + 1_000 * 10)) / 1e6)
    expect(stand.map(({ held_usd }) => held_usd)).toEqual([twice, twice, twice])
    expect(new Set(stand.map(({ spent_usd }) => spent_usd))).toEqual(new Set(['0.01325']))
  })
})

describe('a call that costs more than was held', () => {
  const report = { model: 'gpt-5', input_tokens: 1_000, output_tokens: 2_000 }

  it('is posted in full, and says by how much and why, now, when it is repeated, and when it is explained', async () => {
    await post('calls/authorize', ASK)
    const settled = await post('calls/c1/settle', report)
    const [part] = told<{ overrun: { causes: { detail: string }[] } }>(settled).overrun.causes
    expect(settled.body, settled.text).toMatchObject({
      overrun: { amount_usd: expect.any(String), cause: 'more_output', causes: [{ cause: 'more_output' }] },
    })
    expect(part?.detail).toBe('2000 output tokens; the hold was for 1000')
    const { overrun, cost } = told<{ overrun: { held_usd: string; amount_usd: string }; cost: string }>(settled)
    expect(Number(cost)).toBeCloseTo(Number(overrun.held_usd) + Number(overrun.amount_usd), 12)
    expect((await post('calls/c1/settle', report)).body).toMatchObject({ replayed: true, overrun })
    const explained = await server.send('GET', '/v1/finops/calls/c1', undefined, { authorization: `Bearer ${ADMIN}` })
    expect(explained.body, explained.text).toMatchObject({ hold: { held_usd: overrun.held_usd }, overrun })
  })

  it('says nothing of the kind where the hold was enough, or there was none', async () => {
    await post('calls/authorize', ASK)
    expect((await post('calls/c1/settle', { ...report, output_tokens: 10 })).body).not.toHaveProperty('overrun')
    expect((await post('calls/track', { ...report, call_id: 'c2' })).body).not.toHaveProperty('overrun')
    const explained = await server.send('GET', '/v1/finops/calls/c2', undefined, { authorization: `Bearer ${ADMIN}` })
    expect(explained.body, explained.text).toMatchObject({ hold: null })
    expect(explained.body).not.toHaveProperty('overrun')
  })

  it.each([
    ['a dearer tier', { ...report, output_tokens: 1_000, service_tier: 'priority' }, 'other_tier'],
    ['a tool fee', { ...report, output_tokens: 1_000, web_searches: 5 }, 'unplanned_meter'],
    ['more input', { ...report, input_tokens: 9_000, output_tokens: 1_000 }, 'more_input'],
    ['a dearer model', { ...report, model: 'gpt-5-pro', output_tokens: 1_000 }, 'other_model'],
    ['a cost that its reporter states', { ...report, output_tokens: 1_000, cost_usd: '3' }, 'stated_cost'],
  ])('names %s', async (_, told, cause) => {
    await post('calls/authorize', ASK)
    const settled = await post('calls/c1/settle', told)
    expect(settled.body, settled.text).toMatchObject({ overrun: { cause } })
  })

  it('names a price that rose between', async () => {
    await post('calls/authorize', ASK)
    await set('rates', { organization_id: 'default', model: 'gpt-5', input_per_1m: '100', output_per_1m: '400' })
    const settled = await post('calls/c1/settle', { ...report, output_tokens: 900 })
    expect(settled.body, settled.text).toMatchObject({ overrun: { cause: 'price_changed' } })
  })
})
