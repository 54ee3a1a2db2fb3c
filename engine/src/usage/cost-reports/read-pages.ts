import { fail, ok, type Refusal, type Result, type Span } from '../../kernel/index.ts'
import { isObject, type JsonObject, textAt } from '../payload/json.ts'
import { anthropicKind, anthropicSpan, readAnthropicResult } from './anthropic.ts'
import { joined } from './coverage.ts'
import { shown, unreadable } from './faults.ts'
import { openaiKind, openaiSpan, readOpenaiResult } from './openai.ts'
import { cutPagesOf, kindsOf } from './page-kinds.ts'
import type { CostReport, ReportedLine, ReportKind, ReportSeller } from './records.ts'

interface Dialect {
  readonly seller: ReportSeller
  readonly spanOf: (bucket: unknown) => { readonly start: unknown; readonly end: unknown } | null
  readonly kindOf: (result: JsonObject) => ReportKind | null
  readonly read: (result: JsonObject, span: Span, path: string) => Result<ReportedLine[]>
}

const DIALECTS: readonly Dialect[] = [
  { seller: 'openai', spanOf: openaiSpan, kindOf: openaiKind, read: readOpenaiResult },
  { seller: 'anthropic', spanOf: anthropicSpan, kindOf: anthropicKind, read: readAnthropicResult },
]

const DAY_MS = 86_400_000
const CALENDAR_END_MS = 253_402_300_800_000

/**
 * Reads the pages of one provider's cost or usage API, in any order. Nothing of them is left out: a line that is not understood keeps its own name,
 * and a page, amount or time that cannot be read refuses the whole, because a report that is read in part adds up to nothing.
 */
export function readCostReport(pages: readonly unknown[]): Result<CostReport> {
  if (pages.length === 0) return unreadable('/pages', 'there is no page to read')
  const state: Reading = { seller: null, pages: [], seen: new Set(), repeatedBuckets: 0 }
  for (const [index, page] of pages.entries()) {
    const problem = readPage(state, page, `/pages/${index}`)
    if (problem !== null) return fail(problem)
  }
  if (state.seller === null)
    return unreadable('/pages', 'every page is without buckets, so that nothing says whose report it is, or of when')
  return reportOf(state, state.seller)
}

interface Reading {
  seller: ReportSeller | null
  readonly pages: PageRead[]
  /** Buckets as they were written, to know one that comes again. */
  readonly seen: Set<string>
  repeatedBuckets: number
}

interface PageRead {
  readonly kind: ReportKind | null
  readonly lines: ReportedLine[]
  readonly spans: Span[]
  readonly hasMore: boolean
}

function readPage(state: Reading, page: unknown, path: string): Refusal | null {
  if (!isObject(page)) return unreadable(path, `a page is an object with data, not ${shown(page)}`).error
  if (!Array.isArray(page.data)) return notAPage(page, path)
  const buckets: readonly unknown[] = page.data
  const dialect = DIALECTS.find(({ spanOf }) => spanOf(buckets[0]) !== null)
  if (buckets.length > 0 && dialect === undefined) {
    return unreadable(`${path}/data/0`, 'this is no bucket of OpenAI (start_time, results) or of Anthropic (starting_at, results)').error
  }
  if (dialect !== undefined) {
    if (state.seller !== null && state.seller !== dialect.seller) {
      return unreadable(path, `this page is of ${dialect.seller} and those before are of ${state.seller}: one provider at a time`).error
    }
    state.seller = dialect.seller
  }
  const read: { kind: ReportKind | null; lines: ReportedLine[]; spans: Span[] } = { kind: null, lines: [], spans: [] }
  for (const [index, bucket] of buckets.entries()) {
    const text = JSON.stringify(bucket)
    const isRepeated = isFilled(bucket) && state.seen.has(text)
    state.seen.add(text)
    if (isRepeated) state.repeatedBuckets += 1
    const problem = dialect === undefined ? null : readBucket(read, dialect, bucket, isRepeated, `${path}/data/${index}`)
    if (problem !== null) return problem
  }
  state.pages.push({ ...read, hasMore: page.has_more === true })
  return null
}

/** Two buckets that are empty are equal and say nothing twice. */
function isFilled(bucket: unknown): boolean {
  return isObject(bucket) && Array.isArray(bucket.results) && bucket.results.length > 0
}

function notAPage(page: JsonObject, path: string): Refusal {
  const error = isObject(page.error) ? page.error : null
  const message = error === null ? undefined : textAt(error, 'message')
  if (message !== undefined)
    return unreadable(path, `this is not a report: the provider answered with the error "${message.slice(0, 200)}"`).error
  return unreadable(path, `a page has its buckets in data, and this object has ${shown(Object.keys(page).slice(0, 8))}`).error
}

function readBucket(
  read: { kind: ReportKind | null; lines: ReportedLine[]; spans: Span[] },
  dialect: Dialect,
  bucket: unknown,
  isRepeated: boolean,
  path: string,
): Refusal | null {
  const times = dialect.spanOf(bucket)
  if (!isObject(bucket) || times === null) return unreadable(path, `this is no bucket of ${dialect.seller}`).error
  const span = spanIn(times, path)
  if (!span.ok) return span.error
  if (!Array.isArray(bucket.results)) return unreadable(`${path}/results`, 'a bucket has a list of results').error
  read.spans.push(span.value)
  const results: readonly unknown[] = bucket.results
  for (const [index, result] of results.entries()) {
    const at = `${path}/results/${index}`
    const kind = isObject(result) ? dialect.kindOf(result) : null
    if (!isObject(result) || kind === null) {
      return unreadable(at, `this is no result of ${dialect.seller}'s costs or usage that is known here: ${shown(result)}`).error
    }
    if (read.kind !== null && read.kind !== kind) return unreadable(at, 'a page is of costs or of usage, not of both').error
    read.kind = kind
    const lines = dialect.read(result, span.value, at)
    if (!lines.ok) return lines.error
    if (!isRepeated) read.lines.push(...lines.value)
  }
  return null
}

function spanIn({ start, end }: { readonly start: unknown; readonly end: unknown }, path: string): Result<Span> {
  if (typeof start !== 'number' || typeof end !== 'number' || start >= end) {
    return unreadable(path, 'a bucket has a time at which it starts and a later one at which it ends')
  }
  if (start < 0 || end > CALENDAR_END_MS) return unreadable(path, 'a bucket lies between the years 1970 and 9999')
  const isWithinDay = Math.floor(start / DAY_MS) === Math.floor((end - 1) / DAY_MS)
  return isWithinDay ? ok({ start, end }) : unreadable(path, 'a bucket lies within one day of UTC; ask for buckets of a day or less')
}

function reportOf({ pages: read, repeatedBuckets }: Reading, seller: ReportSeller): Result<CostReport> {
  const kinds = kindsOf(read)
  const pages = read.map((page, index) => ({ ...page, kind: kinds[index] ?? null }))
  const costs = pages.filter(({ kind, lines }) => kind === 'cost' && lines.length > 0)
  const isTotal = (page: PageRead): boolean => page.lines.every(({ name }) => name === null)
  const isItemized = !costs.some(isTotal)
  if (!isItemized && !costs.every(isTotal)) {
    return unreadable('/pages', 'some pages tell costs apart by line and some do not: give one or the other')
  }
  const coveredBy = (of: ReportKind) => joined(pages.flatMap(({ kind, spans }) => (kind === of ? spans : [])))
  return ok({
    seller,
    lines: pages.flatMap(({ lines }) => lines),
    covered: { cost: coveredBy('cost'), usage: coveredBy('usage') },
    isItemized,
    cutPages: cutPagesOf(pages),
    repeatedBuckets,
  })
}
