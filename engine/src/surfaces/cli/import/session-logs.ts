import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { formatInstant, type Millis } from '../../../kernel/index.ts'
import { claudeCodeReader, codexReader, type SessionReader, type SessionRecord } from '../../../usage/index.ts'
import { type CliWorld, CommandFailed } from '../world.ts'
import { filesBelow } from './files.ts'
import { defaultLogFolders } from './log-folders.ts'
import type { Imported, ImportSource } from './source.ts'
import { inexpressible, reportsOf } from './usage-counters.ts'

type LogWorld = Pick<CliWorld, 'env' | 'home' | 'now'>

const SETTLED_AFTER_MS = 60_000

/** Session logs of Claude Code: `projects/**` of its configuration folders. */
export function claudeCodeSource(world: LogWorld): ImportSource {
  return sessionSource(world, { name: 'claude-code', title: 'Claude Code' }, claudeCodeReader)
}

/** Session logs of Codex: `sessions/**` and `archived_sessions/**` of its home. */
export function codexSource(world: LogWorld): ImportSource {
  return sessionSource(world, { name: 'codex', title: 'Codex' }, codexReader)
}

function sessionSource(
  world: LogWorld,
  kind: { name: 'claude-code' | 'codex'; title: string },
  newReader: () => SessionReader,
): ImportSource {
  return {
    ...kind,
    async find(paths) {
      const folders =
        paths.length > 0
          ? paths
          : (await defaultLogFolders(world)).filter((folder) => folder.source === kind.name).map((folder) => folder.path)
      if (folders.length === 0) throw new CommandFailed(`This user has no ${kind.title} logs.`, 'Name the folder or files that hold them.')
      return filesBelow(folders, ['.jsonl'])
    },
    async *read(files, onFile) {
      const reader = newReader()
      for (const [index, file] of files.entries()) {
        onFile(file, index)
        reader.open(file)
        for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) reader.take(line)
      }
      const log = reader.end()
      for (const skipped of log.skipped) yield { kind: 'skipped', file: skipped.file, line: skipped.line, reason: skipped.detail }
      const unsettled = await lastOfFreshFiles(log.records, world.now())
      for (const record of log.records) {
        if (unsettled.has(record))
          yield {
            kind: 'skipped',
            file: record.file,
            line: record.line,
            reason: 'the request may still be being written; import again in a minute',
          }
        else yield* importedOf(record, kind.name)
      }
    },
  }
}

function* importedOf(record: SessionRecord, source: string): Generator<Imported> {
  const lost = inexpressible(record.usage)
  if (lost.length > 0) {
    yield { kind: 'skipped', file: record.file, line: record.line, reason: `has usage that cannot be imported: ${lost.join(', ')}` }
    return
  }
  const facts = {
    call_id: `${source}:${record.id}`,
    source: `import:${source}`,
    agent_name: record.isSidechain ? `${source} sub-agent` : source,
    timestamp: formatInstant(record.at),
    ...(record.sessionId === null ? {} : { session_id: record.sessionId }),
    ...(record.cwd === null || basename(record.cwd) === '' ? {} : { project: basename(record.cwd) }),
    ...(record.gitBranch === null || record.gitBranch === '' ? {} : { tags: { git_branch: record.gitBranch } }),
  }
  for (const body of reportsOf(record.usage, facts)) yield { kind: 'call', file: record.file, line: record.line, body }
}

/** A response is logged while it streams: the newest request of a file that changed a moment ago may not be complete. */
async function lastOfFreshFiles(records: readonly SessionRecord[], now: Millis): Promise<Set<SessionRecord>> {
  const last = new Map<string, SessionRecord>()
  for (const record of records) {
    const known = last.get(record.file)
    if (known === undefined || record.line > known.line) last.set(record.file, record)
  }
  const fresh = new Set<SessionRecord>()
  for (const [file, record] of last) {
    const { mtimeMs } = await stat(file)
    if (now - mtimeMs < SETTLED_AFTER_MS) fresh.add(record)
  }
  return fresh
}
