import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Received, type Receiver, startReceiver } from '../../../../../conformance/alerts/receiver.ts'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const NOON = Date.parse('2026-11-22T12:00:00Z')
const DAY = 86_400_000
/** Holds $0.0075. */
const ASK = { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1_000, max_output_tokens: 500 }

let now = NOON
let server: TestServer
let receiver: Receiver
beforeEach(async () => {
  now = NOON
  receiver = await startReceiver()
  server = await testServer({ now: () => now })
})
afterEach(async () => {
  await server.close()
  await receiver.close()
})

const post = (path: string, body: object) => server.send('POST', `/v1/finops/${path}`, body)

async function budget(of: object = {}): Promise<void> {
  const body = { dimension: 'agent', period: 'day', limit_usd: '0.01', ...of }
  const answer = await server.send('PUT', '/v1/finops/budgets', body)
  expect(answer.status, answer.text).toBe(200)
}

function told<T>({ body }: Answer): T {
  return body as T
}

interface Told {
  readonly event: string
  readonly agent_id: string | null
  readonly title: string
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

async function alerts(): Promise<Told[]> {
  await followed()
  return told<{ alerts: Told[] }>(await server.send('GET', '/v1/finops/alerts')).alerts
}

async function exhaustions(): Promise<number> {
  return (await seqs()).length
}

async function seqs(): Promise<number[]> {
  const entries = await server.services.ledger.read(0, 10_000)
  return entries.filter(({ event }) => event.kind === 'budget_exhausted').map(({ seq }) => seq)
}

/** What the journal tells has become alerts. */
async function followed(): Promise<void> {
  const last = (await seqs()).at(-1) ?? 0
  for (let look = 0; look < 400; look++) {
    if ((await server.services.alerts.watermark()) >= last) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the alerts have not followed the journal')
}

describe('a budget that refuses calls for want of room', () => {
  it('is told once of a storm of refusals, and says what was asked and what was left', async () => {
    await budget({ name: 'Research' })
    const storm = await Promise.all(Array.from({ length: 200 }, (_, at) => post('calls/authorize', { ...ASK, call_id: `c${at}` })))
    expect(storm.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(storm.filter(({ status }) => status === 402)).toHaveLength(199)
    expect(storm.every(({ text }) => !text.includes('untold'))).toBe(true)
    expect(await exhaustions()).toBe(1)
    const [alert, ...others] = await alerts()
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      event: 'budget.exhausted',
      agent_id: 'researcher',
      title: 'Research: Agent researcher is refused calls by its budget per day',
      text: 'A call of agent researcher asked for $0.0075 at most and was refused: $0.0025 of $0.01 was left, $0 is spent and $0.0075 held. It resets at 2026-11-23T00:00:00.000Z.',
      data: {
        budget_name: 'Research',
        limit_usd: '0.01',
        spent_usd: '0',
        held_usd: '0.0075',
        remaining_usd: '0.01',
        available_usd: '0.0025',
        requested_usd: '0.0075',
        resets_at: '2026-11-23T00:00:00.000Z',
        call_agent_id: 'researcher',
        call_model: 'gpt-4o',
      },
    })
    expect((await post('verify', {})).body).toMatchObject({ ok: true })
  })

  it('is told again in the next period, and when its limit was raised, also in the answer that is asked for twice', async () => {
    await budget()
    await post('calls/authorize', ASK)
    for (const call_id of ['c1', 'c1', 'c2']) expect((await post('calls/authorize', { ...ASK, call_id })).status).toBe(402)
    expect(await exhaustions()).toBe(1)
    await budget({ limit_usd: '0.012' })
    expect((await post('calls/authorize', { ...ASK, call_id: 'c1' })).status).toBe(402)
    expect((await post('calls/authorize', { ...ASK, call_id: 'c2' })).status).toBe(402)
    expect(await exhaustions()).toBe(2)
    now += DAY
    expect((await post('calls/authorize', { ...ASK, call_id: 'c3', max_output_tokens: 5_000 })).status).toBe(402)
    expect(await exhaustions()).toBe(3)
    expect(new Set((await alerts()).map(({ data }) => `${data.limit_usd} ${String(data.period_start).slice(8, 10)}`))).toEqual(
      new Set(['0.01 22', '0.012 22', '0.012 23']),
    )
  })

  it('is not told where the call is made after all: shorter, or with what an expired hold gives back', async () => {
    await budget()
    await post('calls/authorize', { ...ASK, ttl_seconds: 60 })
    const shorter = await post('calls/authorize', { ...ASK, input_tokens: 200, clamp: true, call_id: 'c2' })
    expect(shorter.body, shorter.text).toMatchObject({ clamped: true })
    now += 61_000
    expect((await post('calls/authorize', { ...ASK, call_id: 'c3' })).status).toBe(200)
    expect(await exhaustions()).toBe(0)
    const none = await post('calls/authorize', { ...ASK, clamp: true, call_id: 'c4' })
    expect([none.status, none.text.includes('untold')]).toEqual([402, false])
    expect(await exhaustions()).toBe(1)
  })

  it('is not told of budgets that only look on, nor of a wallet that is short', async () => {
    await budget({ mode: 'soft' })
    await budget({ mode: 'shadow', dimension: 'organization', value: 'default' })
    for (const call_id of ['c1', 'c2']) expect((await post('calls/authorize', { ...ASK, call_id })).status).toBe(200)
    const opened = await server.send('PUT', '/v1/finops/wallets', { agent_name: 'poor', opening_usd: '0.001' })
    expect(opened.status, opened.text).toBe(200)
    expect((await post('calls/authorize', { ...ASK, agent_name: 'poor' })).status).toBe(402)
    expect(await exhaustions()).toBe(0)
  })

  it('reaches the receivers that ask for it, whatever threshold they name, and no others', async () => {
    const register = async (path: string, of: object): Promise<void> => {
      const answer = await post('webhooks', { url: `${receiver.url}/${path}`, ...of })
      expect(answer.status, answer.text).toBe(201)
    }
    await register('exhausted', { events: ['budget.exhausted'], agent_id: 'researcher' })
    await register('every', { config: { threshold_pct: 60 } })
    await register('thresholds', { events: ['budget.threshold'] })
    await register('another', { agent_id: 'another' })
    await budget()
    await post('calls/authorize', ASK)
    await post('calls/authorize', ASK)
    await receiver.until(2)
    await followed()
    expect(receiver.received.map(pathOf).sort()).toEqual(['/every', '/exhausted'])
    const sent = JSON.parse(receiver.received[0]?.body ?? '') as Record<string, unknown>
    expect(sent).toMatchObject({ type: 'budget.exhausted', agent_id: 'researcher', spent_pct: 0, data: { requested_usd: '0.0075' } })
  })

  it('is told of a metered tool that there is no room for', async () => {
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '0.01' })
    const rate = { provider: 'purser', model: 'search_services', rates: [{ meter: 'request', price: '1', per: 1 }] }
    const priced = await server.send('PUT', '/v1/finops/rates', rate)
    expect(priced.status, priced.text).toBe(200)
    for (let time = 0; time < 3; time++) {
      const used = await server.send('POST', '/v1', { tool: 'search_services', input: { agent_id: 'buyer' } })
      expect([used.status, used.text.includes('untold')], used.text).toEqual([402, false])
    }
    expect(await exhaustions()).toBe(1)
  })
})

function pathOf({ path }: Received): string {
  return path.slice(path.lastIndexOf('/'))
}
