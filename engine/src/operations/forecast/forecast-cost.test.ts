import { CostForecast, REFERRED, SpendForecast } from '@purser/contract'
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Body, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const DAY_MS = 86_400_000
const WEEK = [10, 10.5, 9.5, 10, 9, 2, 1.5]

let server: TestServer
let now = NOW
beforeEach(async () => {
  now = NOW
  server = await testServer({ now: () => now })
})
afterEach(() => server.close())

/** A spend for each day back from today, half of it in the morning and half in the evening; of today the morning. */
async function spend(team: string, days: number, costOf: (daysBack: number, weekday: number) => number): Promise<void> {
  const calls = Array.from({ length: days + 1 }, (_, back) => {
    const weekday = (new Date(NOW - back * DAY_MS).getUTCDay() + 6) % 7
    const cost_usd = (costOf(back, weekday) / 2).toFixed(4)
    const at = (hours: number): string => new Date(NOW - back * DAY_MS + hours * 3_600_000).toISOString()
    const call = { organization_id: 'acme', team, model: 'my-own', cost_usd }
    return [{ ...call, timestamp: at(-3) }, ...(back === 0 ? [] : [{ ...call, timestamp: at(6) }])]
  })
  await track(calls.flat().filter(({ cost_usd }) => Number(cost_usd) > 0))
}

async function track(calls: readonly object[]): Promise<void> {
  const sent = await server.send('POST', '/v1/finops/calls/batch', { calls })
  expect(sent.status, sent.text).toBe(200)
}

const wobble = (day: number): number => 1 + 0.08 * Math.sin(day * 12.9898)
const steady = (daysBack: number, weekday: number): number => (WEEK[weekday] ?? 0) * wobble(daysBack)

async function ask(query = '', schema: TSchema = CostForecast, path = '/api/v1/cost/forecast'): Promise<Body> {
  const answer = await server.send('GET', `${path}?${query}`)
  expect(answer.status, answer.text).toBe(200)
  const wrong = Value.Errors(schema, [...REFERRED], answer.body).First()
  expect(wrong === undefined ? null : `${wrong.path}: ${wrong.message}`).toBeNull()
  return answer.body
}
const budget = (said: object) =>
  server.send('PUT', '/v1/finops/budgets', { organization_id: 'acme', mode: 'soft', period: 'month', unpriced: 'allow', ...said })

describe('GET /api/v1/cost/forecast', () => {
  it('projects the month from what is spent, exactly, and what may come', async () => {
    await spend('research', 60, steady)
    const answer = await ask('organization_id=acme')
    expect(answer).toMatchObject({
      status: 'forecast',
      period: 'month',
      historyDays: 60,
      seasonality: 'weekly',
      method: 'smoothed',
      budgets: [],
    })
    // 11 days remain and half of this Friday: two weekends and seven working days.
    const spent = Number(answer.spendToDateExact)
    const projected = answer.projectedMonthEndSpend as number
    expect(projected - spent).toBeGreaterThan(60)
    expect(projected - spent).toBeLessThan(85)
    const { low, high } = answer.interval80 as { low: number; high: number }
    expect(low).toBeLessThan(projected)
    expect(high).toBeGreaterThan(projected)
    expect(low).toBeGreaterThan(spent)
    expect(answer.breachProbability).toBeNull()
    const daily = answer.daily as { date: string; spentUsd: number | null; medianUsd: number | null }[]
    expect(daily).toHaveLength(30)
    expect(daily.map(({ spentUsd, medianUsd }) => [spentUsd !== null, medianUsd !== null].join())).toEqual([
      ...Array.from({ length: 19 }, () => 'true,false'),
      'true,true',
      ...Array.from({ length: 10 }, () => 'false,true'),
    ])
    // Today is half over: what is left of it is about half of a Friday.
    expect(daily[19]?.medianUsd).toBeGreaterThan(2.5)
    expect(daily[19]?.medianUsd).toBeLessThan(7)
    expect(await ask('organization_id=acme')).toEqual(answer)
  })

  it('says of each budget how likely it is passed and when it is used up', async () => {
    await spend('research', 60, steady)
    await budget({ dimension: 'team', value: 'research', limit_usd: '200', name: 'tight' })
    await budget({ dimension: 'team', value: '*', limit_usd: '500', name: 'wide' })
    await budget({ dimension: 'organization', value: 'acme', limit_usd: '20', name: 'passed' })
    await budget({ dimension: 'organization', value: 'acme', period: 'total', limit_usd: '560', name: 'in all' })
    await budget({ dimension: 'team', value: 'research', period: 'rolling:7d', limit_usd: '30', name: 'rolling' })
    const answer = await ask('organization_id=acme')
    const named = new Map((answer.budgets as { name: string }[]).map((each) => [each.name, each as unknown as Body]))
    expect([...named.keys()].sort()).toEqual(['in all', 'passed', 'rolling', 'tight', 'wide'])
    expect(named.get('passed')).toMatchObject({ status: 'passed', breachProbability: 1, exhaustionDate: null })
    expect(named.get('tight')).toMatchObject({ status: 'forecast', dimension: 'team', value: 'research', heldUsd: '0' })
    expect(named.get('tight')?.breachProbability).toBeGreaterThan(0.5)
    expect(String(named.get('tight')?.exhaustionDate)).toMatch(/^2026-11-(2\d|30)$/)
    expect(String(named.get('tight')?.earliestExhaustionDate) <= String(named.get('tight')?.exhaustionDate)).toBe(true)
    expect(named.get('wide')).toMatchObject({ breachProbability: 0, exhaustionDate: null, value: 'research' })
    expect(named.get('in all')).toMatchObject({ status: 'forecast' })
    expect(named.get('rolling')).toMatchObject({ breachProbability: 1, projectedSpend: null })
    expect(answer.breachProbability).toBe(1)
    expect(await ask('organization_id=acme&groupBy=team&value=research')).toMatchObject({
      breachProbability: named.get('rolling')?.breachProbability,
    })
  })

  it('forecasts each value by itself, says what it does not know, and shows who says nothing', async () => {
    await spend('research', 60, steady)
    await spend('newcomers', 3, () => 5)
    await track([
      {
        organization_id: 'acme',
        model: 'my-own',
        cost_usd: '1.5',
        timestamp: new Date(NOW - DAY_MS).toISOString(),
      },
    ])
    const answer = await ask('organization_id=acme&groupBy=team')
    const groups = answer.groups as (Body & { value: string | null })[]
    expect(groups.map(({ value }) => value)).toEqual(['research', 'newcomers', null])
    expect(groups[1]).toMatchObject({
      status: 'not_enough_history',
      historyDays: 3,
      historyDaysNeeded: 7,
      projectedSpend: null,
      interval80: null,
    })
    expect(String(groups[1]?.explanation)).toContain('3 whole days')
    const total = groups.reduce((sum, group) => sum + Number(group.spendToDateExact), 0)
    expect(total).toBeCloseTo(Number(answer.spendToDateExact), 9)
  })

  it('says nothing of an empty history, of one day, and of calls without a price', async () => {
    expect(await ask('organization_id=acme')).toMatchObject({
      status: 'not_enough_history',
      historyDays: 0,
      spendToDate: 0,
      projectedMonthEndSpend: null,
    })
    await track([
      {
        organization_id: 'acme',
        model: 'nobody-knows',
        input_tokens: 5,
        output_tokens: 5,
        timestamp: new Date(NOW - 20 * DAY_MS).toISOString(),
      },
    ])
    const answer = await ask('organization_id=acme&endDate=2026-11-30')
    expect(answer).toMatchObject({ status: 'not_enough_history', historyDays: 0, unpricedCalls: 0 })
    expect(await ask('organization_id=acme&period=quarter')).toMatchObject({ spendToDate: null, unpricedCalls: 1, projectedSpend: null })
    await spend('research', 1, () => 5)
    expect(await ask('organization_id=acme&groupBy=team')).toMatchObject({ historyDays: 1, status: 'not_enough_history' })
  })

  it('expects nothing where nothing but free calls were made', async () => {
    const calls = Array.from({ length: 12 }, (_, back) => ({
      organization_id: 'acme',
      model: 'my-own',
      cost_usd: '0',
      timestamp: new Date(NOW - (back + 1) * DAY_MS).toISOString(),
    }))
    await track(calls)
    await budget({ dimension: 'organization', value: 'acme', limit_usd: '5' })
    expect(await ask('organization_id=acme')).toMatchObject({
      status: 'forecast',
      method: 'no_spend',
      projectedMonthEndSpend: 0,
      breachProbability: 0,
    })
  })

  it('on the first of a month knows the habits of the last, also of a template', async () => {
    await spend('research', 60, steady)
    await budget({ dimension: 'team', limit_usd: '100' })
    now = Date.parse('2026-12-01T00:00:00Z')
    const answer = await ask('organization_id=acme')
    expect(answer).toMatchObject({ spendToDate: 0, status: 'forecast' })
    expect(answer.budgets).toMatchObject([{ value: 'research', spentUsd: 0, status: 'forecast' }])
  })

  it('is the same at our own door, in our spelling', async () => {
    await spend('research', 60, steady)
    await budget({ dimension: 'cost_center', limit_usd: '100' })
    await budget({ dimension: 'team', limit_usd: '100' })
    const camel = await ask('organization_id=acme&groupBy=team')
    const snake = await ask('organization_id=acme&group_by=team', SpendForecast, '/v1/finops/forecast')
    expect(snake.projected_month_end_spend).toBe(camel.projectedMonthEndSpend)
    expect(snake.interval_80).toEqual(camel.interval80)
    expect(snake.budgets).toMatchObject([{ dimension: 'team', breach_probability: (camel.budgets as Body[])[0]?.breachProbability }])
  })

  it('knows days and ends of months in a zone', async () => {
    await spend('research', 60, steady)
    const answer = await ask('organization_id=acme&zone=Asia/Tokyo&endDate=2026-11-22')
    expect(answer).toMatchObject({ periodStart: '2026-10-31T15:00:00.000Z', periodEnd: '2026-11-22T15:00:00.000Z' })
    expect((answer.daily as { date: string }[]).at(-1)?.date).toBe('2026-11-22')
  })
})
