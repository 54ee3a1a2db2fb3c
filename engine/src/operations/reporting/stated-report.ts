import type { DailyReportSubmit } from '@purser/contract'
import type { Amounts, DailyReport } from '../../insights/index.ts'
import { usdWords } from '../../insights/index.ts'
import {
  assert,
  canonicalJson,
  decimalOfNumber,
  fail,
  isWholePicos,
  ok,
  PICOS_PER_USD,
  type Picos,
  picosOfDecimal,
  type Result,
  refusal,
  sumPicos,
} from '../../kernel/index.ts'
import { brokenTextAt } from '../validation/broken-text.ts'
import { isTooDeep, tooDeep } from '../validation/index.ts'

/** A report as it is kept, with what was made of it on the way. */
export interface StatedReport {
  readonly report: DailyReport
  /** JSON of what the caller keeps with it; null without any. */
  readonly metadata: string | null
  readonly notes: readonly string[]
}

const METADATA_CHARS_MAX = 16_384
const HALF_CENT = PICOS_PER_USD / 200n
const BREAKDOWNS = ['cost_by_model', 'cost_by_action', 'waste_categories'] as const

/** Checks what a schema cannot: that breakdowns keep within the total, and what metadata may be. Amounts become exact. */
export function statedReport(input: DailyReportSubmit, source: string | null): Result<StatedReport> {
  const rounded: string[] = []
  const exact = (usd: number, field: string): Picos => {
    const decimal = decimalOfNumber(usd)
    assert(decimal !== null, 'the schema lets only finite numbers pass')
    if (!isWholePicos(decimal)) rounded.push(field)
    return picosOfDecimal(decimal)
  }
  const cost = exact(input.total_cost, 'total_cost')
  const [costByModel, costByAction, waste] = BREAKDOWNS.map((field): Amounts | null => {
    const stated = input[field]
    if (stated === undefined || stated === null) return null
    return new Map(Object.entries(stated).map(([name, usd]) => [name, exact(usd, field)]))
  })
  const amounts = [costByModel ?? null, costByAction ?? null, waste ?? null]
  for (const [index, lines] of amounts.entries()) {
    const within = withinTotal(lines, cost, BREAKDOWNS[index] ?? '')
    if (!within.ok) return within
  }
  const metadata = statedMetadata(input.metadata)
  if (!metadata.ok) return metadata
  const report: DailyReport = {
    date: input.date,
    source,
    cost,
    tokens: input.total_tokens,
    requests: input.total_requests,
    costByModel: costByModel ?? null,
    costByAction: costByAction ?? null,
    waste: waste ?? null,
    score: input.efficiency_score ?? null,
  }
  return ok({ report, metadata: metadata.value, notes: [...roundingNotes(rounded), ...restNotes(report)] })
}

/** Lines rounded to cents may come to more than a total that was rounded too: by half a cent each. What is beyond that is no breakdown of it. */
function withinTotal(lines: Amounts | null, cost: Picos, field: string): Result<null> {
  if (lines === null) return ok(null)
  const sum = sumPicos(lines.values())
  if (sum <= cost + HALF_CENT * BigInt(lines.size + 1)) return ok(null)
  const detail = `its lines come to ${usdWords(sum)} and total_cost is ${usdWords(cost)}: a part is not more than the whole`
  return fail(refusal('invalid_field', detail, { path: `/${field}` }))
}

function statedMetadata(value: unknown): Result<string | null> {
  const wrong = (detail: string): Result<string | null> => fail(refusal('invalid_field', detail, { path: '/metadata' }))
  if (value === undefined || value === null) return ok(null)
  if (typeof value !== 'object' || Array.isArray(value)) return wrong('metadata is an object')
  if (isTooDeep(value)) return fail(tooDeep('/metadata'))
  const path = brokenTextAt(value, new Set(), '/metadata')
  if (path !== null) return fail(refusal('invalid_field', 'the text holds half of a surrogate pair, which is no character', { path }))
  if (hasInfinity(value)) return wrong('a number in it is not finite')
  const text = canonicalJson(value)
  return text.length <= METADATA_CHARS_MAX ? ok(text) : wrong(`metadata has at most ${METADATA_CHARS_MAX} characters as JSON`)
}

/** `1e999` is JSON and no number that JSON can carry back. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}

function roundingNotes(fields: readonly string[]): string[] {
  return [...new Set(fields)].map((field) => `${field} has amounts with more than 12 decimals: they were rounded to 12`)
}

function restNotes({ cost, costByModel, costByAction }: DailyReport): string[] {
  const named: [string, Amounts | null][] = [
    ['cost_by_model', costByModel],
    ['cost_by_action', costByAction],
  ]
  return named.flatMap(([field, lines]) => {
    if (lines === null) return []
    const sum = sumPicos(lines.values())
    if (sum === cost) return []
    const [by, than] = sum < cost ? [cost - sum, 'less'] : [sum - cost, 'more']
    return [`${field} comes to ${usdWords(by as Picos)} ${than} than total_cost: the difference is shown as reported_only`]
  })
}
