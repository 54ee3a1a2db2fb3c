import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const SECRET = 'operators-own-secret-0123456789'
const NOW = Date.parse('2026-02-28T20:00:00Z')
const ACME = { company_name: 'Acme AI', monthly_budget: 500, alert_threshold_pct: 80 }
const bearer = (secret: unknown): Record<string, string> => ({ authorization: `Bearer ${String(secret)}` })

let server: TestServer
afterEach(() => server.close())
const register = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  server.send('POST', '/api/finops/register', body, headers)

describe('registering where keys are needed', () => {
  beforeEach(async () => {
    server = await testServer({ auth: 'required', adminKey: SECRET, now: () => NOW })
  })
  const admin = bearer(SECRET)
  const budgets = async () => server.services.ledger.budgets('acme')

  it('takes a key that may manage, and gives one that may report and read for its organization only', async () => {
    expect((await register(ACME)).status).toBe(401)
    const { body } = await register({ ...ACME, organization_id: 'acme' }, admin)
    expect(body).toMatchObject({ ok: true, customer: { organization_id: 'acme', monthly_budget: 500 } })
    expect(body.api_key).toMatch(/^finops_/)
    const own = bearer(body.api_key)
    expect((await register(ACME, own)).status).toBe(403)
    const report = { date: '2026-02-28', total_tokens: 1, total_cost: 1, total_requests: 1 }
    expect((await server.send('POST', '/api/finops/daily-report', report, own)).status).toBe(200)
    expect((await server.send('GET', '/api/finops/dashboard', undefined, own)).body).toMatchObject({ summary: { total_cost: 1 } })
    expect((await server.send('GET', '/api/finops/dashboard?organization_id=b', undefined, own)).status).toBe(403)
    expect((await server.send('POST', '/api/finops/daily-report', { ...report, organization_id: 'b' }, own)).status).toBe(403)
    expect((await server.send('GET', '/api/finops/dashboard?organization_id=b', undefined, admin)).body).toMatchObject({
      summary: { total_cost: 0, report_count: 0 },
    })
  })

  it('again changes what is said, and makes another key only when asked', async () => {
    const first = await register({ ...ACME, email: 'a@example.com', organization_id: 'acme' }, admin)
    const [before] = await budgets()
    const again = await register({ ...ACME, organization_id: 'acme' }, admin)
    expect(again.body).toMatchObject({ api_key: null, key_id: null, customer: { email: 'a@example.com' }, budget_id: before?.id })
    const changed = await register({ company_name: 'Acme', alert_threshold_pct: 50, new_key: true, organization_id: 'acme' }, admin)
    expect(changed.body).toMatchObject({
      customer: { id: (first.body.customer as { id: string }).id, company_name: 'Acme', monthly_budget: 500, alert_threshold_pct: 50 },
    })
    expect(changed.body.api_key).toMatch(/^finops_/)
    expect(changed.body.api_key).not.toBe(first.body.api_key)
    for (const key of [first, changed]) {
      expect((await server.send('GET', '/api/finops/alerts', undefined, bearer(key.body.api_key))).status).toBe(200)
    }
    const trail = (await server.services.audits.auditTrail('acme', 0, 100)).map(({ action }) => action)
    expect(trail).toEqual(['set_budget', 'create_key', 'daily_register', 'set_budget', 'create_key', 'daily_register'])
  })

  it('makes a soft budget of the ledger, and leaves others as they are', async () => {
    const hard = { organization_id: 'acme', dimension: 'organization', value: 'acme', period: 'month', limit_usd: '900', mode: 'hard' }
    await server.send('PUT', '/v1/finops/budgets', hard, admin)
    await register({ ...ACME, organization_id: 'acme' }, admin)
    const shown = async () =>
      (await budgets()).map(({ mode, limit, thresholds, zone }) => [mode, Number(limit / 10n ** 12n), thresholds, zone])
    expect(await shown()).toEqual([
      ['hard', 900, [75, 90, 100], 'UTC'],
      ['soft', 500, [80, 100], 'UTC'],
    ])
    await register({ ...ACME, monthly_budget: 600, zone: 'Europe/Berlin', organization_id: 'acme' }, admin)
    expect(await shown()).toEqual([
      ['hard', 900, [75, 90, 100], 'UTC'],
      ['soft', 600, [80, 100], 'Europe/Berlin'],
    ])
    const without = await register({ ...ACME, monthly_budget: null, organization_id: 'acme' }, admin)
    expect(without.body).toMatchObject({ budget_id: null, customer: { monthly_budget: null } })
    expect(await shown()).toHaveLength(1)
  })

  it('keeps reports of agents beside each other', async () => {
    const key = async (agent: string): Promise<Record<string, string>> => {
      const made = await server.send('POST', '/v1/finops/keys', { name: agent, agent, organization_id: 'acme' }, admin)
      return bearer(made.body.secret)
    }
    const report = { date: '2026-02-28', total_tokens: 1, total_cost: 2, total_requests: 1 }
    const [a, b] = [await key('a'), await key('b')]
    for (const own of [a, b, a]) expect((await server.send('POST', '/api/finops/daily-report', report, own)).status).toBe(200)
    expect((await server.send('POST', '/api/finops/daily-report', { ...report, source: 'b' }, a)).body).toMatchObject({
      code: 'forbidden',
      path: '/source',
    })
    expect((await server.send('GET', '/api/finops/dashboard?organization_id=acme', undefined, admin)).body).toMatchObject({
      summary: { total_cost: 4, report_count: 2 },
    })
  })

  it.each([
    [{ monthly_budget: 500 }, 'missing_field', '/company_name'],
    [{ ...ACME, monthly_budget: 0 }, 'invalid_field', '/monthly_budget'],
    [{ ...ACME, monthly_budget: 1e-15 }, 'invalid_field', '/monthly_budget'],
    [{ ...ACME, monthly_budget: '500' }, 'invalid_field', '/monthly_budget'],
    [{ ...ACME, alert_threshold_pct: 0 }, 'invalid_field', '/alert_threshold_pct'],
    [{ ...ACME, alert_threshold_pct: 101 }, 'invalid_field', '/alert_threshold_pct'],
    [{ ...ACME, alert_threshold_pct: 80.5 }, 'invalid_field', '/alert_threshold_pct'],
    [{ ...ACME, email: 'nobody' }, 'invalid_field', '/email'],
    [{ ...ACME, zone: 'Mars/Olympus' }, 'invalid_period', '/zone'],
  ])('refuses %j, and then there is nothing', async (body, code, path) => {
    expect((await register({ organization_id: 'acme', ...body }, admin)).body).toMatchObject({ code, path })
    expect(await budgets()).toEqual([])
    expect(await server.services.keys.keys('acme')).toEqual([])
    expect(await server.services.documents.documents('acme', { kind: 'daily_registration' })).toEqual([])
  })
})

describe('registering on a local server', () => {
  it('needs no key, gives one that knows its organization, and leaves the server open', async () => {
    server = await testServer({ now: () => NOW })
    const { body } = await register({ ...ACME, organization_id: 'acme' })
    expect(body.api_key).toMatch(/^finops_/)
    expect(body.admin_secret).toBeUndefined()
    const own = await server.send('GET', '/api/finops/dashboard', undefined, bearer(body.api_key))
    expect(own.body).toMatchObject({ customer: { organization_id: 'acme' } })
    expect((await server.send('GET', '/api/finops/dashboard')).body).toMatchObject({ customer: { organization_id: 'default' } })
  })
})
