import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../index.ts'
import { type CallAspects, canMeet, type GatewayPolicy, isFor } from './policy.ts'
import { openPolicyDesk } from './policy-desk.ts'

type Match = Partial<GatewayPolicy['match']>
interface Table {
  readonly upstreams: readonly { readonly name: string; readonly dialect: string }[]
  readonly taken: readonly { readonly name: string; readonly input: object; readonly policy: object }[]
  readonly refused: readonly { readonly name: string; readonly input: object; readonly code: string; readonly path: string }[]
  readonly ambiguous: readonly { readonly name: string; readonly one: Match; readonly other: Match; readonly meet: boolean }[]
  readonly for: readonly { readonly name: string; readonly match: Match; readonly call: Partial<CallAspects>; readonly for: boolean }[]
}
const table: Table = JSON.parse(readFileSync(new URL('../../../../../conformance/gateway/policies.json', import.meta.url), 'utf8'))
const CACHE = { mode: 'exact', ttl_seconds: 60 }
const CALL: CallAspects = { key: null, upstream: 'openai', endpoint: 'chat', model: 'gpt-4o', agent: null, team: null }

describe('a policy is for a call', () => {
  it.each(table.for)('$name', ({ match, call, for: expected }) => expect(isFor(policyFor(match), { ...CALL, ...call })).toBe(expected))
  it('unless it is off', () => expect(isFor({ ...policyFor({}), enabled: false }, CALL)).toBe(false))
})

describe('two policies can match one call', () => {
  it.each(table.ambiguous)('$name', ({ one, other, meet }) => {
    expect([canMeet(policyFor(one), policyFor(other)), canMeet(policyFor(other), policyFor(one))]).toEqual([meet, meet])
  })
})

describe('set_gateway_policy', () => {
  let server: TestServer
  let invoke: Invoke
  beforeEach(async () => {
    server = await testServer()
    invoke = createInvoke({ ...server.services, upstreams: table.upstreams })
  })
  afterEach(() => server.close())

  it.each(table.taken)('takes: $name', async ({ input, policy }) => {
    expect(await invoke('set_gateway_policy', input)).toMatchObject({ ok: true, value: policy })
  })

  it.each(table.refused)('refuses: $name', async ({ input, code, path }) => {
    expect(await invoke('set_gateway_policy', input)).toMatchObject({ ok: false, error: { code, path } })
    expect(await invoke('list_gateway_policies', {})).toEqual({ ok: true, value: { policies: [] } })
  })

  it('refuses two of the same priority that can match one call, also when they are set at once, and takes them in an order', async () => {
    const set = (input: object) => invoke('set_gateway_policy', { cache: CACHE, ...input })
    const both = await Promise.all([set({ policy_id: 'a' }), set({ policy_id: 'b', match: { agents: ['x'] } })])
    expect(both.filter(({ ok }) => ok)).toHaveLength(1)
    expect(both.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'invalid_field', path: '/priority' } })
    expect(await set({ policy_id: 'b', match: { agents: ['x'] }, priority: 5 })).toMatchObject({ ok: true })
    expect(await set({ policy_id: 'a' })).toMatchObject({ ok: true })
    // A policy is no rival of itself, nor one that is off of anybody.
    expect(await set({ policy_id: 'a', priority: 5, enabled: false })).toMatchObject({ ok: true })
    expect(await set({ policy_id: 'a', priority: 5 })).toMatchObject({ ok: false })
  })

  it('holds for the next call, for its own organization alone, the lowest number first; removed it holds no more', async () => {
    const { policies } = server.services
    expect(policies.policyFor('default', CALL)).toBeNull()
    await invoke('set_gateway_policy', { policy_id: 'all', cache: CACHE })
    await invoke('set_gateway_policy', { policy_id: 'x', priority: 1, match: { agents: ['x'] }, cache: CACHE })
    expect(policies.policyFor('default', CALL)?.policy_id).toBe('all')
    expect(policies.policyFor('default', { ...CALL, agent: 'x' })?.policy_id).toBe('x')
    expect(policies.policyFor('other', CALL)).toBeNull()
    const again = await openPolicyDesk(server.services.documents)
    expect(again.policyFor('default', { ...CALL, agent: 'x' })?.policy_id).toBe('x')
    expect(await invoke('remove_gateway_policy', { policy_id: 'x' })).toMatchObject({ ok: true })
    expect(policies.policyFor('default', { ...CALL, agent: 'x' })?.policy_id).toBe('all')
    expect(await invoke('remove_gateway_policy', { policy_id: 'x' })).toMatchObject({ ok: false, error: { code: 'not_found' } })
  })

  it('is in the audit with what it was before, and keeps organizations apart over HTTP', async () => {
    const path = '/v1/finops/gateway/policies'
    await server.send('PUT', path, { policy_id: 'p', cache: CACHE, organization_id: 'acme' })
    await server.send('PUT', path, { policy_id: 'p', cache: { ...CACHE, ttl_seconds: 30 }, organization_id: 'acme' })
    await server.send('DELETE', `${path}/p?organization_id=acme`)
    expect((await server.send('GET', path)).body).toEqual({ policies: [] })
    const trail = (await server.services.audits.auditTrail('acme', 0, 10)).map(({ action, target, before, after }) => [
      action,
      target,
      ttlOf(before),
      ttlOf(after),
    ])
    expect(trail).toEqual([
      ['set_gateway_policy', 'p', null, 60],
      ['set_gateway_policy', 'p', 60, 30],
      ['remove_gateway_policy', 'p', 30, null],
    ])
  })
})

function ttlOf(text: string | null): unknown {
  return text === null ? null : (JSON.parse(text) as GatewayPolicy).cache?.ttl_seconds
}

function policyFor(match: Match): GatewayPolicy {
  return {
    policy_id: 'p',
    name: null,
    priority: 1,
    enabled: true,
    match: { keys: null, upstreams: null, endpoints: null, models: null, agents: null, teams: null, ...match },
    cache: null,
    budget_status: null,
    routing: { on_error: null, cheapest: null },
  }
}
