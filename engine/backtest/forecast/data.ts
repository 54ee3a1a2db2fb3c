import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { recordedPath } from '../../../conformance/recorded.ts'

/** One question that was asked of the past: what will the steps `at` to `end` add up to, in the period that began at `start`? */
export interface Origin {
  readonly start: number
  readonly at: number
  readonly end: number
  /** Of a step under way: what it has spent when the question is asked, and the part of it that has passed. */
  readonly running?: { readonly spent: number; readonly share: number }
}

/** A series with the questions asked of it. Parameters were chosen on the tuning part alone; the document reports the other. */
export interface TestSeries {
  readonly name: string
  readonly values: readonly number[]
  readonly seasonSteps: number
  readonly tuning: readonly Origin[]
  readonly reporting: readonly Origin[]
  /** Only so many steps before an origin are known to the forecaster; absent: all. */
  readonly known?: number
}

/** Series of one source that are reported in one line. */
export interface Source {
  readonly title: string
  readonly file: string
  readonly what: string
  readonly split: string
  /** Errors are averaged question by question, and not added up. */
  readonly isOfManyScales: boolean
  /** Empty where the file is absent. */
  readonly series: readonly TestSeries[]
}

const DAY_MS = 86_400_000

export function sources(): Source[] {
  return [births(), births(28), pageViews(), pageViews(28), retail(), weekly(), tenantDays(), tenantNoons(), tenantHours()]
}

function rowsOf(file: string): Record<string, string>[] | null {
  const path = recordedPath(file)
  return path === null ? null : parse(readFileSync(path, 'utf8'), { columns: true, skip_empty_lines: true })
}

/** Origins in every month: on its first day, and after each fifth day. */
const DAYS_PASSED = [0, 5, 10, 15, 20, 25]
/** Before its first origin a series must have so many steps. */
const WARM_STEPS = 60

interface Month {
  readonly start: number
  readonly end: number
  readonly year: number
  readonly whole: boolean
}

function monthsOf(first: number, values: readonly (number | null)[]): Month[] {
  const months: Month[] = []
  for (let at = 0; at < values.length; ) {
    const date = new Date(first + at * DAY_MS)
    const days = (Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - date.getTime()) / DAY_MS
    const end = at + days
    const whole = date.getUTCDate() === 1 && end <= values.length && values.slice(at, end).every((value) => value !== null)
    months.push({ start: at, end, year: date.getUTCFullYear(), whole })
    at = end
  }
  return months
}

function originsOf(months: readonly Month[]): Origin[] {
  return months
    .filter(({ whole, start }) => whole && start >= WARM_STEPS)
    .flatMap(({ start, end }) => DAYS_PASSED.map((passed) => ({ start, at: start + passed, end })))
}

function dailySource(
  about: Pick<Source, 'title' | 'file' | 'what'>,
  days: { readonly first: number; readonly values: readonly (number | null)[] } | null,
  reportFrom: number,
  known: number | undefined,
): Source {
  const short = known === undefined ? '' : `, only the ${known} days before each origin known`
  const source = {
    ...about,
    isOfManyScales: false,
    title: `${about.title}${short}`,
    split: `tuned on the years before ${reportFrom}, reported from then on`,
  }
  if (days === null) return { ...source, series: [] }
  const values: number[] = []
  for (const value of days.values) values.push(value ?? values[values.length - 7] ?? 0)
  const months = monthsOf(days.first, days.values)
  const tuning = originsOf(months.filter(({ year }) => year < reportFrom))
  const reporting = originsOf(months.filter(({ year }) => year >= reportFrom))
  return {
    ...source,
    series: [{ name: about.title, values, seasonSteps: 7, tuning, reporting, ...(known === undefined ? {} : { known }) }],
  }
}

function births(known?: number): Source {
  const file = 'series/us-births-1994-2003.csv'
  const rows = rowsOf(file)
  const days = rows === null ? null : { first: Date.UTC(1994, 0, 1), values: rows.map((row) => Number(row.births)) }
  return dailySource({ title: 'Births per day', file, what: 'a strong week, holidays, little noise; month ends' }, days, 1999, known)
}

/** The file has logarithms; a spend is their exponential. Days that are not in it are filled from a week before, and no month with one is asked about. */
function pageViews(known?: number): Source {
  const file = 'series/wp_log_R.csv'
  const rows = rowsOf(file)
  const about = { title: 'Page views per day', file, what: 'a week, growth, jumps, a quiet Christmas; month ends' }
  if (rows === null) return dailySource(about, null, 2012, known)
  const dated = rows
    .map((row) => ({ day: Date.parse(`${row.ds}T00:00:00Z`), value: Math.exp(Number(row.y)) }))
    .sort((a, b) => a.day - b.day)
  const first = dated[0]?.day ?? 0
  const last = dated.at(-1)?.day ?? 0
  const values: (number | null)[] = Array.from({ length: (last - first) / DAY_MS + 1 }, () => null)
  for (const { day, value } of dated) values[(day - first) / DAY_MS] = value
  return dailySource(about, { first, values }, 2012, known)
}

export function retail(): Source {
  const file = 'series/retail_sales_monthly.csv'
  const source = {
    title: 'Retail sales per month',
    file,
    what: 'a yearly pattern, trend, one crisis; year ends, asked each quarter',
    split: 'tuned on the years before 2004, reported from then on',
    isOfManyScales: false,
  }
  const values = rowsOf(file)?.map((row) => Number(row.y)) ?? null
  if (values === null) return { ...source, series: [] }
  const origins = Array.from({ length: Math.floor(values.length / 12) }, (_, year) => year * 12)
    .filter((start) => start >= 48)
    .flatMap((start) => [0, 3, 6, 9].map((passed) => ({ start, at: start + passed, end: start + 12 })))
  const from = (2004 - 1992) * 12
  return {
    ...source,
    series: [
      {
        name: source.title,
        values,
        seasonSteps: 12,
        tuning: origins.filter(({ start }) => start < from),
        reporting: origins.filter(({ start }) => start >= from),
      },
    ],
  }
}

/** The competition's own split: 13 weeks to forecast, of each series. */
function weekly(): Source {
  const file = 'series/m4/Weekly-train.csv'
  const source = {
    title: 'M4, weekly',
    file,
    what: '359 series of business, finance and demography; the sum of the 13 weeks of the test file',
    split: 'tuned on the 13 weeks before those, of every second series; reported on the test file, of the others',
    isOfManyScales: true,
  }
  const train = recordedPath(file)
  const test = recordedPath('series/m4/Weekly-test.csv')
  if (train === null || test === null) return { ...source, series: [] }
  const later = numbersOf(test)
  const series = [...numbersOf(train)].map(([name, known], index): TestSeries => {
    const values = [...known, ...(later.get(name) ?? [])]
    const asked = (at: number): Origin[] => [{ start: at, at, end: at + 13 }]
    const tunes = index % 2 === 1
    return { name, values, seasonSteps: 52, tuning: tunes ? asked(known.length - 13) : [], reporting: tunes ? [] : asked(known.length) }
  })
  return { ...source, series }
}

function numbersOf(path: string): Map<string, number[]> {
  const rows: string[][] = parse(readFileSync(path, 'utf8'), { relax_column_count: true, from_line: 2 })
  return new Map(rows.map(([name = '', ...texts]) => [name, texts.filter((text) => text !== '' && text !== 'NA').map(Number)]))
}

/** What a model of $2.50 and $10 a million tokens would have cost each of the 43 clients, by the hour. */
function tenants(): number[][] | null {
  const rows = rowsOf('traces/servegen/m-small-hourly-by-client.csv')
  if (rows === null) return null
  const clients = new Map<string, number[]>()
  for (const row of rows) {
    const hours = clients.get(row.client ?? '') ?? []
    hours[Number(row.hour)] = Number(row.input_tokens) * 2.5e-6 + Number(row.output_tokens) * 1e-5
    clients.set(row.client ?? '', hours)
  }
  return [...clients.values()]
}

const TENANTS = 'traces/servegen/m-small-hourly-by-client.csv'
const TENANT_SPLIT = 'tuned on every second client, reported on the others'

/** Fourteen days, taken as a month of fourteen days: what the rest of it will cost, asked after 7 to 12 days. */
function tenantDays(): Source {
  const about = {
    title: 'ServeGen clients, days',
    file: TENANTS,
    what: 'real clients of a language model, priced at $2.50 and $10 a million tokens: bursts, pauses, starts and ends; 14 days, asked on days 8, 10, 12 and 13',
    split: TENANT_SPLIT,
    isOfManyScales: false,
  }
  const series = (tenants() ?? []).map((hours, index): TestSeries => {
    const origins = [7, 9, 11, 12].map((at) => ({ start: 0, at, end: 14 }))
    return splitByIndex(`client ${index}`, daysOf(hours), 7, origins, index)
  })
  return { ...about, series }
}

/** The same at noon: half of a day has passed, and is neither a whole day nor none. */
function tenantNoons(): Source {
  const about = {
    title: 'ServeGen clients, days, at noon',
    file: TENANTS,
    what: 'the same, asked at noon of those days: what they have spent is known, and half of each has passed',
    split: TENANT_SPLIT,
    isOfManyScales: false,
  }
  const series = (tenants() ?? []).map((hours, index): TestSeries => {
    const values = daysOf(hours)
    const origins = [7, 9, 11, 12].map((at): Origin => {
      const spent = hours.slice(at * 24, at * 24 + 12).reduce((sum, value) => sum + value, 0)
      return { start: 0, at, end: 14, running: { spent, share: 0.5 } }
    })
    return splitByIndex(`client ${index}`, values, 7, origins, index)
  })
  return { ...about, series }
}

function daysOf(hours: readonly number[]): number[] {
  return Array.from({ length: 14 }, (_, day) => hours.slice(day * 24, day * 24 + 24).reduce((sum, value) => sum + value, 0))
}

/** The same by the hour: what the rest of a day will cost, asked at midnight and every six hours of days 5 to 14. */
function tenantHours(): Source {
  const about = {
    title: 'ServeGen clients, hours',
    file: TENANTS,
    what: 'the same by the hour: what the rest of a day will cost, asked at 0, 6, 12 and 18 hours of days 5 to 14',
    split: TENANT_SPLIT,
    isOfManyScales: false,
  }
  const series = (tenants() ?? []).map((values, index): TestSeries => {
    const origins = Array.from({ length: 10 }, (_, day) => (day + 4) * 24).flatMap((start) =>
      [0, 6, 12, 18].map((passed) => ({ start, at: start + passed, end: start + 24 })),
    )
    return splitByIndex(`client ${index}`, values, 24, origins, index)
  })
  return { ...about, series }
}

function splitByIndex(name: string, values: readonly number[], seasonSteps: number, origins: readonly Origin[], index: number): TestSeries {
  const tunes = index % 2 === 1
  return { name, values, seasonSteps, tuning: tunes ? origins : [], reporting: tunes ? [] : origins }
}
