import { expect, it } from 'vitest'
import { testServer } from '../../../../conformance/http/test-server.ts'
import { dyingAfter } from '../../../../conformance/ledger/dying-committer.ts'
import { LOCAL_CALLER } from '../context.ts'
import { rebalanceBudgetsOperation } from './rebalance.ts'

it('moves limits in one transaction: a process that dies leaves all of them or none moved, and their sum as it was', async () => {
  const server = await testServer()
  const { services } = server
  const limits = async (): Promise<string[]> =>
    (await services.ledger.budgets('default')).map(({ value, limit }) => `${value} ${limit / 10n ** 10n}`).sort()
  const rebalance = (transactions: number) => {
    const committer = dyingAfter(services.committer, transactions)
    return rebalanceBudgetsOperation.run({ services: { ...services, committer }, caller: LOCAL_CALLER }, {})
  }
  try {
    for (const value of ['idle', 'idler', 'busy']) {
      await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', value, period: 'day', limit_usd: '10' })
    }
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'busy', model: 'gpt-4o', output_tokens: 900_000, input_tokens: 0 })
    const before = ['busy 1000', 'idle 1000', 'idler 1000']
    expect(await limits()).toEqual(before)
    expect(await rebalance(0)).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(await limits()).toEqual(before)
    expect(await rebalance(1)).toMatchObject({ ok: true, value: { applied: true, moved_usd: '10' } })
    expect(await limits()).toEqual(['busy 2000', 'idle 500', 'idler 500'])
  } finally {
    await server.close()
  }
})
