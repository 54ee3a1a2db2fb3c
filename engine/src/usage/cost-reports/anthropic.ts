import { ok, parseInstant, type Result, type Span } from '../../kernel/index.ts'
import { isObject, type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { serviceTier } from '../tiers.ts'
import type { Meter } from '../usage.ts'
import { shown, unreadable } from './faults.ts'
import type { ReportedLine, ReportKind } from './records.ts'
import { readAmount, readCount, readCurrency } from './values.ts'

const TOKEN_TYPES: Readonly<Record<string, Meter>> = {
  uncached_input_tokens: 'input',
  output_tokens: 'output',
  cache_read_input_tokens: 'input.cache_read',
  'cache_creation.ephemeral_5m_input_tokens': 'input.cache_write_5m',
  'cache_creation.ephemeral_1h_input_tokens': 'input.cache_write_1h',
}

/** Kinds of cost that are no tokens, by the meter they are for; other kinds keep their name. */
const FEES: Readonly<Record<string, Meter>> = { web_search: 'tool.web_search', code_execution: 'tool.container_second' }

/** Whether a result is of a cost report or of a usage report; null for another shape. */
export function anthropicKind(result: JsonObject): ReportKind | null {
  if ('amount' in result) return 'cost'
  return 'uncached_input_tokens' in result || 'output_tokens' in result ? 'usage' : null
}

/** A result of `/v1/organizations/cost_report` (amounts in cents, as text) or of `/v1/organizations/usage_report/messages` as lines. */
export function readAnthropicResult(result: JsonObject, span: Span, path: string): Result<ReportedLine[]> {
  const about = {
    span,
    tier: serviceTier(result.service_tier, []),
    project: null,
    workspace: textAt(result, 'workspace_id') ?? null,
    apiKey: textAt(result, 'api_key_id') ?? null,
    requests: null,
  }
  return anthropicKind(result) === 'cost' ? readCost(result, about, path) : readUsage(result, about, path)
}

type About = Pick<ReportedLine, 'span' | 'tier' | 'project' | 'workspace' | 'apiKey' | 'requests'>

function readCost(result: JsonObject, about: About, path: string): Result<ReportedLine[]> {
  const amount = readAmount(result.amount, `${path}/amount`, 'cents')
  if (!amount.ok) return amount
  const currency = readCurrency(result.currency ?? 'USD', `${path}/currency`)
  if (!currency.ok) return currency
  const type = textAt(result, 'cost_type') ?? null
  const tokens = textAt(result, 'token_type') ?? null
  const model = textAt(result, 'model') ?? null
  const named = textAt(result, 'description') ?? ([model, tokens ?? type].filter((part) => part !== null).join(', ') || null)
  const meter = meterOf(type, tokens)
  // A search is billed by the search, whichever model asked for it.
  const line = { name: named, model: meter?.startsWith('tool.') === true ? null : model, meter, quantity: null }
  return ok([{ ...about, ...line, kind: 'cost', amount: amount.value, currency: currency.value }])
}

function meterOf(type: string | null, tokens: string | null): Meter | null {
  if (type !== null && Object.hasOwn(FEES, type)) return FEES[type] ?? null
  if (tokens === null || (type !== null && type !== 'tokens')) return null
  return Object.hasOwn(TOKEN_TYPES, tokens) ? (TOKEN_TYPES[tokens] ?? null) : null
}

function readUsage(result: JsonObject, about: About, path: string): Result<ReportedLine[]> {
  const model = textAt(result, 'model') ?? null
  const lines: ReportedLine[] = []
  const flat = {
    ...result,
    ...prefixed('cache_creation', objectAt(result, 'cache_creation')),
    ...prefixed('server_tool_use', objectAt(result, 'server_tool_use')),
  }
  for (const [field, meter] of [...Object.entries(TOKEN_TYPES), ['server_tool_use.web_search_requests', 'tool.web_search'] as const]) {
    const quantity = readCount(flat, field, path)
    if (!quantity.ok) return quantity
    if (quantity.value === null || quantity.value === 0n) continue
    if (quantity.value < 0n) return unreadable(`${path}/${field}`, `${field} is negative: ${shown(String(quantity.value))}`)
    lines.push({
      ...about,
      kind: 'usage',
      name: `${model ?? 'all models'}, ${field}`,
      model: meter.startsWith('tool.') ? null : model,
      meter: meter as Meter,
      amount: null,
      currency: null,
      quantity: quantity.value,
    })
  }
  return ok(lines)
}

function prefixed(name: string, counters: JsonObject | undefined): JsonObject {
  return Object.fromEntries(Object.entries(counters ?? {}).map(([key, value]) => [`${name}.${key}`, value]))
}

/** The span of a bucket, by its times in RFC 3339. */
export function anthropicSpan(bucket: unknown): { readonly start: unknown; readonly end: unknown } | null {
  if (!isObject(bucket) || !('starting_at' in bucket)) return null
  return { start: instantOf(bucket.starting_at), end: instantOf(bucket.ending_at) }
}

function instantOf(value: unknown): number | null {
  return typeof value === 'string' ? parseInstant(value) : null
}
