import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../../conformance/calls/memory-journal.ts'
import { entriesOf } from '../../../../../conformance/calls/table-entries.ts'
import type { CallStore } from '../../../calls/index.ts'
import { openProjection } from '../projection.ts'

const DOLLAR = '1000000000000'
const NO_PRICE = { amount: null, status: 'unpriced' }
const journal = entriesOf([
  { run: { id: 'dark-run', workflow: 'Dark' } },
  { call: { id: 'a', agent: 'Dark', user: 'dark', session: 'dark', run: 'dark-run', ...NO_PRICE } },
  { run: { id: 'half-run', workflow: 'Half' } },
  { call: { id: 'b', agent: 'Half', user: 'half', session: 'half', run: 'half-run', ...NO_PRICE } },
  { call: { id: 'c', agent: 'Half', user: 'half', session: 'half', run: 'half-run', amount: DOLLAR } },
  { run: { id: 'free-run', workflow: 'Free' } },
  { call: { id: 'd', agent: 'Free', user: 'free', session: 'free', run: 'free-run', amount: '0' } },
  { call: { id: 'e', agent: 'Fixed', user: 'fixed', session: 'fixed', run: 'named-run', workflow: 'Fixed', ...NO_PRICE } },
  { adjustment: { id: 'e-priced', call: 'e', delta: DOLLAR, amount: DOLLAR } },
  { run: { id: 'idle-run', workflow: 'Idle' } },
])
const ZERO = '0.000000000000'
const ONE = '1.000000000000'

let store: CallStore
beforeAll(async () => {
  store = (await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(journal))).store
})
afterAll(() => store.close())

async function ask(text: string): Promise<unknown> {
  const scope = { organization: 'acme' }
  return (await store.sql({ scope, text, atLeast: journal.length, rowsMax: 100, msMax: 60_000 })).rows
}

describe('SQL shows no zero where the cost is unknown', () => {
  it.each(['agent_performance', 'v_top_spending_agents'])('%s: the average is of the calls with a price', async (view) => {
    expect(await ask(`SELECT agent_name, total_cost_usd, avg_cost_per_call_usd, unpriced_calls FROM ${view} ORDER BY 1`)).toEqual([
      ['Dark', null, null, '1'],
      ['Fixed', ONE, 1, '0'],
      ['Free', ZERO, 0, '0'],
      ['Half', ONE, 1, '1'],
    ])
  })

  it('v_top_spending_users: the same, and those of unknown cost come last', async () => {
    const rows = await ask(
      'SELECT user_id, total_cost_usd, avg_cost_per_call_usd FROM v_top_spending_users ORDER BY total_cost_usd DESC, 1',
    )
    expect(rows).toEqual([
      ['fixed', ONE, 1],
      ['half', ONE, 1],
      ['free', ZERO, 0],
      ['dark', null, null],
    ])
  })

  it('v_expensive_workflows: the average is over executions, and null when nothing is priced', async () => {
    const columns = 'workflow_name, total_cost_usd, avg_cost_per_execution_usd, unpriced_calls'
    expect(await ask(`SELECT ${columns} FROM v_expensive_workflows ORDER BY 1`)).toEqual([
      ['Dark', null, null, '1'],
      ['Fixed', ONE, 1, '0'],
      ['Free', ZERO, 0, '0'],
      ['Half', ONE, 1, '1'],
      ['Idle', ZERO, 0, '0'],
    ])
  })

  it('workflows: the status of a run that only calls have named is unknown', async () => {
    expect(await ask('SELECT workflow_id, total_cost_usd, status FROM workflows ORDER BY 1')).toEqual([
      ['dark-run', null, 'running'],
      ['free-run', ZERO, 'running'],
      ['half-run', ONE, 'running'],
      ['idle-run', ZERO, 'running'],
      ['named-run', ONE, 'unknown'],
    ])
  })

  it('user_sessions', async () => {
    expect(await ask('SELECT session_id, total_cost_usd FROM user_sessions ORDER BY 1')).toEqual([
      ['dark', null],
      ['fixed', ONE],
      ['free', ZERO],
      ['half', ONE],
    ])
  })

  it.each(['hour', 'day', 'month'])('cost_attribution by %s', async (period) => {
    const where = `dimension = 'agent' AND period_type = '${period}'`
    expect(await ask(`SELECT value, total_cost_usd, unpriced_calls FROM cost_attribution WHERE ${where} ORDER BY 1`)).toEqual([
      ['Dark', null, '1'],
      ['Fixed', ONE, '0'],
      ['Free', ZERO, '0'],
      ['Half', ONE, '1'],
    ])
  })
})
