import { describe, expect, it } from 'vitest'
import { lastDays, monthSoFar, reportedDate } from './days.ts'

const at = (text: string): number => Date.parse(text)

describe('days of a zone', () => {
  it.each([
    ['7d', '2026-02-28T20:00:00Z', 'UTC', '2026-02-22', '2026-02-28', 7 * 24],
    ['30d', '2026-02-28T20:00:00Z', 'UTC', '2026-01-30', '2026-02-28', 30 * 24],
    ['90d', '2026-02-28T20:00:00Z', 'UTC', '2025-12-01', '2026-02-28', 90 * 24],
    ['7d', '2026-02-28T20:00:00Z', 'Pacific/Auckland', '2026-02-23', '2026-03-01', 7 * 24],
    ['7d', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-23', '2026-03-29', 7 * 24 - 1],
    ['7d', '2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-19', '2026-10-25', 7 * 24 + 1],
    ['7d', '2012-01-01T12:00:00Z', 'Pacific/Apia', '2011-12-26', '2012-01-02', 7 * 24],
  ] as const)('%s at %s in %s are %s to %s', (period, now, zone, first, last, hours) => {
    const { dates, start, end } = lastDays(period, at(now), zone)
    expect([dates[0], dates.at(-1), (end - start) / 3_600_000]).toEqual([first, last, hours])
    expect(new Set(dates).size).toBe(Number.parseInt(period, 10))
  })

  it('of the month so far end with today', () => {
    expect(monthSoFar(at('2026-03-01T00:00:00Z'), 'UTC').dates).toEqual(['2026-03-01'])
    expect(monthSoFar(at('2026-03-01T00:00:00Z'), 'America/New_York').dates).toHaveLength(28)
  })

  it.each([
    ['2026-03-01', 'UTC', true],
    ['2026-03-02', 'UTC', false],
    ['2026-03-02', 'Pacific/Auckland', true],
    ['2026-03-03', 'Pacific/Auckland', false],
    ['2016-02-21', 'UTC', true],
    ['2016-02-19', 'UTC', false],
    ['0000-00-00', 'UTC', false],
    ['9999-12-31', 'UTC', false],
  ])('%s may be reported in %s: %s', (date, zone, taken) => {
    const said = reportedDate(date, at('2026-02-28T20:00:00Z'), zone)
    expect(said.ok ? true : said.error.code).toBe(taken ? true : 'invalid_time')
  })
})
