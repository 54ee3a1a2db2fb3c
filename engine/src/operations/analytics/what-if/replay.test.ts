import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../../conformance/calls/seeded-random.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Case {
  readonly name: string
  readonly before: readonly { readonly do: string; readonly body: object }[]
  readonly calls: readonly object[]
  readonly ask: object
  readonly expect?: object
  readonly refused?: object
}

const START = Date.parse('2026-11-22T10:00:00Z')
let now = START
let server: TestServer
beforeEach(async () => {
  now = START
  server = await testServer({ now: () => now })
})
afterEach(() => server.close())

const post = async (path: string, body: object) => {
  const answer = await server.send('POST', `/v1/finops/${path}`, body)
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body
}
type Replayed = { call_ids: string[]; refused_calls: number; existing: unknown; decided_by_hold: number; lines: unknown[] }
const ask = async (question: object) => (await post('what-if', question)).budget as Replayed

const table: Case[] = JSON.parse(readFileSync(new URL('../../../../../conformance/what-if/budgets.json', import.meta.url), 'utf8'))

describe('what a budget would have refused', () => {
  it('is as in the table', async () => {
    expect(table.length).toBeGreaterThan(20)
    for (const [index, { name, before, calls, ask: question, expect: expected, refused }] of table.entries()) {
      const organization_id = `case_${index}`
      for (const step of before) await post(step.do, { ...step.body, organization_id })
      for (const call of calls) await post('calls/track', { ...call, organization_id })
      const { status, body } = await server.send('POST', '/v1/finops/what-if', { ...question, organization_id })
      if (refused !== undefined) expect(body, name).toMatchObject(refused)
      else expect({ status, budget: body.budget ?? body }, name).toMatchObject({ status: 200, budget: expected })
    }
  })

  it.each([
    { dimension: 'agent', period: 'day', limit_usd: '20' },
    { dimension: 'organization', period: 'rolling:6h', limit_usd: '30' },
    { dimension: 'user', value: 'u1', period: 'hour', limit_usd: '4', zone: 'Asia/Kolkata' },
    { dimension: 'run', period: 'total', limit_usd: '25' },
  ])('is what the ledger refuses when each call is held for what it costs: %j', async (budget) => {
    const { below: pick } = seededRandom(7)
    await server.send('PUT', '/v1/finops/budgets', { ...budget, organization_id: 'limited' })
    for (const organization_id of ['limited', 'free']) {
      await post('workflows/start', { organization_id, workflow_id: `${organization_id}-0`, workflow_name: 'w' })
      await post('workflows/start', {
        organization_id,
        workflow_id: `${organization_id}-1`,
        workflow_name: 'w',
        parent_workflow_id: `${organization_id}-0`,
      })
    }
    const refused: string[] = []
    for (let index = 0; index < 80; index++) {
      now += pick(1_800_000)
      const tokens = pick(1_000_000)
      const call = { call_id: `c${index}`, agent_name: `a${pick(3)}`, user_id: `u${pick(2)}`, model: 'gpt-4o', input_tokens: tokens }
      const run = `-${pick(3)}`
      const asked = { ...call, organization_id: 'limited', workflow_id: `limited${run}`, max_output_tokens: 0 }
      const { status } = await server.send('POST', '/v1/finops/calls/authorize', asked)
      if (status === 402) refused.push(call.call_id)
      else
        await post(`calls/${call.call_id}/settle`, { ...call, organization_id: 'limited', workflow_id: `limited${run}`, output_tokens: 0 })
      await post('calls/track', { ...call, organization_id: 'free', workflow_id: `free${run}`, output_tokens: 0 })
    }
    expect(refused.length).toBeGreaterThan(3)
    expect((await ask({ organization_id: 'free', budget })).call_ids).toEqual(refused)
    // Of those that were let through it would have refused none: the others are not in the journal.
    const again = await ask({ organization_id: 'limited', budget })
    expect(again.refused_calls).toBe(0)
    expect(again.existing).toMatchObject({ limit_usd: budget.limit_usd, mode: 'hard' })
    expect((again.existing as { refused_in: unknown[] }).refused_in.length).toBeGreaterThan(0)
  })

  it('takes a known budget with another limit, and can decide by what was held', async () => {
    const set = await server.send('PUT', '/v1/finops/budgets', {
      organization_id: 'o',
      dimension: 'agent',
      period: 'day',
      limit_usd: '100',
    })
    const { budget_id } = (set.body as { budget: { budget_id: string } }).budget
    for (const call_id of ['c1', 'c2']) {
      const call = { organization_id: 'o', call_id, agent_name: 'a', model: 'gpt-4o', input_tokens: 100_000 }
      await post('calls/authorize', { ...call, max_output_tokens: 100_000 })
      await post(`calls/${call_id}/settle`, { ...call, output_tokens: 10 })
    }
    const budget = { budget_id, limit_usd: '1' }
    expect(await ask({ organization_id: 'o', budget })).toMatchObject({
      refused_calls: 0,
      decided_by_hold: 0,
      existing: { limit_usd: '100', refused_in: [] },
    })
    // Held: 0.25 + 1 dollar each.
    expect(await ask({ organization_id: 'o', budget, decide_by: 'hold' })).toMatchObject({
      refused_calls: 2,
      decided_by_hold: 2,
      call_ids: ['c1', 'c2'],
    })
    expect(await ask({ organization_id: 'o', budget, decide_by: 'hold', call_ids: 1 })).toMatchObject({
      refused_calls: 2,
      call_ids: ['c1'],
    })
  })
})
