import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const START = Date.parse('2026-11-22T10:00:00Z')
let now = START
let server: TestServer
beforeEach(async () => {
  now = START
  server = await testServer({ now: () => now })
})
afterEach(() => server.close())

const ASK = { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1_000, max_output_tokens: 500 }

function post(path: string, body: object, headers?: Record<string, string>) {
  return server.send('POST', `/v1/finops/${path}`, body, headers)
}

async function breaker(of: object) {
  const answer = await server.send('PUT', '/v1/finops/breakers', {
    dimension: 'agent',
    measure: 'calls',
    limit: 2,
    window_seconds: 60,
    action: 'throttle',
    ...of,
  })
  expect(answer.status, answer.text).toBe(200)
  return told<{ breaker: { breaker_id: string } }>(answer).breaker.breaker_id
}

function told<T>({ body }: Answer): T {
  return body as T
}

describe('a breaker', () => {
  it('holds calls back with 429, and says when to ask again', async () => {
    await breaker({ name: 'Pace' })
    await post('calls/authorize', ASK)
    await post('calls/authorize', ASK)
    const refused = await post('calls/authorize', { ...ASK, call_id: 'c3' })
    expect(refused.status, refused.text).toBe(429)
    expect(refused.headers['retry-after']).toBe('60')
    expect(refused.body).toMatchObject({
      code: 'throttled',
      retryable: true,
      retry_after_seconds: 60,
      breakers: [{ name: 'Pace', dimension: 'agent', value: 'researcher', measure: 'calls', limit: 2, counted: 2, window_seconds: 60 }],
    })
    now = Date.parse(String(refused.body.available_at))
    expect((await post('calls/authorize', { ...ASK, call_id: 'c3' })).status).toBe(200)
  })

  it('ends a loop of the same call within the configured count, and no other call', async () => {
    await breaker({ measure: 'repeats', limit: 5, action: 'block', cooldown_seconds: 300 })
    const loop = { ...ASK, prompt_fingerprint: 'h1:the-same-request' }
    const statuses: number[] = []
    for (let attempt = 0; attempt < 20; attempt++) statuses.push((await post('calls/authorize', loop)).status)
    expect(statuses).toEqual([...Array(5).fill(200), ...Array(15).fill(403)])
    expect((await post('calls/authorize', { ...ASK, prompt_fingerprint: 'h1:another-request' })).status).toBe(200)
    const refused = await post('calls/authorize', loop)
    expect(refused.body, refused.text).toMatchObject({
      code: 'breaker_open',
      retryable: false,
      breakers: [{ measure: 'repeats', prompt_fingerprint: 'h1:the-same-request', available_at: '2026-11-22T10:05:00.000Z' }],
    })
    const { open_breakers } = told<{ open_breakers: object[] }>(await server.send('GET', '/v1/finops/agents'))
    expect(open_breakers).toMatchObject([{ measure: 'repeats', agent_name: 'researcher', counted: 5, until: '2026-11-22T10:05:00.000Z' }])
    expect((await post('calls/track', { ...ASK, max_output_tokens: undefined, output_tokens: 5 })).status).toBe(200)
  })

  it('pauses an agent in the transaction that reaches its limit, audited, until somebody resumes it', async () => {
    const id = await breaker({ measure: 'cost', limit: undefined, limit_usd: '0.01', action: 'pause' })
    await post('calls/track', { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 1_000 })
    const refused = await post('calls/authorize', ASK)
    expect(refused.body, refused.text).toMatchObject({
      status: 403,
      code: 'agent_paused',
      breaker_id: id,
      state: 'paused',
      organization_wide: false,
    })
    expect((await server.send('GET', '/v1/finops/agents?state=paused')).body).toMatchObject({
      agents: [{ agent_name: 'researcher', state: 'paused', breaker_id: id, since: '2026-11-22T10:00:00.000Z' }],
    })
    now += 120_000
    const resumed = await post('agents/researcher/resume', {})
    expect(resumed.body, resumed.text).toMatchObject({ state: 'active', previous_state: 'paused', changed: true })
    expect((await post('calls/authorize', ASK)).status).toBe(200)
    const { entries } = told<{ entries: { action: string; actor: string }[] }>(await server.send('GET', '/v1/finops/audit'))
    expect(entries.map(({ action }) => action)).toEqual(['set_breaker', 'pause_agent', 'resume_agent'])
    expect(entries[1]?.actor).toBe(`breaker ${id}`)
    expect((await post('verify', {})).body).toMatchObject({ ok: true })
  })

  it('is listed, changed by setting it again, and removed', async () => {
    const id = await breaker({})
    const again = await server.send('PUT', '/v1/finops/breakers', {
      dimension: 'agent',
      measure: 'calls',
      limit: 7,
      window_seconds: 60,
      action: 'throttle',
    })
    expect(again.body, again.text).toMatchObject({ breaker: { breaker_id: id, limit: 7, limit_usd: null }, replaced: { limit: 2 } })
    expect((await server.send('GET', '/v1/finops/breakers?measure=calls')).body).toMatchObject({ breakers: [{ breaker_id: id, open: [] }] })
    expect((await server.send('GET', '/v1/finops/breakers?measure=cost')).body).toEqual({ breakers: [] })
    expect((await post(`breakers/${id}/remove`, {})).status).toBe(200)
    expect((await post(`breakers/${id}/remove`, {})).status).toBe(404)
  })

  it.each([
    ['a dimension that is none', { dimension: 'planet' }, 'unknown_dimension', '/dimension'],
    ['a limit below one', { limit: 0 }, 'invalid_field', '/limit'],
    ['no limit', { limit: null }, 'missing_field', '/limit'],
    ['dollars for calls', { limit_usd: '1' }, 'invalid_field', '/limit_usd'],
    ['a count for cost', { measure: 'cost' }, 'invalid_field', '/limit'],
    ['no dollars for cost', { measure: 'cost', limit: null }, 'missing_field', '/limit_usd'],
    ['nothing for cost', { measure: 'cost', limit: null, limit_usd: '0' }, 'invalid_field', '/limit_usd'],
    ['no window', { window_seconds: null }, 'missing_field', '/window_seconds'],
    ['a window of nothing', { window_seconds: 0 }, 'invalid_field', '/window_seconds'],
    ['a window for depth', { measure: 'depth', action: 'block' }, 'invalid_field', '/window_seconds'],
    ['waiting to become less deep', { measure: 'depth', window_seconds: null }, 'invalid_field', '/action'],
    ['a refusal that pauses', { measure: 'depth', window_seconds: null, action: 'pause' }, 'invalid_field', '/action'],
    ['a cooldown of a throttle', { cooldown_seconds: 5 }, 'invalid_field', '/cooldown_seconds'],
    ['an action that is none', { action: 'explode' }, 'invalid_field', '/action'],
  ])('is refused with %s', async (_, wrong, code, path) => {
    const rule = { dimension: 'agent', measure: 'calls', limit: 2, window_seconds: 60, action: 'throttle', ...wrong }
    const answer = await server.send('PUT', '/v1/finops/breakers', rule)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.body, answer.text).toMatchObject({ code, path })
  })
})

describe('an agent', () => {
  it('is paused and stopped; its next call is refused, those under way are settled', async () => {
    await post('calls/authorize', { ...ASK, call_id: 'c1' })
    expect((await post('agents/researcher/stop', {})).body).toMatchObject({ code: 'missing_field', path: '/reason' })
    expect((await post('agents/researcher/stop', { reason: 'its key has leaked' })).body).toMatchObject({ state: 'stopped', changed: true })
    const refused = await post('calls/authorize', ASK)
    expect(refused.body, refused.text).toMatchObject({
      status: 403,
      code: 'agent_stopped',
      reason: 'its key has leaked',
      since: '2026-11-22T10:00:00.000Z',
    })
    expect(refused.body.detail).toBe(
      'agent "researcher" is stopped since 2026-11-22T10:00:00.000Z: its key has leaked; an operator must resume it and say why',
    )
    expect((await post('calls/c1/settle', { model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 })).status).toBe(200)
    expect((await post('agents/researcher/pause', {})).body).toMatchObject({ code: 'agent_stopped' })
    expect((await post('agents/researcher/resume', {})).body).toMatchObject({ code: 'missing_field', path: '/reason' })
    expect((await post('agents/researcher/resume', { reason: 'new key' })).body).toMatchObject({
      state: 'active',
      previous_state: 'stopped',
    })
    expect((await post('calls/authorize', ASK)).status).toBe(200)
    expect((await server.send('GET', '/v1/finops/agents/nobody')).body).toMatchObject({ state: 'active', since: null })
    expect((await post('agents/*/stop', { reason: 'all' })).body).toMatchObject({ code: 'invalid_field', path: '/agent' })
  })

  it('is stopped with its organization, and says so', async () => {
    expect((await post('stop', { reason: 'out of hand' })).body).toMatchObject({
      organization_id: 'default',
      state: 'stopped',
      changed: true,
    })
    const refused = await post('calls/authorize', { ...ASK, agent_name: undefined })
    expect(refused.body, refused.text).toMatchObject({ code: 'agent_stopped', organization_wide: true, agent_name: null })
    expect(refused.body.detail).toContain('organization "default" is stopped for all its agents')
    expect((await server.send('GET', '/v1/finops/agents')).body).toMatchObject({ agents: [], stopped: [{ reason: 'out of hand' }] })
    expect((await server.send('GET', '/v1/finops/agents/x')).body).toMatchObject({ organization_stopped: { reason: 'out of hand' } })
    expect((await post('calls/authorize', { ...ASK, organization_id: 'another' })).status).toBe(200)
    expect((await post('resume', { reason: 'found the cause' })).body).toMatchObject({ state: 'active', previous_state: 'stopped' })
    expect((await post('calls/authorize', ASK)).status).toBe(200)
  })

  it('sees itself with its key and resumes nothing; ids of other organizations do not exist', async () => {
    const made = await post('keys', { name: 'agent', organization_id: 'a', agent: 'researcher' })
    const { secret, admin_secret } = told<{ secret: string; admin_secret: string }>(made)
    const admin = { authorization: `Bearer ${admin_secret}` }
    const agent = { authorization: `Bearer ${secret}` }
    const manager = told<{ secret: string }>(
      await post('keys', { name: 'm', organization_id: 'b', operations: ['read', 'manage'] }, admin),
    ).secret
    const other = { authorization: `Bearer ${manager}` }
    await post('agents/researcher/pause', { organization_id: 'a', reason: 'odd' }, admin)
    expect((await server.send('GET', '/v1/finops/agents/researcher', undefined, agent)).body).toMatchObject({
      state: 'paused',
      reason: 'odd',
    })
    expect((await server.send('GET', '/v1/finops/agents/writer', undefined, agent)).status).toBe(404)
    expect((await post('agents/researcher/resume', {}, agent)).status).toBe(403)
    expect((await post('calls/authorize', { ...ASK, agent_name: 'writer' }, agent)).body).toMatchObject({ code: 'agent_paused' })
    const set = await server.send(
      'PUT',
      '/v1/finops/breakers',
      { organization_id: 'a', dimension: 'agent', measure: 'calls', limit: 1, window_seconds: 1, action: 'throttle' },
      admin,
    )
    const { breaker_id } = told<{ breaker: { breaker_id: string } }>(set).breaker
    expect((await post(`breakers/${breaker_id}/remove`, {}, other)).status).toBe(404)
    expect((await server.send('GET', '/v1/finops/breakers', undefined, other)).body).toEqual({ breakers: [] })
    expect((await server.send('GET', '/v1/finops/agents', undefined, other)).body).toEqual({ agents: [], stopped: [], open_breakers: [] })
    expect((await post(`breakers/${breaker_id}/remove`, {}, admin)).status).toBe(200)
  })
})
