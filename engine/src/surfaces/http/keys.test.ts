import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const ADMIN = { authorization: 'Bearer operators-own-secret-0123456789' }
const START = Date.parse('2026-11-22T10:00:00Z')
const CALL = { agent_name: 'Somebody else', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }

interface Key {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly status: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly replaced_by: string | null
}
interface Made {
  readonly secret: string
  readonly key: Key
}

let now = START
let server: TestServer
beforeEach(async () => {
  now = START
  server = await testServer({ auth: 'required', adminKey: 'operators-own-secret-0123456789', now: () => now })
})
afterEach(() => server.close())

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })

async function make(input: object, maker = ADMIN): Promise<Made> {
  const made = await server.send('POST', '/v1/finops/keys', { name: 'k', organization_id: 'a', ...input }, maker)
  expect(made.status, made.text).toBe(201)
  return made.body as unknown as Made
}

async function statusWith(secret: string): Promise<number> {
  return (await server.send('POST', '/v1/operations/ping', {}, bearer(secret))).status
}

async function listed(query = '', asker: Record<string, string> = ADMIN): Promise<readonly Key[]> {
  const answer = await server.send('GET', `/v1/finops/keys${query}`, undefined, asker)
  expect(answer.status, answer.text).toBe(200)
  return (answer.body as unknown as { keys: Key[] }).keys
}

/** One letter of it is another. */
const spoiled = (secret: string): string => `${secret.slice(0, -1)}${secret.endsWith('A') ? 'E' : 'A'}`

const told = ({ status, body }: Answer): unknown[] => [status, body?.code]

describe('rotating a key', () => {
  it('in an emergency ends the old secret with the next request', async () => {
    const old = await make({})
    const rotated = await server.send('POST', `/v1/finops/keys/${old.key.id}/rotate`, { grace_seconds: 0 }, ADMIN)
    expect(rotated.body).toMatchObject({ replaces: { id: old.key.id, status: 'expired', expires_at: '2026-11-22T10:00:00.000Z' } })
    expect([await statusWith(old.secret), await statusWith((rotated.body as unknown as Made).secret)]).toEqual([401, 200])
  })

  it.each([
    [{ grace_seconds: 90 }, 90_000],
    [{ grace_hours: 0.5 }, 1_800_000],
    [{}, 86_400_000],
  ])('with %j lets both work for %i ms, and the old one not a millisecond longer', async (grace, ms) => {
    const old = await make({})
    const rotated = await server.send('POST', `/v1/finops/keys/${old.key.id}/rotate`, grace, ADMIN)
    const { secret } = rotated.body as unknown as Made
    now = START + ms - 1
    expect([await statusWith(old.secret), await statusWith(secret)]).toEqual([200, 200])
    now = START + ms
    expect([await statusWith(old.secret), await statusWith(secret)]).toEqual([401, 200])
  })

  it.each([
    [{ grace_seconds: 1, grace_hours: 1 }, '/grace_seconds'],
    [{ grace_seconds: -1 }, '/grace_seconds'],
    [{ grace_seconds: 0.5 }, '/grace_seconds'],
    [{ grace_seconds: 2_592_001 }, '/grace_seconds'],
    [{ grace_hours: 721 }, '/grace_hours'],
  ])('refuses %j', async (grace, path) => {
    const old = await make({})
    const answer = await server.send('POST', `/v1/finops/keys/${old.key.id}/rotate`, grace, ADMIN)
    expect([...told(answer), answer.body?.path]).toEqual([400, 'invalid_field', path])
    expect(await statusWith(old.secret)).toBe(200)
  })

  it('gives nobody a secret that may do more than they may', async () => {
    const strong = await make({ operations: ['report', 'read', 'manage'] })
    const weak = await make({ operations: ['rotate_key', 'rotate_keys', 'revoke_key', 'report'] })
    const one = await server.send('POST', `/v1/finops/keys/${strong.key.id}/rotate`, undefined, bearer(weak.secret))
    expect(told(one)).toEqual([403, 'forbidden'])
    const all = await server.send('POST', '/v1/finops/keys/rotate', {}, bearer(weak.secret))
    expect(all.body).toMatchObject({ rotated: [{ replaces: { id: weak.key.id } }], failed: [{ key_id: strong.key.id, code: 'forbidden' }] })
    expect(await statusWith(strong.secret)).toBe(200)
    expect((await server.send('POST', `/v1/finops/keys/${strong.key.id}/revoke`, undefined, bearer(weak.secret))).status).toBe(200)
    expect(await statusWith(strong.secret)).toBe(401)
  })
})

describe('rotating all keys', () => {
  it('of an organization gives each new secret once, ends those replaced before, and leaves others as they were', async () => {
    const first = await make({ name: 'first', agent: 'A' })
    const second = await make({ name: 'second' })
    const revoked = await make({ name: 'revoked' })
    await server.send('POST', `/v1/finops/keys/${revoked.key.id}/revoke`, undefined, ADMIN)
    const before = (await server.send('POST', `/v1/finops/keys/${second.key.id}/rotate`, undefined, ADMIN)).body as unknown as Made
    const foreign = await make({ organization_id: 'b' })
    const answer = await server.send('POST', '/v1/finops/keys/rotate', { organization_id: 'a', grace_seconds: 60 }, ADMIN)
    expect(answer.status, answer.text).toBe(200)
    const body = answer.body as unknown as { rotated: (Made & { replaces: Key })[]; shortened: Key[]; failed: unknown[] }
    expect(body.rotated.map(({ replaces }) => replaces.id).sort()).toEqual([first.key.id, before.key.id].sort())
    expect(body.shortened).toMatchObject([{ id: second.key.id, expires_at: '2026-11-22T10:01:00.000Z' }])
    expect(body.failed).toEqual([])
    const fresh = body.rotated.map(({ secret }) => secret)
    expect(new Set(fresh).size).toBe(2)
    now += 60_000
    for (const secret of [first.secret, second.secret, before.secret, revoked.secret]) expect(await statusWith(secret)).toBe(401)
    for (const secret of [...fresh, foreign.secret]) expect(await statusWith(secret)).toBe(200)
    const trail = await server.send('GET', '/v1/finops/audit?organization_id=a', undefined, ADMIN)
    const actions = (trail.body as unknown as { entries: { action: string }[] }).entries.map(({ action }) => action)
    expect(actions.filter((action) => action === 'rotate_key')).toHaveLength(2 + 2 + 1 + 2)
    for (const secret of fresh) expect(trail.text).not.toContain(secret)
  })

  it('of some agents names those that have none, and those that sign', async () => {
    const a = await make({ agent: 'A' })
    const other = await make({ agent: 'B' })
    const signs = { name: 's', agent: 'A', organization_id: 'a', public_key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    const signing = (await server.send('POST', '/v1/finops/keys/public', signs, ADMIN)).body as unknown as Made
    const answer = await server.send(
      'POST',
      '/v1/finops/keys/rotate',
      { organization_id: 'a', agents: ['A', 'C'], grace_seconds: 0 },
      ADMIN,
    )
    expect(answer.body).toMatchObject({
      rotated: [{ replaces: { id: a.key.id } }],
      signing: [{ id: signing.key.id, status: 'active' }],
      failed: [{ key_id: null, agent: 'C', code: 'not_found' }],
    })
    expect([await statusWith(a.secret), await statusWith(other.secret)]).toEqual([401, 200])
  })

  it('is refused where nobody says which organization, or another one', async () => {
    const unsaid = await server.send('POST', '/v1/finops/keys/rotate', {}, ADMIN)
    expect([...told(unsaid), unsaid.body?.path]).toEqual([400, 'missing_field', '/organization_id'])
    const maker = await make({ operations: ['manage', 'report', 'read'] })
    expect(told(await server.send('POST', '/v1/finops/keys/rotate', { organization_id: 'b' }, bearer(maker.secret)))).toEqual([
      403,
      'forbidden',
    ])
    const reporter = await make({ operations: ['report'] })
    expect(told(await server.send('POST', '/v1/finops/keys/rotate', {}, bearer(reporter.secret)))).toEqual([403, 'forbidden'])
    expect(await statusWith(maker.secret)).toBe(200)
  })
})

describe('the list of keys', () => {
  it('says when each was last used, also before that is written', async () => {
    const used = await make({ name: 'used' })
    const idle = await make({ name: 'idle' })
    now += 5_000
    await statusWith(used.secret)
    now += 5_000
    await server.send('POST', '/v1/operations/nonsense', {}, bearer(used.secret))
    expect(await statusWith(spoiled(idle.secret))).toBe(401)
    const uses = async (): Promise<unknown> =>
      Object.fromEntries((await listed('?organization_id=a')).map(({ name, last_used_at }) => [name, last_used_at]))
    const expected = { used: '2026-11-22T10:00:10.000Z', idle: null }
    expect(await uses()).toEqual(expected)
    expect(await server.services.keys.lastUses('a')).toEqual(new Map())
    await server.services.keyUses.write()
    expect(await server.services.keys.lastUses('a')).toEqual(new Map([[used.key.id, now]]))
    expect(await uses()).toEqual(expected)
  })

  it('knows the last uses after a stop', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'purser-uses-'))
    try {
      const config = { auth: 'required', adminKey: 'operators-own-secret-0123456789', now: () => now, data: folder } as const
      const first = await testServer(config)
      await first.send('POST', '/v1/operations/ping', {}, ADMIN)
      await first.close()
      now += 60_000
      const second = await testServer(config)
      expect(await second.services.keyUses.lastUses(null)).toEqual(new Map([[expect.any(String), START]]))
      await second.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('shows no organization the keys of another, whatever it names', async () => {
    const mine = await make({ operations: ['manage'] })
    await make({ organization_id: 'b', name: 'theirs' })
    expect((await listed('', bearer(mine.secret))).map(({ id }) => id)).toEqual([mine.key.id])
    expect(told(await server.send('GET', '/v1/finops/keys?organization_id=b', undefined, bearer(mine.secret)))).toEqual([403, 'forbidden'])
    expect(told(await server.send('GET', '/v1/finops/keys?organization_id=none', undefined, bearer(mine.secret)))).toEqual([
      403,
      'forbidden',
    ])
  })

  it('keeps nothing of an own bootstrap secret, not even how it begins', async () => {
    expect((await listed()).map(({ prefix }) => prefix)).toEqual(['ADMIN_KEY'])
  })
})

describe('a key of an agent', () => {
  it('reports and uses tools, and its list is checked name by name', async () => {
    const wallet = await make({ agent: 'A', operations: ['report', 'create_api_key', 'rotate_api_key'] })
    expect(told(await server.send('GET', '/v1/finops/keys', undefined, bearer(wallet.secret)))).toEqual([403, 'forbidden'])
    const refused = await server.send('POST', '/v1/finops/keys', { name: 'x', agent: 'A', operations: ['read'] }, ADMIN)
    expect([...told(refused), refused.body?.path]).toEqual([400, 'invalid_field', '/operations/0'])
    const unknown = await server.send('POST', '/v1/finops/keys', { name: 'x', operations: ['report', 'get_balanse'] }, ADMIN)
    expect([...told(unknown), unknown.body?.path]).toEqual([400, 'invalid_field', '/operations/1'])
    expect(unknown.body?.detail).toContain('did you mean "get_balance"?')
  })

  it('is who it is through every door, whatever a request says', async () => {
    const agent = bearer((await make({ agent: 'Analyzer', team: 'research' })).secret)
    const answers = [
      await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'one' }, agent),
      await server.send('POST', '/v1/finops/calls/batch', { calls: [{ ...CALL, call_id: 'two' }] }, agent),
      await server.send('POST', '/v1/operations/track_calls', { calls: [{ ...CALL, call_id: 'three' }] }, agent),
      await server.send('POST', '/v1/operations/track_call', { ...CALL, call_id: 'four' }, agent),
      await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'w', workflow_name: 'W', agent_name: 'Somebody else' }, agent),
      await server.send('POST', '/v1/finops/sessions/start', { session_id: 's' }, agent),
      await server.send(
        'POST',
        '/v1/finops/calls/track',
        { call_id: 'five', model: 'gpt-4o', input_tokens: 1, output_tokens: 1, workflow_id: 'w', session_id: 's' },
        agent,
      ),
      await server.send(
        'POST',
        '/v1/finops/calls/authorize',
        { call_id: 'six', agent_name: 'Somebody else', model: 'gpt-4o', input_tokens: 10, max_output_tokens: 10 },
        agent,
      ),
      await server.send('POST', '/v1/operations/settle_call', { ...CALL, call_id: 'six' }, agent),
    ]
    for (const answer of answers) expect(answer.status, answer.text).toBe(200)
    for (const id of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const explained = await server.send('GET', `/v1/finops/calls/${id}`, undefined, ADMIN)
      expect(explained.body, id).toMatchObject({ agent_name: 'Analyzer', organization_id: 'a', team: 'research' })
    }
    const [run] = await server.services.ledger.findRuns('a', 'w')
    expect(run).toMatchObject({ agent: 'Analyzer' })
    const [session] = await server.services.ledger.findSessions('a', 's')
    expect(session).toMatchObject({ organization: 'a' })
  })

  it('may nothing else in another organization, and learns of nothing there', async () => {
    const agent = bearer((await make({ agent: 'A' })).secret)
    const doors: [path: string, body: object][] = [
      ['/v1/finops/calls/track', { ...CALL, organization_id: 'b' }],
      ['/v1/finops/workflows/start', { workflow_id: 'w', workflow_name: 'W', organization_id: 'b' }],
      ['/v1/finops/workflows/end', { workflow_id: 'w', organization_id: 'b' }],
      ['/v1/finops/sessions/start', { session_id: 's', organization_id: 'b' }],
      ['/v1/operations/end_session', { session_id: 's', organization_id: 'b' }],
      ['/v1/operations/authorize_call', { organization_id: 'b', model: 'gpt-4o', input_tokens: 1, max_output_tokens: 1 }],
      ['/v1/operations/settle_call', { ...CALL, call_id: 'c', organization_id: 'b' }],
      ['/v1/operations/extend_hold', { call_id: 'c', organization_id: 'b' }],
      ['/v1/operations/void_hold', { call_id: 'c', organization_id: 'b' }],
    ]
    for (const [path, input] of doors) {
      const before = await server.send('POST', path, input, agent)
      expect([...told(before), before.body?.path], `${path} ${before.text}`).toEqual([403, 'forbidden', '/organization_id'])
    }
    // The same refusals to the letter when the other organization has all of this.
    const theirs = bearer((await make({ organization_id: 'b' })).secret)
    await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'w', workflow_name: 'W' }, theirs)
    await server.send('POST', '/v1/finops/sessions/start', { session_id: 's' }, theirs)
    await server.send(
      'POST',
      '/v1/finops/calls/authorize',
      { call_id: 'c', model: 'gpt-4o', input_tokens: 1, max_output_tokens: 1 },
      theirs,
    )
    expect((await server.services.ledger.findHolds('b', 'c')).length).toBe(1)
    for (const [path, input] of doors) {
      const after = await server.send('POST', path, input, agent)
      expect([...told(after), after.body?.path], `${path} ${after.text}`).toEqual([403, 'forbidden', '/organization_id'])
    }
    expect(told(await server.send('POST', '/v1/operations/void_hold', { call_id: 'c' }, agent))).toEqual([404, 'not_found'])
  })
})
