import { CsvError, parse } from 'csv-parse/sync'
import { formatInstant, ok, parseDecimal, parseInstant, type Result } from '../../kernel/index.ts'
import type { JsonObject } from '../payload/json.ts'
import { shown, unreadable } from './faults.ts'

type Row = Readonly<Record<string, string>>

/** A file that the provider's console exports: which columns tell it, and what a row says in the words of the API. */
interface Export {
  readonly columns: readonly string[]
  readonly bucket: (row: Row) => { readonly start: string; readonly bucket: JsonObject } | null
  readonly result: (row: Row) => JsonObject | null
  readonly page: JsonObject
}

const DAY_SECONDS = 86_400

/** OpenAI's console: costs, with one row for each bucket and line item; a bucket without costs is a row without an amount. */
const OPENAI_COSTS: Export = {
  columns: ['start_time', 'end_time', 'amount_value', 'amount_currency'],
  bucket: (row) => ({ start: row.start_time ?? '', bucket: { start_time: Number(row.start_time), end_time: Number(row.end_time) } }),
  result: (row) =>
    (row.amount_value ?? '') === ''
      ? null
      : {
          object: 'organization.costs.result',
          amount: { value: row.amount_value, currency: row.amount_currency },
          ...said(row, ['line_item', 'project_id', 'api_key_id', 'quantity', 'quantity_unit']),
        },
  page: { object: 'page' },
}

/** OpenAI's console: usage of completions. */
const OPENAI_USAGE: Export = {
  columns: ['start_time', 'end_time', 'num_model_requests', 'input_tokens', 'output_tokens'],
  bucket: OPENAI_COSTS.bucket,
  result: (row) =>
    (row.input_tokens ?? '') === '' && (row.output_tokens ?? '') === ''
      ? null
      : {
          object: 'organization.usage.completions.result',
          ...said(row, [
            'model',
            'service_tier',
            'project_id',
            'api_key_id',
            'num_model_requests',
            'input_tokens',
            'input_cached_tokens',
            'input_cache_write_tokens',
            'output_tokens',
            'input_audio_tokens',
            'output_audio_tokens',
          ]),
          batch: row.batch?.toLowerCase() === 'true',
        },
  page: { object: 'page' },
}

const ANTHROPIC_TOKENS: Readonly<Record<string, string>> = {
  input_no_cache: 'uncached_input_tokens',
  input_cache_read: 'cache_read_input_tokens',
  input_cache_write_5m: 'cache_creation.ephemeral_5m_input_tokens',
  input_cache_write_1h: 'cache_creation.ephemeral_1h_input_tokens',
  output: 'output_tokens',
}

/** Anthropic's console: costs in dollars, with models by the names that people read. */
const ANTHROPIC_COSTS: Export = {
  columns: ['usage_date_utc', 'model', 'token_type', 'cost_usd'],
  bucket: (row) => dayBucket(row.usage_date_utc),
  result: (row) => ({
    amount: centsOf(row.cost_usd ?? ''),
    currency: 'USD',
    cost_type: row.cost_type === 'token' || row.cost_type === undefined || row.cost_type === '' ? 'tokens' : row.cost_type,
    token_type: entryOf(ANTHROPIC_TOKENS, row.token_type ?? '') ?? (row.token_type === '' ? null : row.token_type),
    model: modelId(row.model ?? ''),
    service_tier: row.usage_type === 'batch' ? 'batch' : 'standard',
    ...renamed(row, { workspace: 'workspace_id', api_key_id: 'api_key_id' }),
  }),
  page: {},
}

/** Anthropic's console: tokens. */
const ANTHROPIC_USAGE: Export = {
  columns: ['usage_date_utc', 'model_version', 'usage_input_tokens_no_cache', 'usage_output_tokens'],
  bucket: (row) => dayBucket(row.usage_date_utc),
  result: (row) => ({
    uncached_input_tokens: row.usage_input_tokens_no_cache,
    output_tokens: row.usage_output_tokens,
    ...renamed(row, { usage_input_tokens_cache_read: 'cache_read_input_tokens', workspace: 'workspace_id', api_key: 'api_key_id' }),
    cache_creation: renamed(row, {
      usage_input_tokens_cache_write_5m: 'ephemeral_5m_input_tokens',
      usage_input_tokens_cache_write_1h: 'ephemeral_1h_input_tokens',
    }),
    server_tool_use: renamed(row, { web_search_count: 'web_search_requests' }),
    model: modelId(row.model_version ?? ''),
    service_tier: row.usage_type === 'batch' ? 'batch' : 'standard',
  }),
  page: {},
}

const EXPORTS: readonly Export[] = [OPENAI_COSTS, OPENAI_USAGE, ANTHROPIC_COSTS, ANTHROPIC_USAGE]

/** A console's export in CSV as the page that the API would have answered. */
export function pageOfCsv(text: string): Result<JsonObject> {
  const rows = rowsOf(text)
  if (!rows.ok) return rows
  const columns = new Set(Object.keys(rows.value[0] ?? {}))
  if (rows.value.length === 0) return unreadable('', 'the file has no rows below its heading')
  const found = EXPORTS.find((kind) => kind.columns.every((column) => columns.has(column)))
  if (found === undefined)
    return unreadable('', `this is no export of costs or usage that is known here; its columns are ${shown([...columns])}`)
  const buckets = new Map<string, { bucket: JsonObject; results: JsonObject[] }>()
  for (const [index, row] of rows.value.entries()) {
    const placed = found.bucket(row)
    if (placed === null) return unreadable('', `row ${index + 2}: ${shown(row.usage_date_utc)} is not a date`)
    const known = buckets.get(placed.start) ?? { bucket: placed.bucket, results: [] }
    const result = found.result(row)
    if (result !== null) known.results.push(result)
    buckets.set(placed.start, known)
  }
  const data = [...buckets.values()].map(({ bucket, results }) => ({ ...bucket, results }))
  return ok({ ...found.page, data, has_more: false })
}

function rowsOf(text: string): Result<Row[]> {
  try {
    return ok(parse(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: true }) as Row[])
  } catch (error) {
    if (error instanceof CsvError) return unreadable('', `the file is not readable as CSV: ${error.message}`)
    throw error
  }
}

function said(row: Row, columns: readonly string[]): JsonObject {
  return Object.fromEntries(columns.flatMap((column) => ((row[column] ?? '') === '' ? [] : [[column, row[column]]])))
}

function renamed(row: Row, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(names).flatMap(([from, to]) => ((row[from] ?? '') === '' ? [] : [[to, row[from]]])))
}

function dayBucket(date: string | undefined): { start: string; bucket: JsonObject } | null {
  const start = date === undefined ? null : parseInstant(`${date.slice(0, 10)}T00:00:00Z`)
  if (start === null) return null
  const end = start + DAY_SECONDS * 1_000
  return { start: String(start), bucket: { starting_at: formatInstant(start), ending_at: formatInstant(end) } }
}

/** Dollars as text → cents as text, which the API writes; what is no amount is left for the reader of pages to refuse. */
function centsOf(dollars: string): string {
  const decimal = parseDecimal(dollars.trim())
  return decimal === null ? dollars : `${decimal.digits * 100n}e-${decimal.scale}`
}

/** `Claude Haiku 4.5`, as people read it, is `claude-haiku-4-5`. */
function modelId(name: string): string | null {
  return name === ''
    ? null
    : name
        .trim()
        .toLowerCase()
        .replaceAll(/[\s.]+/g, '-')
}

function entryOf(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}
