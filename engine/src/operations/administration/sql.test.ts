import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await testServer()
})
afterEach(() => server.close())

const ask = (sql: string, organization?: string): Promise<Answer> =>
  server.send('POST', '/v1/finops/sql', { sql, ...(organization === undefined ? {} : { organization_id: organization }) })

/** An agent on a dear model with a cheaper sibling, and one on a model that nothing prices cheaper. */
async function fleet(organization: string, model: string): Promise<void> {
  const call = (agent: string, index: number, of: string, input: number): object => ({
    call_id: `${organization}-${agent}-${index}`,
    organization_id: organization,
    agent_name: agent,
    model: of,
    input_tokens: input,
    output_tokens: 1_000,
  })
  const calls = Array.from({ length: 12 }, (_, index) => [
    call('planner', index, model, 100_000),
    call('clerk', index, 'gpt-4o-mini', 1_000),
  ]).flat()
  expect((await server.send('POST', '/v1/finops/calls/batch', { calls })).body).toMatchObject({ accepted: 24 })
}

const SELECT = `SELECT organization_id, type, priority, subject, current_cost_usd, potential_savings_usd, call_ids
  FROM optimization_recommendations ORDER BY organization_id, potential_savings_usd DESC NULLS LAST, current_cost_usd DESC`

interface Opportunity {
  readonly type: string
  readonly priority: string
  readonly potential_savings_exact: string | null
  readonly calls: { readonly call_ids: readonly string[] }
}

async function opportunitiesOf(organization: string): Promise<readonly Opportunity[]> {
  const { body } = await server.send('GET', `/v1/finops/optimization/opportunities?organization_id=${organization}&period=30d`)
  return body.opportunities as readonly Opportunity[]
}

/** Savings in the spelling of the API: without the zeros that a column of decimals is filled with. */
function shortest(amount: unknown): unknown {
  return typeof amount === 'string' ? amount.replace(/\.?0+$/, '') : amount
}

describe('optimization_recommendations', () => {
  it('says what find_opportunities says, with the calls behind it', async () => {
    await fleet('acme', 'gpt-4o')
    const { body } = await ask(SELECT, 'acme')
    const opportunities = await opportunitiesOf('acme')
    expect(opportunities.length).toBeGreaterThan(0)
    expect(opportunities.some((each) => each.potential_savings_exact !== null && each.potential_savings_exact !== '0')).toBe(true)
    const rows = body.rows as unknown[][]
    expect(rows.map(([, type, priority, , , savings, ids]) => [type, priority, shortest(savings), ids])).toEqual(
      opportunities.map((each) => [each.type, each.priority, each.potential_savings_exact, each.calls.call_ids]),
    )
    expect(rows.flatMap((row) => row[6]).every((id) => String(id).startsWith('acme-'))).toBe(true)
  })

  it('has null where a saving cannot be computed', async () => {
    await server.send('PUT', '/v1/finops/rates', { organization_id: 'acme', model: 'house-model', input_per_1m: '3', output_per_1m: '9' })
    await fleet('acme', 'house-model')
    const { body } = await ask(SELECT, 'acme')
    expect((body.rows as unknown[][]).filter((row) => row[3] === 'planner').map((row) => row[5])).toEqual([null])
  })

  it('is computed anew for each question, and per organization for whoever may ask about all', async () => {
    await fleet('acme', 'gpt-4o')
    const before = (await ask(SELECT, 'acme')).body.rows as unknown[][]
    await fleet('globex', 'gpt-4o')
    const all = (await ask(SELECT)).body.rows as unknown[][]
    expect(all.filter((row) => row[0] === 'acme')).toEqual(before)
    expect(all.filter((row) => row[0] === 'globex')).toHaveLength(before.length)
    expect(((await ask(SELECT, 'acme')).body.rows as unknown[][]).map((row) => row[0])).toEqual(before.map(() => 'acme'))
  })
})
