import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { formatInstant } from '../../../kernel/index.ts'
import { readLiteLlmRow } from '../../../usage/index.ts'
import { filesBelow } from './files.ts'
import type { Imported, ImportSource } from './source.ts'
import { inexpressible, reportsOf } from './usage-counters.ts'

/** LiteLLM's spend log as its export or API gives it: a JSON array, an object with `data` or one row; or one row a line (.jsonl). */
export function liteLlmSource(): ImportSource {
  return {
    name: 'litellm',
    title: 'LiteLLM',
    find: (paths) => filesBelow(paths, ['.json', '.jsonl', '.ndjson']),
    async *read(files, onFile) {
      for (const [index, file] of files.entries()) {
        onFile(file, index)
        for await (const { row, line } of rowsOf(file)) yield* importedOf(row, file, line)
      }
    },
  }
}

async function* rowsOf(file: string): AsyncGenerator<{ row: unknown; line: number | null }> {
  if (file.endsWith('.json')) {
    const whole = parsed(await readFile(file, 'utf8'))
    const rows = Array.isArray(whole) ? whole : isObject(whole) && Array.isArray(whole.data) ? whole.data : [whole]
    for (const row of rows) yield { row, line: null }
    return
  }
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (text.trim() !== '') yield { row: parsed(text), line }
  }
}

function* importedOf(row: unknown, file: string, line: number | null): Generator<Imported> {
  const read = row === undefined ? null : readLiteLlmRow(row)
  if (read === null || !read.ok) {
    yield {
      kind: 'skipped',
      file,
      line,
      reason: read === null ? 'is not JSON' : `${read.error.detail}${read.error.path === undefined ? '' : ` (at ${read.error.path})`}`,
    }
    return
  }
  const record = read.value
  const lost = inexpressible(record.usage)
  if (lost.length > 0) {
    yield { kind: 'skipped', file, line, reason: `has usage that cannot be imported: ${lost.join(', ')}` }
    return
  }
  const user = record.endUser ?? record.user
  const facts = {
    call_id: `litellm:${record.id}`,
    source: 'import:litellm',
    timestamp: formatInstant(record.at),
    success: record.status === 'success',
    ...given('session_id', record.sessionId),
    ...given('user_id', user),
    ...given('team', record.team),
    ...given('agent_name', record.agent),
    ...(record.latencyMs === null ? {} : { latency_ms: record.latencyMs }),
    ...(record.tags.length === 0 ? {} : { tags: Object.fromEntries(record.tags.map((tag) => [tag, 'true'])) }),
  }
  for (const body of reportsOf(record.usage, facts)) yield { kind: 'call', file, line, body }
}

function given(field: string, value: string | null): Record<string, string> {
  return value === null || value === '' ? {} : { [field]: value }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
