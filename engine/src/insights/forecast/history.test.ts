import { describe, expect, it } from 'vitest'
import { usd, worldStore } from '../../../../conformance/insights/world.ts'
import { type Millis, periodAt } from '../../kernel/index.ts'
import { historiesOf } from './history.ts'
import { spendForecast } from './spend-forecast.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('the history of a spend', () => {
  const question = { scope: { organization: 'acme' }, atLeast: 0, unit: 'day', groupBy: null } as const
  const daily = (zone: string, count: number, hours: readonly number[], now: Millis) =>
    Array.from({ length: count }, (_, back) => {
      const day = periodAt({ unit: 'day' }, now - back * DAY, zone)
      if (!day.ok) throw new Error(zone)
      return hours.map((hour) => ({ organization: 'acme', at: day.value.start + hour * HOUR, cost: '1' }))
    })
      .flat()
      .filter(({ at }) => at <= now)

  it('has the local days, also those of 23 and 25 hours, and zero where nothing was spent', async () => {
    const now = Date.parse('2026-11-03T12:00:00Z')
    const calls = daily('Europe/Berlin', 20, [1, 13], now).filter(
      ({ at }) => at < Date.parse('2026-10-28T00:00:00Z') || at > Date.parse('2026-10-30T00:00:00Z'),
    )
    const history = (await historiesOf(worldStore({ calls } as never), { ...question, zone: 'Europe/Berlin', now })).get(null)
    expect(history?.steps.map(({ start, end }) => (end - start) / HOUR)).toEqual([
      ...Array.from({ length: 10 }, () => 24),
      25,
      ...Array.from({ length: 8 }, () => 24),
    ])
    expect(history?.values.slice(10)).toEqual([2, 2, 2, 0, 0, 1, 2, 2, 2])
    expect(history?.running.spent).toBe(2)
  })

  it('knows how much of a day has come by its usual hours, and by the clock where there are few', async () => {
    const early = daily('UTC', 15, [2, 3, 20], NOW)
    const told = (await historiesOf(worldStore({ calls: early } as never), { ...question, zone: 'UTC', now: NOW })).get(null)
    expect(told?.running).toEqual({ spent: 2, share: 2 / 3 })
    const few = (await historiesOf(worldStore({ calls: daily('UTC', 3, [2], NOW) } as never), { ...question, zone: 'UTC', now: NOW })).get(
      null,
    )
    expect(few?.running).toEqual({ spent: 1, share: 0.5 })
  })

  it('begins with the first known cost: days of which no price is known are not days of nothing', async () => {
    const calls = [
      { organization: 'acme', at: NOW - 9 * DAY, cost: null },
      { organization: 'acme', at: NOW - 5 * DAY, cost: '2' },
    ]
    const period = periodAt({ unit: 'month' }, NOW, 'UTC')
    if (!period.ok) throw new Error('November')
    const answer = await spendForecast(worldStore({ calls } as never), {
      scope: { organization: 'acme' },
      atLeast: 0,
      zone: 'UTC',
      now: NOW,
      period: period.value,
      groupBy: null,
      limit: 1,
    })
    expect(answer.total).toMatchObject({ historyDays: 5, spent: { unpriced: 1, cost: usd('2') }, outcome: { kind: 'not_enough_history' } })
    expect(answer.total.days).toHaveLength(5 + 11)
  })
})
