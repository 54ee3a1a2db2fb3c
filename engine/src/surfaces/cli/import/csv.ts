import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'
import { canonicalJson, sha256Hex } from '../../../kernel/index.ts'
import type { Imported, ImportSource } from './source.ts'

const NUMBERS = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_1h_tokens',
  'reasoning_tokens',
  'input_audio_tokens',
  'output_audio_tokens',
  'web_searches',
  'latency_ms',
])
const TEXTS = new Set([
  'call_id',
  'agent_name',
  'model',
  'provider',
  'service_tier',
  'region',
  'cost_usd',
  'error',
  'workflow_id',
  'workflow_name',
  'parent_call_id',
  'session_id',
  'user_id',
  'team',
  'project',
  'cost_center',
  'action',
  'timestamp',
  'organization_id',
  'prompt_fingerprint',
])
const TRUE = new Set(['true', '1', 'yes', 'ok', 'success'])

export type Mapping = ReadonlyMap<string, string>

/** `field=column` pairs from the command line. A field is one of `calls/track` or `tag:<name>`. Returns what is wrong as text. */
export function readMapping(pairs: readonly string[]): Mapping | string {
  const mapping = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const field = pair.slice(0, at).trim()
    if (at <= 0) return `"${pair}" is not field=column`
    if (!isField(field)) return `"${field}" is not a field; use one of ${[...NUMBERS, ...TEXTS, 'success'].sort().join(', ')} or tag:<name>`
    mapping.set(field, pair.slice(at + 1).trim())
  }
  return mapping
}

/** CSV with a header line. Columns named like a field need no mapping; the others are ignored. */
export function csvSource(mapping: Mapping): ImportSource {
  return {
    name: 'csv',
    title: 'CSV',
    find: async (paths) => paths,
    async *read(files, onFile) {
      for (const [index, file] of files.entries()) {
        onFile(file, index)
        yield* readCsv(file, mapping)
      }
    },
  }
}

async function* readCsv(file: string, mapping: Mapping): AsyncGenerator<Imported> {
  const rows = createReadStream(file).pipe(
    parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }),
  )
  const seen = new Map<string, number>()
  for await (const { record, info } of rows as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
    const body = bodyOf(record, mapping)
    if (typeof body === 'string') {
      yield { kind: 'skipped', file, line: info.lines, reason: body }
      continue
    }
    // Without an id of its own a row is known by its content; equal rows are told apart by their order.
    const content = sha256Hex(canonicalJson(record)).slice(0, 32)
    const copy = (seen.get(content) ?? 0) + 1
    seen.set(content, copy)
    yield { kind: 'call', body: { call_id: `csv:${content}:${copy}`, source: 'import:csv', ...body } }
  }
}

function bodyOf(record: Readonly<Record<string, string>>, mapping: Mapping): Record<string, unknown> | string {
  const body: Record<string, unknown> = {}
  const tags: Record<string, string> = {}
  const fields = new Map([
    ...Object.keys(record)
      .filter(isField)
      .map((name) => [name, name] as const),
    ...mapping,
  ])
  for (const [field, column] of fields) {
    const text = record[column]
    if (text === undefined) return `has no column "${column}" (its columns: ${Object.keys(record).join(', ')})`
    if (text === '') continue
    if (field.startsWith('tag:')) tags[field.slice(4)] = text
    else if (NUMBERS.has(field)) {
      const value = Number(text.replaceAll(',', ''))
      if (!Number.isFinite(value)) return `${field} is "${text}", which is not a number`
      body[field] = value
    } else if (field === 'success') body[field] = TRUE.has(text.toLowerCase())
    else body[field] = text
  }
  if (Object.keys(tags).length > 0) body.tags = tags
  if (body.model === undefined && body.cost_usd === undefined) return 'has neither a model nor a cost'
  return body
}

function isField(name: string): boolean {
  return NUMBERS.has(name) || TEXTS.has(name) || name === 'success' || (name.startsWith('tag:') && name.length > 4)
}
