import type { AnomalyRulesAnswer } from '@purser/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { callAt, trackAll, weeksOf } from '../../../../../conformance/http/weeks-of-calls.ts'
import { learnedUsdPerHour } from '../list-baselines.ts'
import { watchAnomalies } from './watch.ts'

const HOUR_MS = 3_600_000
/** A Wednesday. */
const START = Date.parse('2026-11-18T12:00:00Z')
const AGENT = 'researcher'
const HISTORY_HOURS = 2 * 168

let now = START
let server: TestServer
let calls = 0
beforeEach(async () => {
  now = START
  calls = 0
  server = await testServer({ now: () => now })
  await trackAll(server, [...weeksOf(AGENT, START, HISTORY_HOURS), ...weeksOf('quiet', START, HISTORY_HOURS)])
}, 60_000)
afterEach(() => server.close())

/** So many times what is usual, in the hour that comes; then it is the end of that hour. */
async function hour(times: number): Promise<void> {
  const usual = (agent: string) => callAt(agent, now, `${agent}-${calls++}`, 2)
  await trackAll(server, [usual('quiet'), ...Array.from({ length: times }, () => usual(AGENT))])
  now += HOUR_MS
}

async function put(path: string, body: object) {
  const answer = await server.send('PUT', `/v1/finops/${path}`, { organization_id: 'acme', ...body })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

async function list<T>(path: string): Promise<T> {
  return (await server.send('GET', `/v1/finops/${path}`)).body as T
}

const alerts = async () => (await list<{ alerts: { event: string; agent_id: string; text: string; data: object }[] }>('alerts')).alerts
const told = async () => (await alerts()).filter(({ event }) => event === 'anomaly.found')
const rules = () => list<AnomalyRulesAnswer>('anomaly-rules')
const state = async () => await list<{ state: string; reason: string }>(`agents/${AGENT}?organization_id=acme`)
const authorize = () =>
  server.send('POST', '/v1/finops/calls/authorize', {
    ...{ organization_id: 'acme', agent_name: AGENT, model: 'gpt-4o', input_tokens: 4_000, max_output_tokens: 1_000 },
  })
const audited = async () => {
  const { entries } = await list<{ entries: { actor: string; action: string; target: string }[] }>('audit?organization_id=acme&limit=100')
  return entries.filter(({ actor }) => actor === 'anomaly').map(({ action, target }) => `${action} ${target}`)
}

describe('without a rule', () => {
  it('nothing is looked at', async () => {
    await hour(60)
    const services = { ...server.services, calls: { ...server.services.calls, aggregate: () => Promise.reject(new Error('asked')) } }
    expect(await watchAnomalies(services)).toBe(0)
    expect(await told()).toEqual([])
  })
})

describe('a rule that alerts', () => {
  it('tells an episode once, whatever many nodes look however often, and what comes later again', async () => {
    await put('anomaly-rules', { action: 'alert' })
    expect(await watchAnomalies(server.services)).toBe(0)
    for (let look = 0; look < 3; look++) {
      await hour(60)
      await Promise.all(Array.from({ length: 4 }, () => watchAnomalies(server.services)))
    }
    const [alert, ...others] = await told()
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      agent_id: AGENT,
      data: { anomaly_id: expect.stringMatching(/^anomaly_/), cause: 'volume', severity: expect.any(String) },
    })
    expect(alert?.text).toContain('Likely cause: more calls')
    expect((await rules()).episodes).toMatchObject([{ agent: AGENT, action: 'alert', over_at: null }])
    expect((await state()).state).toBe('active')

    for (let quiet = 0; quiet < 40; quiet++) await hour(1)
    await watchAnomalies(server.services)
    expect((await rules()).episodes[0]?.over_at).not.toBeNull()
    await hour(60)
    await watchAnomalies(server.services)
    expect(await told()).toHaveLength(2)
  }, 60_000)

  it('is done by the next look when a node has died before it was done', async () => {
    await put('anomaly-rules', { action: 'alert' })
    await hour(60)
    const dying = { ...server.services, alerts: { ...server.services.alerts, tell: () => Promise.reject(new Error('gone')) } }
    await expect(watchAnomalies(dying)).rejects.toThrow('gone')
    expect(await told()).toEqual([])
    await watchAnomalies(server.services)
    await watchAnomalies(server.services)
    expect(await told()).toHaveLength(1)
  })

  it('leaves alone what is below its severity or its amount', async () => {
    await put('anomaly-rules', { action: 'pause', excess_usd_min: 1_000 })
    await hour(60)
    await watchAnomalies(server.services)
    expect([await told(), (await rules()).episodes]).toEqual([[], []])
    expect((await state()).state).toBe('active')
  })

  it('does not concern agents that have a rule of their own', async () => {
    await put('anomaly-rules', { action: 'pause' })
    await put('anomaly-rules', { action: 'alert', agent: AGENT })
    await hour(60)
    await watchAnomalies(server.services)
    expect(await told()).toHaveLength(1)
    expect((await state()).state).toBe('active')
  })
})

describe('a rule that pauses', () => {
  it('pauses the agent with the reason, and not again when somebody has resumed it', async () => {
    await put('anomaly-rules', { action: 'pause' })
    await hour(60)
    await Promise.all([watchAnomalies(server.services), watchAnomalies(server.services)])
    expect(await state()).toMatchObject({ state: 'paused', reason: expect.stringContaining(`purser agents resume ${AGENT}`) })
    expect((await authorize()).body).toMatchObject({ code: 'agent_paused' })
    expect(await audited()).toEqual([`pause_agent ${AGENT}`])
    const resumed = await server.send('POST', `/v1/finops/agents/${AGENT}/resume`, { organization_id: 'acme' })
    expect(resumed.status, resumed.text).toBe(200)
    await hour(60)
    await watchAnomalies(server.services)
    expect((await state()).state).toBe('active')
    expect(await told()).toHaveLength(1)
  })

  it('leaves one that is stopped as it is', async () => {
    await put('anomaly-rules', { action: 'pause' })
    await hour(60)
    await server.send('POST', `/v1/finops/agents/${AGENT}/stop`, { organization_id: 'acme', reason: 'enough' })
    await watchAnomalies(server.services)
    expect(await state()).toMatchObject({ state: 'stopped', reason: 'enough' })
    expect(await told()).toHaveLength(1)
  })
})

describe('a rule that throttles', () => {
  it('lets an agent spend in an hour no more than twice what its busiest usual one costs, until it is over', async () => {
    await put('anomaly-rules', { action: 'throttle' })
    await hour(60)
    await watchAnomalies(server.services)
    const { breakers } = await list<{ breakers: { limit_usd: string; value: string }[] }>('breakers')
    expect(breakers).toMatchObject([{ value: AGENT, measure: 'cost', action: 'throttle', window_seconds: 3_600 }])
    expect(Number(breakers[0]?.limit_usd)).toBeGreaterThan(0.04)
    expect(Number(breakers[0]?.limit_usd)).toBeLessThan(0.05)
    expect((await authorize()).status).toBe(200)
    expect((await authorize()).status).toBe(200)
    const refused = await authorize()
    expect(refused.status, refused.text).toBe(429)
    expect(refused.body).toMatchObject({ code: 'throttled', retryable: true })
    for (let quiet = 0; quiet < 12; quiet++) await hour(1)
    await watchAnomalies(server.services)
    expect(await list('breakers')).toMatchObject({ breakers: [] })
    expect((await audited()).map((line) => line.split(' ')[0])).toEqual(['set_breaker', 'remove_breaker'])
  })

  it('ends when the rule is taken away', async () => {
    await put('anomaly-rules', { action: 'throttle' })
    await hour(60)
    await watchAnomalies(server.services)
    const removed = await server.send('POST', '/v1/finops/anomaly-rules/remove', { organization_id: 'acme' })
    expect(removed.body).toEqual({ organization_id: 'acme', agent: null, removed: true })
    expect(await list('breakers')).toMatchObject({ breakers: [] })
    expect(await rules()).toMatchObject({ rules: [], episodes: [{ over_at: expect.any(String) }] })
    expect((await server.send('POST', '/v1/finops/anomaly-rules/remove', { organization_id: 'acme' })).body).toMatchObject({
      code: 'not_found',
    })
  })
})

describe('a rule', () => {
  it('is audited, and refused where it makes no sense', async () => {
    expect(await put('anomaly-rules', { action: 'alert', severity_min: 'high' })).toMatchObject({
      agent: null,
      severity_min: 'high',
      zone: 'UTC',
    })
    const { entries } = await list<{ entries: { action: string }[] }>('audit?organization_id=acme&limit=100')
    expect(entries.map(({ action }) => action)).toContain('set_anomaly_rule')
    const refused = async (body: object) => (await server.send('PUT', '/v1/finops/anomaly-rules', body)).body
    expect(await refused({ action: 'alert', zone: 'Mars/Olympus' })).toMatchObject({ code: 'invalid_period', path: '/zone' })
    expect(await refused({ action: 'explode' })).toMatchObject({ code: 'invalid_field', path: '/action' })
    expect(await refused({})).toMatchObject({ code: 'missing_field', path: '/action' })
  })
})

describe('what others take for a baseline', () => {
  it('is what was learned, by agent', async () => {
    const learned = await learnedUsdPerHour(server.services, 'acme')
    expect([...learned.keys()].sort()).toEqual(['quiet', AGENT])
    expect(learned.get(AGENT)).toBeCloseTo(0.021, 2)
  })

  it('stands in where nobody has set one: what a session burns is compared with it', async () => {
    const burn = async () => (await server.send('GET', '/api/v1/finops/anomalies/active?organizationId=acme')).body
    expect(await burn()).toEqual([])
    await trackAll(
      server,
      Array.from({ length: 60 }, (_, call) => callAt(AGENT, now - 60_000, `burst-${call}`, 1, { session_id: 's1' })),
    )
    expect(await burn()).toMatchObject([{ sessionId: 's1', agentId: AGENT }])
  })
})
