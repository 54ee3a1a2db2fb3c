import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../../conformance/calls/memory-journal.ts'
import { entriesOf } from '../../../../../conformance/calls/table-entries.ts'
import type { CallStore } from '../../../calls/index.ts'
import { openProjection } from '../projection.ts'

const DOLLAR = '1000000000000'
const ONE = '1.000000000000'
const NO_PRICE = { amount: null, status: 'unpriced' }
const SILENT = { evidence: { input: 'missing', output: 'missing' } }
const TOLD = { meters: { input: 3, output: 4 }, evidence: { input: 'reported', output: 'reported' } }
const journal = entriesOf([
  { run: { id: 'silent-run', workflow: 'Silent' } },
  { call: { id: 'a', agent: 'Silent', session: 'silent', run: 'silent-run', ...SILENT } },
  { call: { id: 'b', agent: 'Half', session: 'half', ...SILENT } },
  { call: { id: 'c', agent: 'Half', session: 'half', ...TOLD } },
  { call: { id: 'd', agent: 'Dark', fingerprint: 'f', ...TOLD, ...NO_PRICE } },
  { call: { id: 'e', agent: 'Dark', fingerprint: 'f', ...TOLD, ...NO_PRICE } },
  { call: { id: 'g', agent: 'Mixed', fingerprint: 'f', amount: DOLLAR, ...TOLD } },
  { call: { id: 'h', agent: 'Mixed', fingerprint: 'f', amount: DOLLAR, ...TOLD } },
  { call: { id: 'i', agent: 'Mixed', fingerprint: 'f', ...TOLD, ...NO_PRICE } },
  { call: { id: 'j', agent: 'Fixed', fingerprint: 'f', amount: '0', ...TOLD } },
  { call: { id: 'k', agent: 'Fixed', fingerprint: 'f', ...TOLD, ...NO_PRICE } },
  { adjustment: { id: 'k-priced', call: 'k', delta: DOLLAR, amount: DOLLAR } },
])

let store: CallStore
beforeAll(async () => {
  store = (await openProjection({ path: ':memory:', waitMs: 60_000 }, memoryJournal(journal))).store
})
afterAll(() => store.close())

async function ask(text: string): Promise<unknown> {
  const scope = { organization: 'acme' }
  return (await store.sql({ scope, text, atLeast: journal.length, rowsMax: 100, msMax: 60_000 })).rows
}

describe('SQL shows no zero where tokens were not reported', () => {
  it('agent_calls', async () => {
    const text = "SELECT call_id, input_tokens, total_tokens FROM agent_calls WHERE call_id IN ('b', 'c') ORDER BY 1"
    expect(await ask(text)).toEqual([
      ['b', null, null],
      ['c', '3', '7'],
    ])
  })

  it.each([
    ['workflows', 'workflow_id', [['silent-run', null, '1']]],
    ['v_expensive_workflows', 'workflow_name', [['Silent', null, '1']]],
    [
      'user_sessions',
      'session_id',
      [
        ['half', '7', '1'],
        ['silent', null, '1'],
      ],
    ],
    [
      "v_top_spending_agents WHERE agent_name IN ('Silent', 'Half')",
      'agent_name',
      [
        ['Half', '7', '1'],
        ['Silent', null, '1'],
      ],
    ],
    [
      "cost_attribution WHERE dimension = 'agent' AND period_type = 'day' AND value IN ('Silent', 'Half')",
      'value',
      [
        ['Half', '7', '1'],
        ['Silent', null, '1'],
      ],
    ],
  ])('%s', async (view, name, rows) => {
    expect(await ask(`SELECT ${name}, total_tokens, unmetered_calls FROM ${view} ORDER BY 1`)).toEqual(rows)
  })
})

describe('SQL counts the repetitions of which no price is known', () => {
  it.each(['caching_opportunities', 'v_top_caching_opportunities'])('%s', async (view) => {
    const columns = 'agent_name, occurrences, total_cost_usd, potential_savings_usd, unpriced_calls, unpriced_repetitions'
    expect(await ask(`SELECT ${columns} FROM ${view} ORDER BY 1`)).toEqual([
      ['Dark', '2', null, null, '2', '1'],
      ['Fixed', '2', ONE, ONE, '0', '0'],
      ['Mixed', '3', '2.000000000000', ONE, '1', '1'],
    ])
  })
})
