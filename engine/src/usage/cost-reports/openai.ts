import { ok, type Result, type Span } from '../../kernel/index.ts'
import { isObject, type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { serviceTier } from '../tiers.ts'
import type { Meter, ServiceTier } from '../usage.ts'
import { shown, unreadable } from './faults.ts'
import { countsUnits, readLineItem } from './openai-line-item.ts'
import type { ReportedLine, ReportKind } from './records.ts'
import { readAmount, readCount, readCurrency } from './values.ts'

/** One counter of a usage result and the meter it counts; null for what is counted in no meter of ours. */
type Counter = readonly [field: string, meter: Meter | null]

const COMPLETIONS = 'organization.usage.completions.result'

/** Results of `/v1/organization/usage/*` but completions, whose counters overlap: see `completionCounters`. */
const COUNTERS: Readonly<Record<string, readonly Counter[]>> = {
  'organization.usage.embeddings.result': [['input_tokens', 'input']],
  'organization.usage.moderations.result': [['input_tokens', 'input']],
  'organization.usage.images.result': [['images', 'images']],
  'organization.usage.audio_speeches.result': [['characters', 'characters']],
  'organization.usage.audio_transcriptions.result': [['seconds', 'audio.seconds']],
  'organization.usage.code_interpreter_sessions.result': [['num_sessions', 'tool.container_session']],
  'organization.usage.vector_stores.result': [['usage_bytes', null]],
}

/** Whether a result is of a report of amounts or of counters; null for a kind that is not known. */
export function openaiKind(result: JsonObject): ReportKind | null {
  if (result.object === 'organization.costs.result') return 'cost'
  if (result.object === COMPLETIONS) return 'usage'
  return typeof result.object === 'string' && Object.hasOwn(COUNTERS, result.object) ? 'usage' : null
}

/** A result of a bucket as lines: one of a costs result, one for each counter of a usage result. */
export function readOpenaiResult(result: JsonObject, span: Span, path: string): Result<ReportedLine[]> {
  const project = textAt(result, 'project_id') ?? null
  const about = { span, project, workspace: null, apiKey: textAt(result, 'api_key_id') ?? null }
  if (openaiKind(result) === 'cost') return readCost(result, about, path)
  const counters = result.object === COMPLETIONS ? completionCounters(result, path) : plainCounters(result, path)
  if (!counters.ok) return counters
  const requests = readCount(result, 'num_model_requests', path)
  if (!requests.ok) return requests
  const model = textAt(result, 'model') ?? null
  return ok(
    counters.value.map(({ field, meter, quantity }) => ({
      ...about,
      kind: 'usage',
      name: `${model ?? 'all models'}, ${field}`,
      model: meter?.startsWith('tool.') === true ? null : model,
      meter,
      tier: tierOf(result),
      amount: null,
      currency: null,
      quantity,
      requests: requests.value === null ? null : Number(requests.value),
    })),
  )
}

type About = Pick<ReportedLine, 'span' | 'project' | 'workspace' | 'apiKey'>

function readCost(result: JsonObject, about: About, path: string): Result<ReportedLine[]> {
  const stated = objectAt(result, 'amount')
  if (stated === undefined) return unreadable(`${path}/amount`, `a cost has an amount with value and currency, not ${shown(result.amount)}`)
  const amount = readAmount(stated.value, `${path}/amount/value`, 'whole')
  if (!amount.ok) return amount
  const currency = readCurrency(stated.currency, `${path}/amount/currency`)
  if (!currency.ok) return currency
  const name = textAt(result, 'line_item') ?? null
  const { model, meter, tier } = name === null ? { model: null, meter: null, tier: null } : readLineItem(name)
  // What is stored or hosted is counted in fractions of a day or gigabyte: such a quantity is of no meter of ours, and is not known here.
  const counted = meter === null || !countsUnits(result.quantity_unit) ? ok(null) : readCount(result, 'quantity', path)
  const quantity = counted.ok ? counted.value : null
  // Written out: of a hundred thousand lines, putting objects together would cost more than reading them.
  const line: ReportedLine = {
    kind: 'cost',
    span: about.span,
    name,
    model,
    meter,
    tier,
    project: about.project,
    workspace: null,
    apiKey: about.apiKey,
    amount: amount.value,
    currency: currency.value,
    quantity,
    requests: null,
  }
  return ok([line])
}

interface Counted {
  readonly field: string
  readonly meter: Meter | null
  readonly quantity: bigint
}

/** `input_tokens` has the cached and the written ones in it, and both totals have their audio in them: disjoint parts are made of that. */
function completionCounters(result: JsonObject, path: string): Result<Counted[]> {
  const fields = [
    'input_tokens',
    'input_cached_tokens',
    'input_cache_write_tokens',
    'output_tokens',
    'input_audio_tokens',
    'output_audio_tokens',
  ]
  const read = counts(result, fields, path)
  if (!read.ok) return read
  const [input = 0n, cached = 0n, written = 0n, output = 0n, audioIn = 0n, audioOut = 0n] = read.value
  const plainInput = input - cached - written - audioIn
  const plainOutput = output - audioOut
  if (plainInput < 0n || plainOutput < 0n) return unreadable(path, 'the parts of a counter are more than its whole')
  const parts: Counted[] = [
    { field: 'input_tokens', meter: 'input', quantity: plainInput },
    { field: 'input_cached_tokens', meter: 'input.cache_read', quantity: cached },
    { field: 'input_cache_write_tokens', meter: 'input.cache_write', quantity: written },
    { field: 'input_audio_tokens', meter: 'input.audio', quantity: audioIn },
    { field: 'output_tokens', meter: 'output', quantity: plainOutput },
    { field: 'output_audio_tokens', meter: 'output.audio', quantity: audioOut },
  ]
  return ok(parts.filter(({ quantity }) => quantity !== 0n))
}

function plainCounters(result: JsonObject, path: string): Result<Counted[]> {
  const counters = COUNTERS[String(result.object)] ?? []
  const read = counts(
    result,
    counters.map(([field]) => field),
    path,
  )
  if (!read.ok) return read
  return ok(
    counters
      .map(([field, meter], index) => ({ field, meter, quantity: read.value[index] ?? 0n }))
      .filter(({ quantity }) => quantity !== 0n),
  )
}

function counts(result: JsonObject, fields: readonly string[], path: string): Result<bigint[]> {
  const read: bigint[] = []
  for (const field of fields) {
    const count = readCount(result, field, path)
    if (!count.ok) return count
    if (count.value !== null && count.value < 0n) return unreadable(`${path}/${field}`, `${field} is negative`)
    read.push(count.value ?? 0n)
  }
  return ok(read)
}

/** `batch` is a flag of its own there, and stands above the tier. */
function tierOf(result: JsonObject): ServiceTier | null {
  return result.batch === true ? 'batch' : serviceTier(result.service_tier, [])
}

/** The span of a bucket, by its times in seconds. */
export function openaiSpan(bucket: unknown): { readonly start: unknown; readonly end: unknown } | null {
  if (!isObject(bucket) || !('start_time' in bucket)) return null
  return { start: inMillis(bucket.start_time), end: inMillis(bucket.end_time) }
}

function inMillis(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) ? seconds * 1_000 : null
}
