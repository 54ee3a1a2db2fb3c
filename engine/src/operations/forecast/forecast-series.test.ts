import { ForecastSeries } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Body, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const DAY_MS = 86_400_000
const wobble = (day: number): number => 1 + 0.08 * Math.sin(day * 12.9898)

let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => Date.parse('2026-11-20T12:00:00Z') })
})
afterAll(() => server.close())

describe('POST /forecast/cost', () => {
  const dated = (days: number, costOf = (day: number) => 10 * wobble(day)) =>
    Array.from({ length: days }, (_, day) => ({
      date: new Date(Date.parse('2026-10-20T00:00:00Z') + day * DAY_MS).toISOString().slice(0, 10),
      costUsd: costOf(day),
    }))
  const post = async (body: unknown): Promise<Body> => {
    const answer = await server.send('POST', '/forecast/cost', body)
    expect(answer.status, answer.text).toBe(200)
    const wrong = Value.Errors(ForecastSeries, answer.body).First()
    expect(wrong === undefined ? null : `${wrong.path}: ${wrong.message}`).toBeNull()
    return answer.body
  }

  it('forecasts the month of the last date, and what a budget may come to', async () => {
    const answer = await post({
      series: dated(32),
      budgetLimitUsd: 250,
      budgets: [
        { name: 'wide', limitUsd: '900' },
        { name: 'passed', limit_usd: 5 },
      ],
    })
    expect(answer).toMatchObject({
      status: 'forecast',
      asOf: '2026-11-20',
      periodStart: '2026-11-01',
      endDate: '2026-11-30',
      historyDays: 32,
      daysFilled: 0,
    })
    expect(answer.projectedMonthEndSpend).toBeGreaterThan(285)
    expect(answer.projectedMonthEndSpend).toBeLessThan(315)
    expect(answer.breachProbability).toBe(1)
    expect(answer.budgets).toMatchObject([
      { name: null, breachProbability: 1, exhaustionDate: expect.stringMatching(/^2026-11-2[4-7]$/) },
      { name: 'wide', breachProbability: 0, exhaustionDate: null },
      { name: 'passed', isPassed: true, breachProbability: 1, exhaustionDate: null },
    ])
    expect(answer.daily).toHaveLength(10)
  })

  it('takes days in any order, fills those that are not there with zero, and takes either spelling', async () => {
    const series = dated(32)
    const answer = await post({ series: [...series].reverse() })
    expect(answer).toEqual(await post({ series }))
    const snake = series.map(({ date, costUsd }) => ({ date, cost_usd: costUsd.toFixed(6) }))
    expect(await post({ series: snake, as_of: '2026-11-20', end_date: '2026-11-30', budget_limit_usd: '250' })).toMatchObject({
      endDate: '2026-11-30',
      breachProbability: 1,
    })
    expect(await post({ series: series.filter((_, day) => day !== 9) })).toMatchObject({ daysFilled: 1, historyDays: 32 })
  })

  it('takes plain numbers of days up to yesterday, and of those before a date', async () => {
    const series = dated(32).map(({ costUsd }) => costUsd)
    const body = { series, horizonDays: 11 }
    expect(await post(body)).toMatchObject({ asOf: '2026-11-19', endDate: '2026-11-30' })
    expect(await post({ ...body, asOf: '2025-03-10' })).toMatchObject({ asOf: '2025-03-10', endDate: '2025-03-21' })
  })

  it('counts a day under way by what has passed of it', async () => {
    const series = dated(32).map((day, index) => (index === 31 ? { ...day, costUsd: 2.5 } : day))
    const asDay = (await post({ series })).projectedMonthEndSpend as number
    const underWay = await post({ series, asOf: '2026-11-20T06:00:00Z' })
    expect(underWay).toMatchObject({ historyDays: 31 })
    expect(underWay.projectedMonthEndSpend).toBeGreaterThan(asDay + 4)
    expect((await post({ series, asOf: '2026-11-20T06:00:00Z', elapsedShare: 1 })).projectedMonthEndSpend).toBeLessThan(
      underWay.projectedMonthEndSpend as number,
    )
  })

  it('says nothing of too little, nothing to come of all zeros, and takes credits', async () => {
    expect(await post({ series: [] })).toMatchObject({
      status: 'not_enough_history',
      historyDays: 0,
      historyDaysNeeded: 7,
      projectedMonthEndSpend: null,
      spendToDate: 0,
    })
    expect(await post({ series: [12], budgetLimitUsd: 10 })).toMatchObject({
      status: 'not_enough_history',
      historyDays: 1,
      breachProbability: 1,
    })
    expect(await post({ series: [12], budgetLimitUsd: 20 })).toMatchObject({ breachProbability: null, budgets: [{ isPassed: false }] })
    expect(await post({ series: dated(20, () => 0), budgetLimitUsd: 1 })).toMatchObject({
      method: 'no_spend',
      projectedMonthEndSpend: 0,
      breachProbability: 0,
    })
    expect(await post({ series: dated(32, (day) => (day === 30 ? -40 : 10 * wobble(day))) })).toMatchObject({ status: 'forecast' })
    expect(await post({ series: dated(32), endDate: '2026-11-20' })).toMatchObject({ daily: [], interval80: { low: expect.any(Number) } })
  })

  it.each([
    [{}, 'missing_field', '/series'],
    [{ series: [{ date: '2026-02-30', costUsd: 1 }] }, 'invalid_time', '/series/0/date'],
    [
      {
        series: [
          { date: '2026-11-01', costUsd: 1 },
          { date: '2026-11-01', costUsd: 2 },
        ],
      },
      'invalid_field',
      '/series/1/date',
    ],
    [{ series: [{ date: '2026-11-02', costUsd: 1 }], asOf: '2026-11-01' }, 'invalid_time', '/series/0/date'],
    [
      {
        series: [
          { date: '0001-01-01', costUsd: 1 },
          { date: '2026-11-01', costUsd: 1 },
        ],
      },
      'invalid_time',
      '/series',
    ],
    [{ series: [{ date: '2026-11-01' }] }, 'invalid_field', '/series/0'],
    [{ series: [{ date: '2026-11-01', costUsd: 1 }, 5] }, 'invalid_field', '/series'],
    [{ series: ['NaN'] }, 'invalid_field', '/series/0'],
    [{ series: [null] }, 'invalid_field', '/series/0'],
    [{ series: [1e300] }, 'invalid_field', '/series/0'],
    [{ series: [1], asOf: '2026-13-01' }, 'invalid_time', '/asOf'],
    [{ series: [1], asOf: '2026-11-01T25:00:00Z' }, 'invalid_time', '/asOf'],
    [{ series: [1], asOf: '2026-11-02', as_of: '2026-11-03' }, 'invalid_field', '/as_of'],
    [{ series: [1], horizonDays: 3, endDate: '2026-11-30' }, 'invalid_field', '/horizonDays'],
    [{ series: [1], asOf: '2026-11-02', endDate: '2026-11-01' }, 'invalid_period', '/endDate'],
    [{ series: [1], asOf: '2026-11-02', endDate: '2036-11-01' }, 'invalid_period', '/endDate'],
    [{ series: [1], asOf: '2026-11-02', periodStart: '2026-11-03' }, 'invalid_period', '/periodStart'],
    [{ series: [1], elapsedShare: 0.5 }, 'invalid_field', '/elapsedShare'],
    [{ series: [1], budgetLimitUsd: -1 }, 'invalid_field', '/budgetLimitUsd'],
    [{ series: [1], budgets: [{}] }, 'missing_field', '/budgets/0/limitUsd'],
    [{ series: [1], color: 'red' }, 'unknown_field', '/color'],
  ])('refuses %j', async (body, code, path) => {
    const answer = await server.send('POST', '/forecast/cost', body)
    expect([answer.status, answer.body.code, answer.body.path], answer.text).toEqual([400, code, path])
  })
})

describe('GET /api/v1/cost/forecast', () => {
  it.each([
    ['groupBy=colour', 400, 'unknown_dimension', '/groupBy'],
    ['value=research', 400, 'missing_field', '/groupBy'],
    ['zone=Mars/Olympus', 400, 'invalid_period', '/zone'],
    ['endDate=2026-02-30', 400, 'invalid_time', '/endDate'],
    ['endDate=2026-11-19', 400, 'invalid_period', '/endDate'],
    ['endDate=2028-11-19', 400, 'invalid_period', '/endDate'],
    ['period=fortnight', 400, 'invalid_field', '/period'],
    ['colour=red', 400, 'unknown_field', '/colour'],
    ['organizationId=a&organization_id=b', 400, 'invalid_field', '/organization_id'],
  ])('refuses %s', async (query, status, code, path) => {
    const answer = await server.send('GET', `/api/v1/cost/forecast?${query}`)
    expect([answer.status, answer.body.code, answer.body.path]).toEqual([status, code, path])
  })
})
