import type { OutcomesAnswer } from '@purser/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

/** A Sunday: the week has ten hours left. */
const NOW = Date.parse('2026-11-22T14:00:00Z')
let server: TestServer
const now = NOW
beforeAll(async () => {
  server = await testServer({ now: () => now })
  for (const [week, calls] of [
    ['2026-11-04', 1],
    ['2026-11-11', 2],
  ] as const) {
    for (let run = 0; run < 6; run++) {
      const workflow_id = `${week}-${run}`
      const about = { organization_id: 'o', workflow_id, timestamp: `${week}T10:00:00Z` }
      await server.send('POST', '/v1/finops/workflows/start', { ...about, workflow_name: 'report' })
      for (let call = 0; call < calls; call++) {
        const tracked = {
          ...about,
          call_id: `${workflow_id}-${call}`,
          model: 'gpt-4o',
          input_tokens: 100_000,
          output_tokens: 0,
          user_id: `u${run % 2}`,
        }
        await server.send('POST', '/v1/finops/calls/track', { ...tracked, tags: { task: `t${run % 3}` } })
      }
      await server.send('POST', '/v1/finops/workflows/end', {
        organization_id: 'o',
        workflow_id,
        success: run > 0,
        timestamp: `${week}T11:00:00Z`,
      })
    }
  }
})
afterAll(() => server.close())

const ask = async (query: string) => (await server.send('GET', `/v1/finops/analytics/outcomes?${query}`)).body as unknown as OutcomesAnswer

it('says what a successful run costs, week over week, and by what that has changed', async () => {
  const answer = await ask('organization_id=o&workflow=report&weeks=3')
  expect(answer.weeks).toMatchObject([
    {
      week: '2026-W45',
      partial: false,
      outcomes: 5,
      attempts: 6,
      failed: 1,
      cost: '1.5',
      cost_per_outcome: '0.3',
      cost_per_attempt: '0.25',
    },
    {
      week: '2026-W46',
      partial: false,
      outcomes: 5,
      cost: '3',
      cost_per_outcome: '0.6',
      cost_per_outcome_usd: 0.6,
      cost_per_attempt: '0.5',
    },
    { week: '2026-W47', partial: true, outcomes: 0, cost: '0', cost_per_outcome: null },
  ])
  const compared = { status: 'compared', reason: null, weeks: 1, outcomes: 5, cost_per_outcome: '0.3', change: '0.3', change_percent: 100 }
  const levers = {
    ...{ failure_share: '0', calls_per_outcome: '0.3', model_mix: '0', input_per_call: '0' },
    ...{ output_per_call: '0', cache_share: '0', unit_price: '0' },
  }
  expect(answer.trend).toMatchObject({ week: '2026-W46', previous_week: { ...compared, levers }, last_four_weeks: { ...compared, levers } })
  expect(answer).toMatchObject({ per: 'run', by: null, outside: { calls: 0 }, total: { outcomes: 10, attempts: 12, cost: '4.5' } })
})

it('the same per task, user and any dimension, for any filter', async () => {
  expect((await ask('organization_id=o&per=task&weeks=3')).weeks[0]).toMatchObject({ outcomes: 3, cost_per_outcome: '0.5' })
  expect((await ask('organization_id=o&per=task&by=model&weeks=3')).weeks[0]).toMatchObject({ outcomes: 1, cost_per_outcome: '1.5' })
  expect((await ask('organization_id=o&per=user&weeks=3')).weeks[0]).toMatchObject({ outcomes: 2, cost_per_outcome: '0.75' })
  expect((await ask('organization_id=o&per=session&weeks=3')).outside).toMatchObject({ calls: 18, cost: '4.5' })
  const filter = encodeURIComponent('tag:task=t1,t2;user=u1')
  expect((await ask(`organization_id=o&per=user&weeks=3&filter=${filter}`)).weeks[0]).toMatchObject({ outcomes: 1, cost: '0.5' })
  expect((await ask(`organization_id=o&weeks=3&filter=${filter}`)).weeks[0]).toMatchObject({ outcomes: 2, attempts: 2, cost: '0.5' })
})

it('too few outcomes are said to be too few', async () => {
  const { trend } = await ask('organization_id=o&per=user&weeks=3')
  expect(trend).toMatchObject({
    previous_week: {
      status: 'not_enough',
      reason: 'the week has 2 outcomes; fewer than 5 are chance',
      outcomes: 2,
      change: null,
      levers: null,
    },
  })
})

it('an organization without calls has weeks without outcomes', async () => {
  const { weeks, trend } = await ask('organization_id=nobody&weeks=2')
  expect(weeks).toMatchObject([{ outcomes: 0, cost_per_outcome: null }, { outcomes: 0 }])
  expect(trend).toMatchObject({
    previous_week: { status: 'not_enough', reason: 'there is no full week before it in this time', change: null },
  })
})

it.each([
  ['per=task&by=colour', 'unknown_dimension', '/by'],
  ['per=user&by=agent', 'invalid_field', '/by'],
  ['per=colour', 'invalid_field', '/per'],
  ['weeks=0', 'invalid_field', '/weeks'],
  ['weeks=NaN', 'invalid_field', '/weeks'],
  ['filter=colour=red', 'unknown_dimension', '/filter'],
  ['filter=red', 'invalid_field', '/filter'],
  ['from=2026-02-30', 'invalid_time', '/from'],
  ['from=1990-01-01', 'invalid_period', '/from'],
  ['zone=Mars', 'invalid_period', '/zone'],
])('refuses %s', async (query, code, path) => {
  expect(await ask(query)).toMatchObject({ code, path })
})
