import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresSkipReason } from '../../conformance/postgres/test-database.ts'
import { PICOS_PER_USD, picosOfUsd } from '../src/kernel/index.ts'
import { type Nodes, startNodes } from './nodes.ts'

const skipReason = await postgresSkipReason()
/** Of so many callers one looks; an odd number, so that both nodes are asked. */
const LOOKS_EACH = 25
const CALLERS = 500
const LIMIT_USD = 10
const LIMIT = BigInt(LIMIT_USD) * PICOS_PER_USD

describe.skipIf(skipReason !== null)(`two server processes on one PostgreSQL database ${skipReason ?? ''}`, () => {
  let nodes: Nodes
  beforeAll(async () => {
    nodes = await startNodes()
  }, 150_000)
  afterAll(() => nodes?.remove())
  const ask = (node: number, method: string, path: string, body?: unknown, key?: string) =>
    nodes.ask(node, method, `/v1/finops/${path}`, body, key)

  it(`never hold or post more than a budget of $${LIMIT_USD}, whatever ${CALLERS} callers ask of both, and use it up`, {
    timeout: 120_000,
  }, async () => {
    const organization_id = 'race'
    const set = await ask(0, 'PUT', 'budgets', {
      organization_id,
      dimension: 'organization',
      period: 'total',
      limit_usd: String(LIMIT_USD),
    })
    expect(set.status, set.text).toBe(200)
    const seen: bigint[] = []
    const look = async (node: number): Promise<void> => {
      const { body } = await ask(node, 'GET', `budgets?organization_id=${organization_id}`)
      const [standing] = (body as { budgets: { standings: { spent_usd: string; held_usd: string }[] }[] }).budgets[0]?.standings ?? []
      if (standing !== undefined) seen.push(exact(standing.spent_usd) + exact(standing.held_usd))
    }
    // Some callers look how the budget stands when they are done, while the others go on: so many looks, however fast the machine is.
    const race = async (caller: number): Promise<'settled' | 'refused'> => {
      const outcome = await callOnce(caller, organization_id)
      if (caller % LOOKS_EACH === 0) await look(caller % 2)
      return outcome
    }
    const outcomes = await Promise.all(Array.from({ length: CALLERS }, (_, caller) => race(caller)))
    const { body } = await ask(0, 'GET', `budgets?organization_id=${organization_id}`)
    const [standing] = (body as { budgets: { standings: { spent_usd: string; held_usd: string }[] }[] }).budgets[0]?.standings ?? []
    expect(seen.filter((amount) => amount > LIMIT)).toEqual([])
    expect(seen).toHaveLength(Math.ceil(CALLERS / LOOKS_EACH))
    expect(standing?.held_usd).toBe('0')
    expect(exact(standing?.spent_usd)).toBeLessThanOrEqual(LIMIT)
    expect(exact(standing?.spent_usd)).toBeGreaterThanOrEqual((LIMIT * 95n) / 100n)
    expect(new Set(outcomes)).toEqual(new Set(['settled', 'refused']))
    for (const node of [0, 1]) expect((await ask(node, 'POST', 'verify')).body).toMatchObject({ ok: true })
  })

  /** Takes a hold of random size and settles it for all of it, through one node or the other; a transient refusal is tried again, as clients do. */
  async function callOnce(caller: number, organization_id: string): Promise<'settled' | 'refused'> {
    const call_id = `race-${caller}`
    // $0.01 to $0.10 in output tokens of gpt-4o, at $10 a million.
    const max_output_tokens = 1_000 + ((caller * 7_919) % 9_000)
    for (;;) {
      const held = await ask(caller % 2, 'POST', 'calls/authorize', {
        organization_id,
        call_id,
        agent_name: `agent-${caller % 20}`,
        model: 'gpt-4o',
        input_tokens: 0,
        max_output_tokens,
      })
      if (held.status === 402) return 'refused'
      if (held.status === 503) continue
      expect(held.status, held.text).toBe(200)
      break
    }
    for (;;) {
      // By the other node than the one that granted it.
      const settled = await ask((caller + 1) % 2, 'POST', `calls/${call_id}/settle`, {
        organization_id,
        model: 'gpt-4o',
        input_tokens: 0,
        output_tokens: max_output_tokens,
      })
      if (settled.status === 503) continue
      expect(settled.status, settled.text).toBe(200)
      return 'settled'
    }
  }

  it('follow the policies of the gateway that are set or removed at the other, with the next call', async () => {
    const call = async (node: number) => {
      const answer = await nodes.ask(node, 'POST', '/ollama/v1/chat/completions', { model: 'none', messages: [] })
      return answer.headers['x-purser-policy']
    }
    for (const node of [0, 1]) {
      expect(await call(1 - node)).toBeUndefined()
      const policy = { policy_id: `of-${node}`, cache: { mode: 'exact', ttl_seconds: 60 } }
      expect((await ask(node, 'PUT', 'gateway/policies', policy)).status).toBe(200)
      expect(await call(1 - node)).toBe(policy.policy_id)
      expect((await ask(node, 'DELETE', `gateway/policies/${policy.policy_id}`)).status).toBe(200)
      expect(await call(1 - node)).toBeUndefined()
    }
  })

  it('give one id one answer, and refuse another body, whoever is asked', async () => {
    const call = { organization_id: 'same', call_id: 'c1', agent_name: 'a', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 500 }
    const answers = await Promise.all([0, 1, 0, 1].map((node) => ask(node, 'POST', 'calls/track', call)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(answers.filter(({ body }) => body.replayed === false)).toHaveLength(1)
    expect(new Set(answers.map(({ body }) => body.cost))).toEqual(new Set(['0.0075']))
    for (const node of [0, 1]) {
      expect(await ask(node, 'POST', 'calls/track', { ...call, output_tokens: 501 })).toMatchObject({
        status: 409,
        body: { code: 'id_reused' },
      })
    }
  })

  it('have in the next answer of one what the other has acknowledged', async () => {
    for (let round = 1; round <= 20; round++) {
      const [writer, reader] = [round % 2, (round + 1) % 2]
      const call = { organization_id: 'fresh', agent_name: 'a', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 0 }
      expect((await ask(writer, 'POST', 'calls/track', call)).status).toBe(200)
      const answer = await ask(reader, 'GET', 'analytics/agents?organization_id=fresh')
      expect(answer.body).toMatchObject({ agents: { a: { calls: round } } })
    }
  })

  it('refuse a key at once that the other has revoked, and let one in that the other has made', async () => {
    for (let round = 0; round < 5; round++) {
      const [maker, other] = [round % 2, (round + 1) % 2]
      const made = await ask(maker, 'POST', 'keys', { organization_id: 'keys', name: `k${round}` })
      const { secret, key } = made.body as { secret: string; key: { id: string } }
      expect((await ask(other, 'GET', 'analytics/agents', undefined, secret)).status).toBe(200)
      expect((await ask(maker, 'POST', `keys/${key.id}/revoke`)).status).toBe(200)
      expect((await ask(other, 'GET', 'analytics/agents', undefined, secret)).status).toBe(401)
    }
  })

  it('stop a loop of one request to a tool that goes to both in turn', async () => {
    const organization_id = 'loops'
    const rule = {
      organization_id,
      dimension: 'agent',
      measure: 'repeats',
      limit: 3,
      window_seconds: 60,
      action: 'block',
      cooldown_seconds: 60,
    }
    expect((await ask(0, 'PUT', 'breakers', rule)).status).toBe(200)
    const made = await ask(0, 'POST', 'keys', { organization_id, name: 'tools', agent: 'a' })
    const { secret } = made.body as { secret: string }
    const uses: number[] = []
    for (const node of [0, 1, 0, 1, 0]) {
      const body = { tool: 'search_services', input: { agent_id: 'a', query: 'again' } }
      uses.push((await nodes.ask(node, 'POST', '/v1', body, secret)).status)
    }
    expect(uses).toEqual([200, 200, 200, 403, 403])
  })

  it('price a call at the rates that the other has set', async () => {
    for (const [round, price] of ['2', '4', '6'].entries()) {
      const [setter, other] = [round % 2, (round + 1) % 2]
      const rate = { organization_id: 'rates', model: 'house-model', input_per_1m: price, output_per_1m: '0' }
      expect((await ask(setter, 'PUT', 'rates', rate)).status).toBe(200)
      const call = { organization_id: 'rates', agent_name: 'a', model: 'house-model', input_tokens: 1_000_000, output_tokens: 0 }
      expect((await ask(other, 'POST', 'calls/track', call)).body).toMatchObject({ cost: price })
    }
  })

  it('know where a run belongs that the other has started', async () => {
    const call = { workflow_id: 'run-1', agent_name: 'a', model: 'gpt-4o', input_tokens: 1, output_tokens: 0 }
    // Asked before, so that whatever is remembered of the run would be wrong.
    await ask(1, 'POST', 'calls/track', { ...call, workflow_id: 'run-0' })
    await ask(0, 'POST', 'workflows/start', { organization_id: 'runs', workflow_id: 'run-0', workflow_name: 'Report' })
    await ask(0, 'POST', 'workflows/start', { organization_id: 'runs', workflow_id: 'run-1', workflow_name: 'Report' })
    for (const workflow_id of ['run-0', 'run-1']) {
      expect((await ask(1, 'POST', 'calls/track', { ...call, workflow_id })).body).toMatchObject({ organization_id: 'runs' })
    }
  })
})

function exact(usd: string | undefined): bigint {
  const amount = picosOfUsd(usd ?? '')
  if (amount === null) throw new Error('an amount was expected')
  return amount
}
