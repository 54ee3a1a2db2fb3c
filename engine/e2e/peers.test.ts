import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import peers from '../../conformance/budgets/peers.json' with { type: 'json' }
import { type Answer, type TestServer, testServer } from '../../conformance/http/test-server.ts'
import type { JournalEntry } from '../src/ledger/index.ts'

const ADMIN = 'operators-own-secret-0123456789'
const ASK = { model: 'gpt-4o', input_tokens: 1_000, max_output_tokens: 500, agent_name: 'a' }
const REPORT = { model: 'gpt-4o', input_tokens: 1_000, output_tokens: 500 }
const HOUR_MS = 3_600_000

let server: TestServer
let now = 0
beforeEach(async () => {
  now = Date.UTC(2026, 5, 15, 12)
  server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => now })
})
afterEach(() => server.close())

function send(method: string, path: string, body?: object, secret = ADMIN): Promise<Answer> {
  return server.send(method, `/v1/finops/${path}`, body, { authorization: `Bearer ${secret}` })
}

async function budget(of: object): Promise<void> {
  const set = await send('PUT', 'budgets', { dimension: 'agent', period: 'day', limit_usd: '0.01', ...of })
  expect(set.status, set.text).toBe(200)
}

const authorize = (of: object, secret = ADMIN) => send('POST', 'calls/authorize', { ...ASK, ...of }, secret)

async function standings(): Promise<Record<string, string>[]> {
  const { body } = await send('GET', 'budgets')
  return (body.budgets as { standings: Record<string, string>[] }[]).flatMap((one) => one.standings)
}

async function tellsOf(): Promise<number[]> {
  const entries: JournalEntry[] = await server.services.ledger.read(0, 1_000)
  return entries.flatMap(({ crossed = [] }) => crossed.map(({ threshold }) => threshold))
}

describe('what people complain about elsewhere', () => {
  it('has a test of ours for each complaint that touches budgets', () => {
    for (const { file, test } of peers) {
      const url = new URL(`../../${file}`, import.meta.url)
      expect([file, existsSync(url)]).toEqual([file, true])
      expect([test, readFileSync(url, 'utf8').includes(test)]).toEqual([test, true])
    }
  })

  it('complaint 2: a budget on every dimension refuses the call that would break it', async () => {
    const { secret, id } = await keyOf({ team: 'k' })
    await send('POST', 'workflows/start', { workflow_id: 'run', workflow_name: 'flow', organization_id: 'org' })
    const said = {
      ...{ agent_name: 'a', team: 't', project: 'p', cost_center: 'c', user_id: 'u', session_id: 's', workflow_id: 'run' },
      ...{ workflow_name: 'flow', action: 'act', tags: { env: 'prod' } },
    }
    const values = {
      ...{ organization: 'org', agent: 'a', team: 't', project: 'p', cost_center: 'c', user: 'u', session: 's', workflow: 'flow' },
      ...{ run: 'run', model: 'gpt-4o', seller: 'openai', key: id, action: 'act', 'tag:env': 'prod' },
    }
    for (const [dimension, value] of Object.entries(values)) {
      await budget({ organization_id: 'org', budget_id: dimension, dimension, value, limit_usd: '0.000001' })
      const refused = await authorize(said, secret)
      expect([dimension, refused.status, refused.body.code], refused.text).toEqual([dimension, 402, 'budget_exceeded'])
      expect(refused.body.refused_by).toMatchObject([{ dimension, value }])
      expect((await send('POST', `budgets/${dimension}/remove`, { organization_id: 'org' })).status).toBe(200)
    }
    expect((await authorize(said, secret)).status).toBe(200)
  })

  it('complaint 4: what is held is the worst case of the call and no more, and is shown beside what is spent', async () => {
    await budget({})
    await authorize({ call_id: 'c1' })
    expect(await standings()).toMatchObject([{ spent_usd: '0', held_usd: '0.0075', remaining_usd: '0.0025' }])
    await send('POST', 'calls/c1/settle', { ...REPORT, output_tokens: 10 })
    expect(await standings()).toMatchObject([{ spent_usd: '0.0026', held_usd: '0', remaining_usd: '0.0074' }])
  })

  it('complaint 5: a long context and a dear tier are held at their own price, and settled within it', async () => {
    const calls = [
      { model: 'claude-sonnet-4-5', input_tokens: 400_000, max_output_tokens: 1_000 },
      { model: 'gpt-5', input_tokens: 100_000, max_output_tokens: 1_000, service_tier: 'priority' },
    ]
    for (const [at, call] of calls.entries()) {
      const { max_output_tokens: output_tokens, ...used } = call
      const held = await authorize({ ...call, call_id: `c${at}` })
      const settled = await send('POST', `calls/c${at}/settle`, { ...used, output_tokens })
      expect(settled.body, settled.text).not.toHaveProperty('overrun')
      expect(Number(settled.body.cost)).toBeGreaterThan(Number(held.body.held_usd) / 3)
    }
  })

  it('complaint 6: no price is not a price of zero, and a price of zero is one', async () => {
    await budget({})
    expect((await authorize({ model: 'model-nobody-sells' })).body).toMatchObject({ status: 402, code: 'price_unknown' })
    await send('PUT', 'rates', { organization_id: 'default', model: 'free-model', provider: 'ours', input_per_1m: '0', output_per_1m: '0' })
    const free = await authorize({ model: 'free-model', provider: 'ours' })
    expect(free.body, free.text).toMatchObject({ held_usd: '0' })
  })

  it('complaint 8: an alias counts in the budget of the model that was asked for, at the price of the one that answered', async () => {
    await budget({ dimension: 'model', value: 'gpt-4o', limit_usd: '1' })
    await authorize({ call_id: 'c1' })
    const settled = await send('POST', 'calls/c1/settle', {
      model: 'gpt-4o',
      response: { object: 'chat.completion', model: 'gpt-4o-2024-08-06', usage: { prompt_tokens: 1_000, completion_tokens: 500 } },
    })
    expect(settled.body, settled.text).toMatchObject({ cost: '0.0075', model: 'gpt-4o-2024-08-06' })
    expect(await standings()).toMatchObject([{ value: 'gpt-4o', spent_usd: '0.0075' }])
  })

  it('complaint 15: budgets, what is spent and what is held are there after a restart', async () => {
    const data = mkdtempSync(join(tmpdir(), 'purser-restart-'))
    try {
      await server.close()
      server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => now, data })
      await budget({ limit_usd: '1' })
      await authorize({ call_id: 'c1' })
      await send('POST', 'calls/track', { ...REPORT, agent_name: 'a' })
      const before = await standings()
      await server.close()
      server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => now, data })
      expect(await standings()).toEqual(before)
      expect(before).toMatchObject([{ spent_usd: '0.0075', held_usd: '0.0075' }])
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  })

  it('complaint 21: a day begins at midnight of its zone, without anybody resetting it', async () => {
    await budget({ zone: 'Europe/Berlin' })
    now = Date.UTC(2026, 5, 15, 21, 59)
    expect((await authorize({})).status).toBe(200)
    const refused = await authorize({})
    expect([refused.status, (refused.body.refused_by as { resets_at: string }[])[0]?.resets_at]).toEqual([402, '2026-06-15T22:00:00.000Z'])
    now = Date.UTC(2026, 5, 15, 22)
    expect((await authorize({})).status).toBe(200)
  })

  it('complaint 22: every budget that matches must let a call pass, and the answer names each that does not', async () => {
    await budget({ limit_usd: '0.001' })
    await budget({ dimension: 'team', value: 't', limit_usd: '5' })
    await budget({ dimension: 'organization', limit_usd: '0.002' })
    const refused = await authorize({ team: 't' })
    expect(refused.body, refused.text).toMatchObject({ refused_by: [{ dimension: 'agent' }, { dimension: 'organization' }] })
  })

  it("complaint 23: who a key is for is the key's to say, whatever the request says", async () => {
    const { secret } = await keyOf({ agent: 'bound' })
    await budget({ organization_id: 'org', value: 'bound', limit_usd: '0.001' })
    expect((await authorize({ agent_name: 'another' }, secret)).status).toBe(402)
    expect((await authorize({ organization_id: 'elsewhere' }, secret)).status).toBe(403)
  })

  it('complaint 24: a fee of a tool counts in budgets', async () => {
    await budget({ limit_usd: '1' })
    const tracked = await send('POST', 'calls/track', { ...REPORT, agent_name: 'a', web_searches: 10 })
    expect(Number(tracked.body.cost)).toBeGreaterThan(0.05)
    expect(await standings()).toMatchObject([{ spent_usd: tracked.body.cost }])
  })

  it('complaint 25: each threshold is told once in a period, and again in the next', async () => {
    await budget({ limit_usd: '0.03', thresholds: [25, 50, 75, 100] })
    const spend = () => send('POST', 'calls/track', { ...REPORT, agent_name: 'a' })
    for (let call = 0; call < 6; call++) await spend()
    expect(await tellsOf()).toEqual([25, 50, 75, 100])
    now += 24 * HOUR_MS
    await spend()
    expect(await tellsOf()).toEqual([25, 50, 75, 100, 25])
  })
})

async function keyOf(of: object): Promise<{ secret: string; id: string }> {
  const made = await send('POST', 'keys', { name: 'k', organization_id: 'org', ...of })
  expect(made.status, made.text).toBe(201)
  return { secret: String(made.body.secret), id: (made.body.key as { id: string }).id }
}
