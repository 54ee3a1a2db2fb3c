import { Webhook as Verifier } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Received, type Receiver, startReceiver } from '../../../../conformance/alerts/receiver.ts'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const NOON = Date.parse('2026-11-22T12:00:00Z')
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

interface Registered {
  readonly webhook_id: string
  readonly secret: string
}
interface Log {
  readonly delivery_id: string
  readonly delivery_status: string
  readonly response_code: number | null
  readonly attempt: number
  readonly error: string | null
}

const post = (path: string, body: object = {}) => server.send('POST', `/v1/finops/${path}`, body)
const get = (path: string) => server.send('GET', `/v1/finops/${path}`)

function told<T>({ body }: Answer): T {
  return body as T
}

async function register(of: object = {}): Promise<Registered> {
  const body = { agent_id: 'researcher-01', url: receiver.url, events: ['budget.threshold'], ...of }
  const answer = await post('webhooks', body)
  expect(answer.status, answer.text).toBe(201)
  return told<Registered>(answer)
}

async function budget(of: object = {}): Promise<void> {
  const body = { dimension: 'agent', value: 'researcher-01', period: 'day', limit_usd: '1', ...of }
  const answer = await server.send('PUT', '/v1/finops/budgets', body)
  expect(answer.status, answer.text).toBe(200)
}

/** Spends so many cents: a million output tokens of gpt-4o are ten dollars. */
async function spend(cents: number, agent = 'researcher-01'): Promise<void> {
  const call = { agent_name: agent, model: 'gpt-4o', input_tokens: 0, output_tokens: cents * 1_000 }
  const answer = await post('calls/track', call)
  expect(answer.status, answer.text).toBe(200)
}

/** All that is due has been sent and noted. */
async function settled(): Promise<void> {
  const { dispatcher, alerts } = server.services
  dispatcher.wake()
  for (let look = 0; look < 400; look++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const due = await alerts.dueTargets(now)
    const head = await server.services.ledger.head()
    const next = await alerts.nextDue()
    if (due.length === 0 && head > 0 && (next === null || next - now !== 60_000)) return
  }
  throw new Error('deliveries are still under way')
}

function verified(registered: Registered, { headers, body }: Received): Record<string, unknown> {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name]))
  const signed = { 'webhook-id': id ?? '', 'webhook-timestamp': timestamp ?? '', 'webhook-signature': signature ?? '' }
  // The library looks at the clock of the machine; the server's is ours, so only the time is taken from it.
  const real = Date.now
  Date.now = () => now
  try {
    return new Verifier(registered.secret).verify(body, signed) as Record<string, unknown>
  } finally {
    Date.now = real
  }
}

async function logs({ webhook_id }: Registered): Promise<Log[]> {
  return told<{ logs: Log[] }>(await get(`webhooks/${webhook_id}/deliveries`)).logs
}

describe('a threshold that is reached', () => {
  it('reaches a receiver once, signed, with the fields it reads', async () => {
    const registered = await register({ config: { threshold_pct: 75 } })
    await budget()
    await spend(74)
    await spend(2)
    await spend(3)
    await receiver.until(1)
    await settled()
    expect(receiver.received).toHaveLength(1)
    const [received] = receiver.received
    expect(received && verified(registered, received)).toMatchObject({
      type: 'budget.threshold',
      timestamp: '2026-11-22T12:00:00.000Z',
      agent_id: 'researcher-01',
      spent_pct: 76,
      remaining_budget: '0.24',
      threshold_pct: 75,
      data: {
        agent_id: 'researcher-01',
        dimension: 'agent',
        value: 'researcher-01',
        period: 'day',
        period_start: '2026-11-22T00:00:00.000Z',
        resets_at: '2026-11-23T00:00:00.000Z',
        limit_usd: '1',
        spent_usd: '0.76',
        remaining_usd: '0.24',
        threshold_pct: 75,
      },
    })
    expect(await logs(registered)).toMatchObject([{ delivery_status: 'delivered', response_code: 200, attempt: 1, error: null }])
    const alerts = told<{ alerts: { event: string; data: { threshold_pct: number } }[] }>(await get('alerts'))
    expect(alerts.alerts.map(({ event, data }) => [event, data.threshold_pct])).toEqual([['budget.threshold', 75]])
  })

  it('is heard by those who asked for it, also when a call jumps over several and when the budget does not have it', async () => {
    await budget()
    for (const pct of [60, 75, 90, 100]) await register({ config: { threshold_pct: pct }, url: `${receiver.url}/${pct}` })
    await register({ url: `${receiver.url}/all`, agent_id: null })
    await register({ url: `${receiver.url}/other`, agent_id: 'another' })
    await spend(95)
    await receiver.until(5)
    await settled()
    const heard = receiver.received.map(({ path, body }) => `${path} ${(JSON.parse(body) as { threshold_pct: number }).threshold_pct}`)
    expect(heard.sort()).toEqual(['/hook/60 60', '/hook/75 75', '/hook/90 90', '/hook/all 75', '/hook/all 90'])
  })

  it('that is moved from 75 to 60 is heard at 60 from then on, also by budgets that are set later', async () => {
    const registered = await register({ config: { threshold_pct: 75 } })
    await budget({ thresholds: [75, 90] })
    const moved = await server.send('PUT', `/v1/finops/webhooks/${registered.webhook_id}`, { config: { threshold_pct: 60 } })
    expect(moved.body, moved.text).toMatchObject({ config: { threshold_pct: 60 }, url: receiver.url, events: ['budget.threshold'] })
    await spend(61)
    await spend(20)
    await budget({ period: 'month', thresholds: [] })
    now += 86_400_000
    await spend(10)
    await receiver.until(2)
    await settled()
    const heard = receiver.received.map(({ body }) => JSON.parse(body) as { threshold_pct: number; data: { period: string } })
    expect(heard.map(({ threshold_pct, data }) => `${data.period} ${threshold_pct}`)).toEqual(['day 60', 'month 60'])
    const trail = told<{ entries: { action: string }[] }>(await get('audit'))
    expect(trail.entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['register_webhook', 'update_webhook', 'watch_thresholds']),
    )
    expect(JSON.stringify(trail)).not.toContain(registered.secret)
  })
})

describe('a receiver that fails', () => {
  it('is tried again on the schedule with the same webhook-id, and gets the alert when it is back', async () => {
    const registered = await register()
    await budget()
    receiver.answer(500)
    await spend(76)
    await receiver.until(1)
    await settled()
    for (const seconds of [6, 330]) {
      now += seconds * 1_000
      const before = receiver.received.length
      server.services.dispatcher.wake()
      await receiver.until(before + 1)
      await settled()
    }
    receiver.answer(204)
    now += 2_000_000
    server.services.dispatcher.wake()
    await receiver.until(4)
    await settled()
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    for (const received of receiver.received.slice(-1)) verified(registered, received)
    expect(
      (await logs(registered)).map(({ attempt, delivery_status, response_code }) => [attempt, delivery_status, response_code]),
    ).toEqual([
      [4, 'delivered', 204],
      [3, 'retrying', 500],
      [2, 'retrying', 500],
      [1, 'retrying', 500],
    ])
    const [last] = await logs(registered)
    const replayed = await post(`webhooks/${registered.webhook_id}/deliveries/${last?.delivery_id}/replay`)
    expect(replayed.status, replayed.text).toBe(200)
    await receiver.until(5)
    expect(receiver.received[4]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id'])
  })

  it('and says that it is gone is disabled, and the others are told', async () => {
    const gone = await startReceiver()
    gone.answer(410)
    const registered = await register({ url: gone.url })
    await register({ events: ['webhook.disabled'], agent_id: null })
    await budget()
    await spend(76)
    await receiver.until(1)
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'webhook.disabled',
      data: { webhook_id: registered.webhook_id },
    })
    const { webhooks } = told<{ webhooks: { status: string; disabled_reason: string | null }[] }>(await get('webhooks'))
    expect(webhooks[0]).toMatchObject({ status: 'disabled', disabled_reason: expect.stringContaining('410') })
    await settled()
    const health = await server.send('GET', '/actuator/health')
    expect(health.body, health.text).toMatchObject({ components: { webhooks: { details: { disabled: 1 } } } })
    const [log] = await logs(registered)
    const refused = await post(`webhooks/${registered.webhook_id}/deliveries/${log?.delivery_id}/replay`)
    expect(refused.status).toBe(400)
    await server.send('PUT', `/v1/finops/webhooks/${registered.webhook_id}`, { enabled: true })
    gone.answer(200)
    expect((await post(`webhooks/${registered.webhook_id}/deliveries/${log?.delivery_id}/replay`)).status).toBe(200)
    await gone.until(2)
    await gone.close()
  })
})

describe('a webhook', () => {
  it('is tested by a ping, which is not an alert and is not tried again', async () => {
    const registered = await register()
    receiver.answer(404)
    expect((await post(`webhooks/${registered.webhook_id}/test`)).body).toMatchObject({
      delivery_status: 'failed',
      response_code: 404,
      event: 'ping',
      next_attempt_at: null,
    })
    receiver.answer(200)
    expect((await post(`webhooks/${registered.webhook_id}/test`)).body).toMatchObject({ delivery_status: 'delivered', response_code: 200 })
    expect(receiver.received.map((received) => verified(registered, received).type)).toEqual(['ping', 'ping'])
    expect(told<{ alerts: unknown[] }>(await get('alerts')).alerts).toEqual([])
  })

  it('signs with a new secret and for a day with the old one', async () => {
    const old = await register()
    const fresh = told<Registered>(await post(`webhooks/${old.webhook_id}/rotate-secret`))
    expect(fresh.secret).not.toBe(old.secret)
    await post(`webhooks/${old.webhook_id}/test`)
    now += 86_400_000
    await post(`webhooks/${old.webhook_id}/test`)
    const [first, second] = receiver.received
    if (first === undefined || second === undefined) throw new Error('two pings were sent')
    now -= 86_400_000
    expect(verified(fresh, first).type).toBe('ping')
    expect(verified(old, first).type).toBe('ping')
    now += 86_400_000
    expect(verified(fresh, second).type).toBe('ping')
    expect(() => verified(old, second)).toThrow('No matching signature')
  })

  it('shows its secret once, and is gone when it is removed', async () => {
    const registered = await register()
    const listed = await get('webhooks?agent_id=researcher-01')
    expect(listed.body).toMatchObject({ webhooks: [{ webhook_id: registered.webhook_id, url: receiver.url, config: {} }] })
    expect(listed.text).not.toContain('whsec_')
    expect((await get('webhooks?agent_id=another')).body).toEqual({ webhooks: [] })
    expect((await post(`webhooks/${registered.webhook_id}/remove`)).body).toMatchObject({ deleted: true })
    for (const path of ['remove', 'test', 'rotate-secret'])
      expect((await post(`webhooks/${registered.webhook_id}/${path}`)).status).toBe(404)
    expect((await get(`webhooks/${registered.webhook_id}/deliveries`)).status).toBe(404)
  })

  it('of Slack speaks its language, and its address is shown nowhere', async () => {
    const registered = await register({ channel: 'slack', url: `${receiver.url}/T0/secret` })
    await budget({ name: '<!channel> & co' })
    await spend(76)
    await receiver.until(1)
    const [received] = receiver.received
    expect(received?.headers['webhook-signature']).toBeUndefined()
    const body = JSON.parse(received?.body ?? '') as { text: string; blocks: unknown[] }
    expect(body.text).toContain('&lt;!channel&gt; &amp; co')
    expect(body.blocks).toHaveLength(2)
    expect((await get('webhooks')).text).not.toContain('secret')
    expect((await get('audit')).text).not.toContain('secret')
    expect(registered).toMatchObject({ secret: null, channel: 'slack' })
  })

  it.each([
    ['a private address', { url: 'https://10.0.0.1/hook' }, '/url'],
    ['plain http', { url: 'http://example.com/' }, '/url'],
    ['mail without a mail server', { url: 'mailto:a@example.com', channel: 'email' }, '/url'],
    ['an event that does not exist', { events: ['budget.threshold', 'budget.exploded'] }, '/events/1'],
    ['a threshold over 100', { config: { threshold_pct: 101 } }, '/config/threshold_pct'],
    ['part of a percent', { config: { threshold_pct: 62.5 } }, '/config/threshold_pct'],
    ['a setting that does not exist', { config: { treshold_pct: 60 } }, '/config/treshold_pct'],
  ])('is refused for %s', async (_, of, path) => {
    const answer = await post('webhooks', { url: receiver.url, ...of })
    expect(answer.body, answer.text).toMatchObject({ status: 400, path })
  })

  it('of another organization does not exist', async () => {
    const registered = await register({ organization_id: 'org-a' })
    const key = await post('keys', { name: 'b', organization_id: 'org-b', operations: ['manage', 'read', 'report'] })
    const secret = told<{ secret: string }>(key).secret
    const headers = { authorization: `Bearer ${secret}` }
    const path = `/v1/finops/webhooks/${registered.webhook_id}`
    for (const [method, at] of [
      ['PUT', path],
      ['POST', `${path}/remove`],
      ['POST', `${path}/test`],
      ['POST', `${path}/rotate-secret`],
      ['POST', `${path}/deliveries/x/replay`],
      ['GET', `${path}/deliveries`],
    ] as const) {
      const answer = await server.send(method, at, method === 'GET' ? undefined : {}, headers)
      expect([at, answer.status, answer.body.code]).toEqual([at, 404, 'not_found'])
    }
    expect((await server.send('GET', '/v1/finops/webhooks', undefined, headers)).body).toEqual({ webhooks: [] })
    // Where keys are required this machine is no target, for nobody.
    const own = await server.send('POST', '/v1/finops/webhooks', { url: receiver.url }, headers)
    expect(own.body).toMatchObject({ status: 400, path: '/url' })
  })
})
