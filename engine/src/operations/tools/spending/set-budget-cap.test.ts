import { describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { dyingAfter } from '../../../../../conformance/ledger/dying-committer.ts'
import { LOCAL_CALLER } from '../../context.ts'
import { setBudgetCapTool } from './set-budget-cap.ts'

async function capsOf({ services }: TestServer): Promise<string[]> {
  const rules = await services.ledger.budgets('default')
  return rules.map(({ period, zone, limit, mode }) => `${period.unit} ${zone} ${limit / 10n ** 12n} ${mode}`).sort()
}

async function cap({ services }: TestServer, input: object, transactions = Number.POSITIVE_INFINITY) {
  const committer = dyingAfter(services.committer, transactions)
  const asker = { agentHeader: null }
  return setBudgetCapTool.run({ services: { ...services, committer }, caller: LOCAL_CALLER }, asker, { agent_id: 'a', ...input })
}

describe('a cap that is cut off', () => {
  it.each([
    ['set first', [], { daily_limit: '5', monthly_limit: '50' }, ['day UTC 5 hard', 'month UTC 50 hard']],
    ['raised', [{ period: 'day', limit_usd: '5' }], { daily_limit: '20', monthly_limit: '100' }, ['day UTC 20 hard', 'month UTC 100 hard']],
    [
      'moved to another zone',
      [
        { period: 'day', limit_usd: '5' },
        { period: 'month', limit_usd: '50' },
      ],
      { daily_limit: '4', zone: 'Europe/Berlin' },
      ['day Europe/Berlin 4 hard', 'month Europe/Berlin 50 hard'],
    ],
  ])('is there whole after one transaction, or not at all: %s', async (_, before, input, whole) => {
    const server = await testServer()
    try {
      for (const budget of before) {
        await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', value: 'a', mode: 'soft', ...budget })
      }
      const first = await capsOf(server)
      expect(await cap(server, input, 0)).toMatchObject({ ok: false, error: { code: 'unavailable' } })
      expect(await capsOf(server)).toEqual(first)
      expect(await cap(server, input, 1)).toMatchObject({ ok: true })
      expect(await capsOf(server)).toEqual(whole)
      expect(await cap(server, input, 0)).toMatchObject({ ok: true, value: { status: 'unchanged' } })
    } finally {
      await server.close()
    }
  })

  it('is refused whole where one of its budgets cannot be set', async () => {
    const server = await testServer()
    try {
      await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', value: '*', period: 'month', limit_usd: '10' })
      const refused = await cap(server, { daily_limit: '5', monthly_limit: '50' })
      expect(refused).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/monthly_limit' } })
      expect(await capsOf(server)).toEqual(['month UTC 10 hard'])
    } finally {
      await server.close()
    }
  })
})
