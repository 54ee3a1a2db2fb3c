import { afterEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const ADMIN = 'operators-own-secret-0123456789'
const CALL = { agent_name: 'a', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }

let open: TestServer[] = []
afterEach(async () => {
  for (const server of open) await server.close()
  open = []
})

async function start(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = await testServer(options)
  open.push(server)
  return server
}

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })

async function makeKey(server: TestServer, admin: Record<string, string>, input: object): Promise<{ secret: string; id: string }> {
  const made = await server.send('POST', '/v1/finops/keys', { name: 'k', ...input }, admin)
  expect(made.status, made.text).toBe(201)
  const { secret, key } = made.body as { secret: string; key: { id: string } }
  return { secret, id: key.id }
}

describe('local mode', () => {
  it.each([
    ['localhost', 200],
    ['127.0.0.1:4318', 200],
    ['[::1]:4318', 200],
    ['attacker.example', 403],
    ['localhost.attacker.example', 403],
    ['127.0.0.1.nip.io', 403],
  ])('called by the name %s: %i', async (host, status) => {
    const server = await start()
    const call = await server.send('POST', '/v1/finops/calls/track', CALL, { host })
    const page = await server.send('GET', '/openapi.json', undefined, { host })
    expect([call.status, page.status], call.text).toEqual([status, status])
    if (status === 403) expect(call.body).toMatchObject({ code: 'host_not_allowed' })
  })

  it('never answers a page of another site', async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const host = `localhost:${port}`
    const own = await server.send('POST', '/v1/finops/calls/track', CALL, { host, origin: `http://${host}` })
    expect(own.status).toBe(200)
    for (const origin of ['https://attacker.example', 'null', `http://localhost:${Number(port) + 1}`]) {
      const other = await server.send('POST', '/v1/finops/calls/track', CALL, { host, origin })
      expect([other.status, other.body?.code], origin).toEqual([403, 'forbidden'])
    }
    const embedded = await server.send('GET', '/v1/finops/analytics/agents', undefined, {
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
    })
    expect(embedded.status).toBe(403)
    const link = await server.send('GET', '/', undefined, { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })
    expect(link.status).toBe(200)
  })

  it('ends with the first key, which brings the bootstrap key with it; revoking all of them does not open the door again', async () => {
    const server = await start()
    const made = await server.send('POST', '/v1/finops/keys', { name: 'first', organization_id: 'a' })
    const { admin_secret: admin, secret, key } = made.body as { admin_secret: string; secret: string; key: { id: string } }
    expect(admin).toMatch(/^finops_/)
    expect((await server.send('GET', '/v1/finops/analytics/agents')).status).toBe(401)
    expect((await server.send('GET', '/v1/finops/analytics/agents', undefined, bearer(secret))).status).toBe(200)
    expect((await server.send('POST', `/v1/finops/keys/${key.id}/revoke`, undefined, bearer(admin))).status).toBe(200)
    const keys = await server.send('GET', '/v1/finops/keys', undefined, bearer(admin))
    for (const { id } of (keys.body as { keys: { id: string }[] }).keys) {
      await server.send('POST', `/v1/finops/keys/${id}/revoke`, undefined, bearer(admin))
    }
    expect((await server.send('GET', '/v1/finops/analytics/agents')).status).toBe(401)
  })
})

describe('with keys required', () => {
  it('refuses without a key, with a wrong one, and says how to send one', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    for (const headers of [{}, bearer('finops_wrong'), { 'x-api-key': 'nonsense' }, { authorization: 'Basic abc' }]) {
      const answer = await server.send('POST', '/v1/finops/calls/track', CALL, headers)
      expect([answer.status, answer.body?.code]).toEqual([401, 'unauthenticated'])
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="purser"')
    }
    expect((await server.send('POST', '/v1/operations/track_call', CALL)).status).toBe(401)
    expect((await server.send('POST', '/v1/finops/calls/track', CALL, bearer(ADMIN))).status).toBe(200)
    expect((await server.send('POST', '/v1/finops/calls/track', CALL, { 'x-api-key': ADMIN })).status).toBe(200)
    expect(server.services.committer.head()).toBe(2)
  })

  it('makes and shows a bootstrap key at the first start only', async () => {
    const server = await start({ auth: 'required' })
    const shown = /finops_[\w-]{43}/.exec(server.said.join('\n'))?.[0] ?? ''
    expect((await server.send('GET', '/v1/finops/keys', undefined, bearer(shown))).status).toBe(200)
    const raw = JSON.stringify(await server.services.keys.keys(null))
    expect(raw).not.toContain(shown)
  })

  it('health and documents need none, and tell a stranger no numbers', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const health = await server.send('GET', '/actuator/health')
    expect(health.body).toMatchObject({ status: 'UP', components: { db: { status: 'UP' } } })
    expect(health.text).not.toContain('head')
    expect((await server.send('GET', '/actuator/health', undefined, bearer(ADMIN))).text).toContain('head')
    for (const path of ['/actuator/health/liveness', '/actuator/health/readiness', '/openapi.json', '/docs', '/']) {
      expect((await server.send('GET', path)).status, path).toBe(200)
    }
  })
})

describe('organizations', () => {
  async function two(): Promise<{ server: TestServer; a: Record<string, string>; b: Record<string, string> }> {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const operations = ['report', 'read', 'manage']
    const a = bearer((await makeKey(server, bearer(ADMIN), { organization_id: 'a', operations })).secret)
    const b = bearer((await makeKey(server, bearer(ADMIN), { organization_id: 'b', operations })).secret)
    await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'w', workflow_name: 'W', session_id: 's' }, a)
    await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'c', workflow_id: 'w', agent_name: 'secret-agent' }, a)
    await server.send('PUT', '/v1/finops/rates', { model: 'shared-name', input_per_1m: '1', reference: 'secret-contract' }, a)
    return { server, a, b }
  }

  it('one sees nothing of the other through any read', async () => {
    const { server, a, b } = await two()
    const paths = [
      '/v1/finops/analytics/agents',
      '/v1/finops/analytics/models',
      '/v1/finops/analytics/sessions',
      '/v1/finops/analytics/workflows/W',
      '/v1/finops/analytics/chains/w',
      '/v1/finops/analytics/attribution?group_by=agent',
      '/v1/finops/dashboard/overview',
      '/v1/finops/export/report',
      '/v1/finops/calls/c',
      '/v1/finops/rates?own=true',
      '/v1/finops/rates/shared-name/history',
      '/v1/finops/keys',
      '/v1/finops/audit',
    ]
    for (const path of paths) {
      const theirs = await server.send('GET', path, undefined, b)
      expect(theirs.text, path).not.toMatch(/secret-agent|secret-contract|"organization_id":"a"/)
      expect([200, 404], path).toContain(theirs.status)
      expect((await server.send('GET', path, undefined, a)).status, path).toBe(200)
    }
    const sql = await server.send('POST', '/v1/finops/sql', { sql: 'SELECT * FROM agent_calls' }, b)
    expect(sql.body).toMatchObject({ rows: [] })
    const own = await server.send('POST', '/v1/finops/sql', { sql: 'SELECT count(*) FROM agent_calls' }, a)
    expect(own.body).toMatchObject({ rows: [['1']] })
  })

  it('naming another organization is refused, in a body and in a query', async () => {
    const { server, b } = await two()
    const head = server.services.committer.head()
    const wrongs: [string, string, object?][] = [
      ['POST', '/v1/finops/calls/track', { ...CALL, organization_id: 'a' }],
      ['POST', '/v1/finops/workflows/end', { workflow_id: 'w', organization_id: 'a' }],
      ['GET', '/v1/finops/analytics/agents?organization_id=a'],
      ['GET', '/v1/finops/analytics/chains/w?organization_id=a'],
      ['PUT', '/v1/finops/rates', { organization_id: 'a', model: 'gpt-4o', input_per_1m: '1' }],
      ['POST', '/v1/finops/keys', { name: 'x', organization_id: 'a' }],
      ['POST', '/v1/finops/reprice', { organization_id: 'a' }],
    ]
    for (const [method, path, body] of wrongs) {
      const answer = await server.send(method, path, body, b)
      expect([answer.status, answer.body?.code, answer.body?.path], `${method} ${path} ${answer.text}`).toEqual([
        403,
        'forbidden',
        '/organization_id',
      ])
    }
    for (const path of ['/v1/finops/verify', '/v1/finops/rebuild']) expect((await server.send('POST', path, undefined, b)).status).toBe(403)
    const end = await server.send('POST', '/v1/finops/workflows/end', { workflow_id: 'w' }, b)
    expect(end.status).toBe(404)
    const batch = await server.send('POST', '/v1/finops/calls/batch', { calls: [{ ...CALL, organization_id: 'a' }] }, b)
    expect(batch.body).toMatchObject({
      accepted: 0,
      refused: 1,
      results: [{ index: 0, code: 'forbidden', path: '/calls/0/organization_id' }],
    })
    expect(server.services.committer.head()).toBe(head)
  })

  it('a key of one cannot touch a key of the other', async () => {
    const { server, a, b } = await two()
    const keys = await server.send('GET', '/v1/finops/keys', undefined, a)
    const [first] = (keys.body as { keys: { id: string }[] }).keys
    for (const verb of ['revoke', 'rotate']) {
      expect((await server.send('POST', `/v1/finops/keys/${first?.id}/${verb}`, undefined, b)).status).toBe(404)
    }
    expect((await server.send('GET', '/v1/finops/keys', undefined, a)).status).toBe(200)
  })
})

describe('what a key may do', () => {
  it("an agent's key reports in its own name, and reads nothing", async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const agent = bearer((await makeKey(server, bearer(ADMIN), { organization_id: 'a', agent: 'Analyzer', team: 'research' })).secret)
    const tracked = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'c', agent_name: 'Somebody else' }, agent)
    expect(tracked.status).toBe(200)
    const explained = await server.send('GET', '/v1/finops/calls/c', undefined, bearer(ADMIN))
    expect(explained.body).toMatchObject({ agent_name: 'Analyzer', organization_id: 'a', team: 'research' })
    expect((await server.send('GET', '/v1/finops/analytics/agents', undefined, agent)).status).toBe(403)
    expect((await server.send('POST', '/v1/operations/query_sql', { sql: 'SELECT 1' }, agent)).status).toBe(403)
  })

  it('a key hands on no more than it has', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const maker = bearer((await makeKey(server, bearer(ADMIN), { organization_id: 'a', operations: ['create_key', 'report'] })).secret)
    expect((await server.send('POST', '/v1/finops/keys', { name: 'x', operations: ['report'] }, maker)).status).toBe(201)
    const more = await server.send('POST', '/v1/finops/keys', { name: 'x', operations: ['manage'] }, maker)
    expect([more.status, more.body?.code]).toEqual([403, 'forbidden'])
  })

  it('a rotated key works on for its grace; a revoked one ends at once', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z')
    const server = await start({ auth: 'required', adminKey: ADMIN, now: () => now })
    const old = await makeKey(server, bearer(ADMIN), { organization_id: 'a' })
    const rotated = await server.send('POST', `/v1/finops/keys/${old.id}/rotate`, { grace_hours: 1 }, bearer(ADMIN))
    const fresh = rotated.body as { secret: string; key: { id: string } }
    const status = async (secret: string): Promise<number> =>
      (await server.send('GET', '/v1/finops/analytics/agents', undefined, bearer(secret))).status
    expect([await status(old.secret), await status(fresh.secret)]).toEqual([200, 200])
    now += 3_600_000
    expect([await status(old.secret), await status(fresh.secret)]).toEqual([401, 200])
    await server.send('POST', `/v1/finops/keys/${fresh.key.id}/revoke`, undefined, bearer(ADMIN))
    expect(await status(fresh.secret)).toBe(401)
    const trail = await server.send('GET', '/v1/finops/audit', undefined, bearer(ADMIN))
    const actions = (trail.body as { entries: { action: string }[] }).entries.map(({ action }) => action)
    expect(actions).toEqual(['create_key', 'create_key', 'rotate_key', 'rotate_key', 'revoke_key'])
    expect(trail.text).not.toContain(old.secret)
  })
})

it('a call without an organization goes where its run is, when that is one place', async () => {
  const server = await start()
  const where = async (body: object): Promise<unknown> =>
    ((await server.send('POST', '/v1/finops/calls/track', { ...CALL, ...body })).body as { organization_id: unknown }).organization_id
  expect(await where({ workflow_id: 'early' })).toBe('default')
  await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'early', workflow_name: 'W', organization_id: 'a' })
  expect(await where({ workflow_id: 'early' })).toBe('a')
  await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'early', workflow_name: 'W', organization_id: 'b' })
  expect(await where({ workflow_id: 'early' })).toBe('default')
  await server.send('POST', '/v1/finops/sessions/start', { session_id: 's', organization_id: 'c' })
  expect(await where({ session_id: 's' })).toBe('c')
  expect(await where({ session_id: 's', organization_id: 'd' })).toBe('d')
  const batch = await server.send('POST', '/v1/finops/calls/batch', { calls: [{ ...CALL, session_id: 's' }, CALL] })
  expect(batch.body).toMatchObject({ accepted: 2 })
})
