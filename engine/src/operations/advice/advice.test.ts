import { afterEach, expect, it } from 'vitest'
import { type Body, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
afterEach(() => server.close())

const NOW = Date.parse('2026-11-22T12:00:00Z')
const DAY = 86_400_000

async function start(): Promise<{ pass(days: number): void }> {
  let now = NOW
  server = await testServer({ now: () => now })
  return {
    pass: (days) => {
      now += days * DAY
    },
  }
}

const report = (times: number, said: object) =>
  server.send('POST', '/v1/finops/calls/batch', {
    calls: Array.from({ length: times }, () => ({
      agent_name: 'Analyzer',
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 500,
      user_id: 'u',
      ...said,
    })),
  })
const opportunities = async (): Promise<Body[]> =>
  (await server.send('GET', '/v1/finops/optimization/opportunities?period=30d')).body.opportunities as Body[]
const decide = (id: string, said: object) => server.send('PUT', `/v1/finops/optimization/opportunities/${encodeURIComponent(id)}`, said)
const ID = 'expensive_agent:Analyzer'

it('carries saving with range, assumption and risk, and is open until somebody decides', async () => {
  await start()
  await report(30, { timestamp: '2026-11-20T00:00:00Z' })
  const found = (await opportunities()).find(({ id }) => id === ID)
  expect(found).toMatchObject({
    state: 'open',
    potential_savings_exact: '0.2115',
    savings_range: { low_usd: '0.2115', high_usd: '0.2115', from_to: expect.stringContaining('small calls') },
    risk: { level: 'medium' },
  })
})

it('is decided on, dismissed from list and totals, taken up again, and audited', async () => {
  await start()
  await report(30, { timestamp: '2026-11-20T00:00:00Z' })
  const total = async () =>
    (await server.send('GET', '/v1/finops/optimization/opportunities?period=30d')).body.total_potential_savings_exact
  expect(await total()).toBe('0.2115')
  const accepted = await decide(ID, { state: 'accepted', note: 'after the evaluation' })
  expect(accepted.status, accepted.text).toBe(200)
  expect(accepted.body).toMatchObject({
    state: 'accepted',
    note: 'after the evaluation',
    claimed: { saving_usd: '0.2115' },
    realised: null,
  })
  expect((await opportunities()).find(({ id }) => id === ID)).toMatchObject({ state: 'accepted' })
  for (const { id } of await opportunities()) expect((await decide(String(id), { state: 'dismissed' })).status).toBe(200)
  expect(await opportunities()).toEqual([])
  expect(await total()).toBe('0')
  expect((await server.send('GET', '/v1/finops/dashboard/overview?period=30d')).body).toMatchObject({
    optimization: { opportunities_count: 0 },
  })
  await decide(ID, { state: 'open' })
  expect((await opportunities()).map(({ id }) => id)).toEqual([ID])
  const { body } = await server.send('GET', '/v1/finops/optimization/advice?state=dismissed')
  expect((body.advice as Body[]).map(({ opportunity_id }) => opportunity_id)).toEqual(['expensive_model:gpt-4o'])
  expect((await server.services.audits.auditTrail('default', 0, 10)).map(({ action }) => action)).toEqual(
    Array.from({ length: 4 }, () => 'decide_advice'),
  )
})

it('measures what it has saved once it is done', async () => {
  const { pass } = await start()
  await report(30, { timestamp: '2026-11-20T00:00:00Z' })
  const done = await decide(ID, { state: 'done' })
  expect(done.body).toMatchObject({
    done_at: '2026-11-22T12:00:00.000Z',
    realised: { saving_usd: null, reason: expect.stringContaining('only 0 calls') },
  })
  expect((await server.send('GET', '/v1/finops/optimization/advice')).body).toMatchObject({ realised_usd: null })
  pass(7)
  await report(40, { model: 'gpt-4o-mini' })
  pass(1)
  // 40 calls at 0.0075 before, at 0.00045 after.
  const { body } = await server.send('GET', '/v1/finops/optimization/advice')
  expect(body).toMatchObject({
    realised_usd: '0.282',
    advice: [
      {
        opportunity_id: ID,
        state: 'done',
        realised: { saving_usd: '0.282', before: { calls: 30, per_call_usd: '0.0075' }, after: { calls: 40, per_call_usd: '0.00045' } },
      },
    ],
  })
  expect((await decide(ID, { state: 'done', note: 'again' })).body).toMatchObject({ done_at: '2026-11-22T12:00:00.000Z' })
})

it.each([
  ['expensive_agent:Nobody', { state: 'accepted' }, 404, '/opportunity_id'],
  [ID, { state: 'maybe' }, 400, '/state'],
  [ID, {}, 400, '/state'],
])('refuses %s with %j', async (id, said, status, path) => {
  await start()
  await report(30, { timestamp: '2026-11-20T00:00:00Z' })
  const refused = await decide(id, said)
  expect([refused.status, refused.body.path], refused.text).toEqual([status, path])
})
