import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { parse } from 'csv-parse'
import { canonicalJson, sha256Hex } from '../../../kernel/index.ts'
import { CommandFailed } from '../world.ts'
import { filesBelow } from './files.ts'
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
const OUTCOMES: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'ok', 'success', 'succeeded', 'completed'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'error', 'failure', 'failed'].map((word) => [word, false] as const),
])
/** 1200, 1,200 or 1200.5. A comma that is not between thousands would be a guess. */
const NUMBER = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/
const DELIMITERS = [',', ';', '\t', '|'] as const

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

export interface CsvOptions {
  readonly mapping: Mapping
  /** The time of rows that have none; null: such rows are skipped, since history that is dated now would be wrong. */
  readonly at: string | null
}

/** CSV with a header line; commas, semicolons, tabs or bars. Columns named like a field need no mapping; the others are ignored. */
export function csvSource(options: CsvOptions): ImportSource {
  return {
    name: 'csv',
    title: 'CSV',
    find: (paths) => filesBelow(paths, ['.csv', '.tsv', '.txt']),
    async *read(files, onFile) {
      for (const [index, file] of files.entries()) {
        onFile(file, index)
        yield* readCsv(file, options)
      }
    },
  }
}

async function* readCsv(file: string, options: CsvOptions): AsyncGenerator<Imported> {
  let width = 0
  const columns = (header: string[]): string[] => {
    width = header.length
    const missing = [...options.mapping.values()].find((column) => !header.includes(column))
    if (missing !== undefined) throw new CommandFailed(`${file} has no column "${missing}"; its columns: ${header.join(', ')}`)
    return header
  }
  const delimiter = await delimiterOf(file)
  const rows = createReadStream(file).pipe(
    parse({ columns, delimiter, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }),
  )
  const seen = new Map<string, number>()
  let readable: boolean | null = null
  for await (const { record, info } of rows as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
    // Bytes that are no text are read as U+FFFD, which would make one name of two. A file that holds that character by right is read.
    if (Object.values(record).some((text) => text.includes('\uFFFD'))) {
      readable ??= isUtf8(await readFile(file))
      if (!readable) {
        yield { kind: 'skipped', file, line: info.lines, reason: 'is not UTF-8 text' }
        continue
      }
    }
    const body = Object.keys(record).length < width ? 'the line is shorter than the header' : bodyOf(record, options)
    if (typeof body === 'string') {
      yield { kind: 'skipped', file, line: info.lines, reason: body }
      continue
    }
    // Without an id of its own a row is known by its content; equal rows are told apart by their order.
    const content = sha256Hex(canonicalJson(record)).slice(0, 32)
    const copy = (seen.get(content) ?? 0) + 1
    seen.set(content, copy)
    yield { kind: 'call', file, line: info.lines, body: { call_id: `csv:${content}:${copy}`, source: 'import:csv', ...body } }
  }
}

/** The one that the header line has most of. */
async function delimiterOf(file: string): Promise<string> {
  for await (const header of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length)
    return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
  }
  return ','
}

function bodyOf(record: Readonly<Record<string, string>>, { mapping, at }: CsvOptions): Record<string, unknown> | string {
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
    if (text === undefined || text === '') continue
    if (field.startsWith('tag:')) tags[field.slice(4)] = text
    else {
      const value = fieldValue(field, text)
      if (value === null) return `${field} is "${text}", which is not ${NUMBERS.has(field) ? 'a number' : 'true or false'}`
      body[field] = value
    }
  }
  if (Object.keys(tags).length > 0) body.tags = tags
  if (body.model === undefined && body.cost_usd === undefined) return 'has neither a model nor a cost'
  if (body.timestamp === undefined && at === null) return 'has no time; map a column to timestamp, or give one for all such rows with --at'
  return { timestamp: at, ...body }
}

function fieldValue(field: string, text: string): string | number | boolean | null {
  if (NUMBERS.has(field)) return NUMBER.test(text) ? Number(text.replaceAll(',', '')) : null
  if (field === 'success') return OUTCOMES.get(text.toLowerCase()) ?? null
  if (field === 'timestamp' && /^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`
  return field === 'cost_usd' ? text.replace(/^\$\s*/, '') : text
}

function isField(name: string): boolean {
  return NUMBERS.has(name) || TEXTS.has(name) || name === 'success' || (name.startsWith('tag:') && name.length > 4)
}
