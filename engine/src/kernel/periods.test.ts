import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import invalid from '../../../conformance/periods/invalid.json' with { type: 'json' }
import ranges from '../../../conformance/periods/ranges.json' with { type: 'json' }
import valid from '../../../conformance/periods/valid.json' with { type: 'json' }
import { formatInstant, parseInstant } from './clock.ts'
import { formatPeriod, parsePeriod, relativeRange } from './period-text.ts'
import { ALL_TIME, CALENDAR_UNITS, type CalendarUnit, hourOfWeek, periodAt, type Span } from './periods.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Africa/Casablanca',
  'Etc/GMT+12',
]

function millis(text: string): number {
  const at = parseInstant(text)
  if (at === null) throw new Error(`the table holds an impossible time: ${text}`)
  return at
}

function spanOf(unit: CalendarUnit, at: number, zone: string): Span {
  const span = periodAt({ unit }, at, zone)
  if (!span.ok) throw new Error(span.error.detail)
  return span.value
}

describe('periodAt', () => {
  it.each(valid)('$period in $zone: $name', (row) => {
    const period = parsePeriod(row.period)
    if (!period.ok) throw new Error(period.error.detail)
    const span = periodAt(period.value, millis(row.at), row.zone)
    if (!span.ok) throw new Error(span.error.detail)
    expect({ start: formatInstant(span.value.start), end: formatInstant(span.value.end) }).toEqual({ start: row.start, end: row.end })
  })

  it.each(invalid)('refuses: $name', (row) => {
    const period = parsePeriod(row.period)
    const answer = period.ok ? periodAt(period.value, millis(row.at), row.zone) : period
    expect(answer).toMatchObject({ ok: false, error: { code: row.code } })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 1e300, -1e300])('refuses %s as a time', (at) => {
    for (const period of [{ unit: 'day' }, { unit: 'total' }, { unit: 'rolling', lengthMs: 1 }] as const) {
      expect(periodAt(period, at, 'UTC')).toMatchObject({ ok: false, error: { code: 'invalid_time' } })
    }
  })

  const anyTime = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2060, 0) })

  it.each(CALENDAR_UNITS)('%s: spans hold their time, follow each other without gap, and agree from both of their ends', (unit) => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anyTime, (zone, at) => {
        const span = spanOf(unit, at, zone)
        expect(span.start <= at && at < span.end).toBe(true)
        expect(spanOf(unit, span.start, zone)).toEqual(span)
        expect(spanOf(unit, span.end - 1, zone)).toEqual(span)
        expect(spanOf(unit, span.end, zone).start).toBe(span.end)
        expect(spanOf(unit, span.start - 1, zone).end).toBe(span.start)
      }),
      { numRuns: 150, seed: 4 },
    )
  })

  it.each(ZONES)('%s: days, and the hours around the changes of the clocks, leave no gap', (zone) => {
    const stretches = [
      { unit: 'day', from: '2010-01-01T00:00:00Z', to: '2012-02-01T00:00:00Z' },
      { unit: 'hour', from: '2010-11-05T00:00:00Z', to: '2010-11-10T00:00:00Z' },
      { unit: 'hour', from: '2011-03-25T00:00:00Z', to: '2011-04-05T00:00:00Z' },
      { unit: 'hour', from: '2011-12-28T00:00:00Z', to: '2012-01-02T00:00:00Z' },
    ] as const
    for (const { unit, from, to } of stretches) {
      let span = spanOf(unit, millis(from), zone)
      while (span.end < millis(to)) {
        const next = spanOf(unit, span.end, zone)
        expect(next.start).toBe(span.end)
        span = next
      }
    }
  })

  it('gives the same span whatever was asked before', () => {
    const asked = [millis('2026-11-22T10:00:00Z'), millis('2026-01-01T00:00:00Z'), millis('2026-11-22T11:00:00Z')]
    const forwards = asked.map((at) => spanOf('month', at, 'Asia/Tokyo'))
    const backwards = [...asked].reverse().map((at) => spanOf('month', at, 'Asia/Tokyo'))
    expect(backwards.reverse()).toEqual(forwards)
  })

  it('a rolling window is as long as it says and holds its time', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 1, max: 1e9 }), (at, lengthMs) => {
        const span = periodAt({ unit: 'rolling', lengthMs }, at, 'UTC')
        expect(span).toEqual({ ok: true, value: { start: at + 1 - lengthMs, end: at + 1 } })
      }),
      { seed: 5 },
    )
  })

  it('all time can be printed', () => {
    expect(Number.isNaN(new Date(ALL_TIME.start).getTime()) || Number.isNaN(new Date(ALL_TIME.end).getTime())).toBe(false)
  })
})

describe('formatPeriod', () => {
  it.each(['hour', 'day', 'week', 'month', 'quarter', 'year', 'total', 'rolling:24h', 'rolling:30min', 'rolling:7d', 'rolling:90min'])(
    '%s',
    (text) => {
      const period = parsePeriod(text)
      if (!period.ok) throw new Error(period.error.detail)
      expect(parsePeriod(formatPeriod(period.value))).toEqual(period)
    },
  )
})

describe('relativeRange', () => {
  it.each(ranges)('$range in $zone: $name', (row) => {
    const span = relativeRange(row.range, millis(row.now), row.zone)
    if (row.code !== undefined) {
      expect(span).toMatchObject({ ok: false, error: { code: row.code } })
      return
    }
    if (!span.ok) throw new Error(span.error.detail)
    expect(formatInstant(span.value.start)).toBe(row.start)
    expect(span.value.end).toBe(millis(row.now) + 1)
  })
})

describe('the hour of the week', () => {
  it.each([
    ['2026-01-05T00:30:00Z', 'UTC', 0],
    ['2026-01-04T23:59:59Z', 'UTC', 167],
    ['1969-12-31T23:00:00Z', 'UTC', 71],
    ['2026-01-05T00:30:00Z', 'Europe/Berlin', 1],
    ['2026-01-05T00:30:00Z', 'America/New_York', 163],
    ['2026-01-04T18:45:00Z', 'Asia/Kolkata', 0],
    // The clocks skip 02:00 to 03:00 on a Sunday in March, and show it twice on one in October.
    ['2026-03-29T00:30:00Z', 'Europe/Berlin', 145],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', 147],
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', 146],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', 146],
    ['2026-10-25T02:30:00Z', 'Europe/Berlin', 147],
  ])('of %s in %s is %d', (time, zone, hour) => {
    expect(hourOfWeek(Date.parse(time), zone)).toBe(hour)
  })
})
