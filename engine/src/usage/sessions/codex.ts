import { type Millis, parseInstant } from '../../kernel/index.ts'
import { readCounter } from '../payload/counters.ts'
import { type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { usageOfReport } from '../report.ts'
import type { Usage, UsageNote } from '../usage.ts'
import { type LineLog, lineLog } from './line-log.ts'
import type { SessionReader, SessionRecord } from './record.ts'

/** A forked session writes its parent's history again at its start, all within this time of the fork. */
const REPLAY_MS = 1_000
const NAMES = ['input_tokens', 'cached_input_tokens', 'output_tokens', 'reasoning_output_tokens'] as const
type Totals = Readonly<Record<(typeof NAMES)[number], number>>
const ZERO: Totals = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, reasoning_output_tokens: 0 }

/**
 * Codex's rollout logs (`~/.codex/sessions/**.jsonl`). `token_count` events carry totals of the session so far; a request is the
 * difference to the event before, and an event that adds nothing is a repetition. Input includes cached, output includes reasoning.
 * In a forked session the parent's events come first, in a burst at the time of the fork: they set the start and are not counted.
 */
export function codexReader(): SessionReader {
  const log = lineLog()
  const records: SessionRecord[] = []
  let session = newSession(null)
  return {
    open(file) {
      log.open(file)
      session = newSession(file === '' ? null : file)
    },
    take(text) {
      const line = log.parse(text)
      if (line === null) return
      const payload = objectAt(line, 'payload')
      if (line.type === 'session_meta') readMeta(session, line, payload)
      else if (line.type === 'turn_context') session.model = textAt(payload, 'model') ?? session.model
      else if (payload?.type === 'token_count') {
        const record = readCount(session, line, objectAt(payload, 'info'), log)
        if (record !== null) records.push(record)
      }
    },
    end: () => ({ records, skipped: log.skipped(), lines: log.total() }),
  }
}

function newSession(file: string | null): Session {
  return { id: file, cwd: null, gitBranch: null, version: null, forkedFrom: null, startedAt: null, model: null, before: ZERO }
}

interface Session {
  /** The file's name until its first line says better. */
  id: string | null
  cwd: string | null
  gitBranch: string | null
  version: string | null
  forkedFrom: string | null
  startedAt: Millis | null
  model: string | null
  before: Totals
}

/** The first `session_meta` is the file's own; a fork repeats its parent's after it. */
function readMeta(session: Session, line: JsonObject, meta: JsonObject | undefined): void {
  if (session.startedAt !== null) {
    session.forkedFrom ??= textAt(meta, 'id') ?? 'unknown'
    return
  }
  session.id = textAt(meta, 'id') ?? session.id
  session.cwd = textAt(meta, 'cwd') ?? null
  session.gitBranch = textAt(objectAt(meta, 'git'), 'branch') ?? null
  session.version = textAt(meta, 'cli_version') ?? null
  session.forkedFrom = textAt(meta, 'forked_from_id') ?? forkOfSource(meta)
  session.startedAt = parseInstant(textAt(line, 'timestamp') ?? textAt(meta, 'timestamp') ?? '')
}

function forkOfSource(meta: JsonObject | undefined): string | null {
  const spawn = objectAt(objectAt(objectAt(meta, 'source'), 'subagent'), 'thread_spawn')
  return textAt(spawn, 'parent_thread_id') ?? null
}

function readCount(session: Session, line: JsonObject, info: JsonObject | undefined, log: LineLog): SessionRecord | null {
  if (info === undefined) return null
  const at = parseInstant(textAt(line, 'timestamp') ?? '')
  if (at === null) {
    log.skip('no_time', 'the event has usage and no readable timestamp')
    return null
  }
  const notes: UsageNote[] = []
  const total = totalsOf(objectAt(info, 'total_token_usage'), notes)
  const last = totalsOf(objectAt(info, 'last_token_usage'), notes)
  if (notes.length > 0 || (total === null && last === null)) {
    log.skip('invalid_counter', notes[0]?.detail ?? 'the event has no counters')
    return null
  }
  const used = total === null ? last : difference(total, session.before, last, log)
  if (total !== null) session.before = total
  if (used === null || NAMES.every((name) => used[name] === 0)) return null
  if (session.forkedFrom !== null && session.startedAt !== null && at - session.startedAt <= REPLAY_MS) {
    log.skip('replayed', `the event repeats the history of session ${session.forkedFrom}`)
    return null
  }
  const usage = usageOf(used, at, textAt(info, 'model') ?? session.model, log)
  return usage === null ? null : recordOf(session, usage, total, log)
}

function totalsOf(counters: JsonObject | undefined, notes: UsageNote[]): Totals | null {
  if (counters === undefined) return null
  const read = { ...ZERO }
  for (const name of NAMES) read[name] = readCounter(counters, name, notes) ?? 0
  return read
}

/** A total below the one before means that the session was compacted or restarted; then the event's own count is what was used. */
function difference(total: Totals, before: Totals, last: Totals | null, log: LineLog): Totals | null {
  if (NAMES.every((name) => total[name] >= before[name])) {
    return {
      input_tokens: total.input_tokens - before.input_tokens,
      cached_input_tokens: total.cached_input_tokens - before.cached_input_tokens,
      output_tokens: total.output_tokens - before.output_tokens,
      reasoning_output_tokens: total.reasoning_output_tokens - before.reasoning_output_tokens,
    }
  }
  if (last === null) log.skip('counter_went_back', 'the total is below the one before and the event has no count of its own')
  return last
}

function usageOf(used: Totals, at: Millis, model: string | null, log: LineLog): Usage | null {
  const usage = usageOfReport({
    at,
    seller: 'openai',
    model: model ?? undefined,
    inputTokens: used.input_tokens,
    outputTokens: used.output_tokens,
    // Cached tokens above the input are a known flaw of some versions; no more than all of it can have been cached.
    cacheReadTokens: Math.min(used.cached_input_tokens, used.input_tokens),
    reasoningTokens: Math.min(used.reasoning_output_tokens, used.output_tokens),
  })
  if (usage.ok) return usage.value
  log.skip('invalid_counter', usage.error.detail)
  return null
}

function recordOf(session: Session, usage: Usage, total: Totals | null, log: LineLog): SessionRecord {
  const mark = total === null ? `line-${log.number()}` : NAMES.map((name) => total[name]).join('-')
  return {
    // Totals only grow, so they tell the events of one session apart, in an archived copy of it too.
    id: `${session.id ?? 'session'}:${usage.at}:${mark}`,
    source: 'codex',
    sessionId: session.id,
    at: usage.at,
    usage,
    cwd: session.cwd,
    gitBranch: session.gitBranch,
    version: session.version,
    isSidechain: session.forkedFrom !== null,
    agentId: null,
    parentUuid: session.forkedFrom,
    file: log.file(),
    line: log.number(),
  }
}
