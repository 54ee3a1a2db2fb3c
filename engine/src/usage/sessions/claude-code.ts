import { parseInstant } from '../../kernel/index.ts'
import { decimalText } from '../payload/decimal-text.ts'
import { isObject, type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { readResponse } from '../read-response.ts'
import type { Usage } from '../usage.ts'
import { type LineLog, lineLog } from './line-log.ts'
import type { SessionReader, SessionRecord } from './record.ts'

/**
 * Claude Code's session logs (`~/.claude/projects/**.jsonl`; an internal format of the tool, as of 2.1). One response is written as a line
 * per content block, each with the usage known by then, so lines of one request are one record and the largest output wins; taking
 * every line doubles the bill, taking the first loses output.
 *
 * A reader may take several files: a sub-agent's requests stand in its own file and again inside `progress` lines of its parent, and a
 * resumed side chain replays messages under a new request id. All of those are one record, the copy of the main chain preferred.
 */
export function claudeCodeReader(): SessionReader {
  const log = lineLog()
  const found = new Map<string, Candidate>()
  const byMessage = new Map<string, string>()
  return {
    open: log.open,
    take(text) {
      const line = log.parse(text)
      if (line === null) return
      const nested = line.type === 'progress' ? objectAt(objectAt(line, 'data'), 'message') : undefined
      const entry = nested ?? line
      if ((entry.type ?? 'assistant') !== 'assistant' || objectAt(objectAt(entry, 'message'), 'usage') === undefined) return
      const candidate = readEntry(entry, line, log)
      if (candidate !== null) keep(found, byMessage, candidate, log)
    },
    end: () => ({
      records: [...found.values()].map(recordOf),
      skipped: log.skipped(),
      lines: log.total(),
    }),
  }
}

interface Candidate {
  readonly key: string
  readonly messageId: string
  readonly requestId: string
  readonly usage: Usage
  readonly output: number
  /** 2: main chain, 1: a side chain's own file, 0: inside a progress line. */
  readonly standing: number
  readonly entry: JsonObject
  readonly line: JsonObject
  readonly file: string
  readonly number: number
}

function readEntry(entry: JsonObject, line: JsonObject, log: LineLog): Candidate | null {
  const message = objectAt(entry, 'message')
  const model = textAt(message, 'model')
  if (model === '<synthetic>') {
    log.skip('synthetic', 'made by the tool itself; no model was called')
    return null
  }
  if (entry.isApiErrorMessage === true) {
    log.skip('api_error', 'an error message of the API; nothing was billed')
    return null
  }
  const at = parseInstant(textAt(entry, 'timestamp') ?? textAt(line, 'timestamp') ?? '')
  if (at === null) {
    log.skip('no_time', 'the line has usage and no readable timestamp')
    return null
  }
  const messageId = textAt(message, 'id') ?? ''
  const requestId = textAt(entry, 'requestId') ?? textAt(line, 'requestId') ?? ''
  // Without either id a request cannot be told from its copies; counting it could count it twice.
  if (messageId === '' && requestId === '') {
    log.skip('no_id', 'the line has usage and neither a message id nor a request id')
    return null
  }
  const read = readResponse({
    at,
    seller: 'anthropic',
    body: JSON.stringify({ type: 'message', model, content: [], usage: message?.usage }),
  })
  const usage = withStatedCost(read, entry.costUSD)
  const output = usage.inferences.reduce((sum, { meters }) => sum + (meters.output ?? 0) + (meters['output.reasoning'] ?? 0), 0)
  const standing = entry === line ? (line.isSidechain === true ? 1 : 2) : 0
  return {
    key: `${messageId}:${requestId}`,
    messageId,
    requestId,
    usage,
    output,
    standing,
    entry,
    line,
    file: log.file(),
    number: log.number(),
  }
}

/** Older versions of the tool wrote what it thought a request cost. */
function withStatedCost(usage: Usage, cost: unknown): Usage {
  const amount = typeof cost === 'number' && cost > 0 ? decimalText(cost) : null
  return amount === null ? usage : { ...usage, attested: { amount, currency: 'USD', by: 'claude-code costUSD' } }
}

function keep(found: Map<string, Candidate>, byMessage: Map<string, string>, candidate: Candidate, log: LineLog): void {
  const twin = found.get(candidate.key)
  if (twin !== undefined) {
    // The same request: what was counted last is complete, unless an earlier line already had more.
    if (candidate.output >= twin.output) found.set(candidate.key, { ...candidate, ...better(candidate, twin) })
    return
  }
  const known = candidate.messageId === '' ? undefined : byMessage.get(candidate.messageId)
  const original = known === undefined ? undefined : found.get(known)
  if (original !== undefined && isReplay(original, candidate)) {
    log.skip('replayed', `message ${candidate.messageId} stands in the log under another request id`)
    if (candidate.standing <= original.standing) return
    found.delete(original.key)
  }
  found.set(candidate.key, candidate)
  if (candidate.messageId !== '') byMessage.set(candidate.messageId, candidate.key)
}

/** A message that stands on another chain too, or where one copy has lost its request id, was answered and billed once. */
function isReplay(original: Candidate, candidate: Candidate): boolean {
  return original.standing < 2 || candidate.standing < 2 || original.requestId === '' || candidate.requestId === ''
}

/** Where a copy has better facts about the session, they are kept beside the newer counters. */
function better(candidate: Candidate, twin: Candidate): Partial<Candidate> {
  return twin.standing > candidate.standing ? { standing: twin.standing, entry: twin.entry, line: twin.line } : {}
}

function recordOf({ key, usage, entry, line, standing, file, number }: Candidate): SessionRecord {
  const text = (name: string): string | null => textAt(entry, name) ?? textAt(line, name) ?? null
  const data = objectAt(line, 'data')
  return {
    id: key,
    source: 'claude-code',
    sessionId: text('sessionId'),
    at: usage.at,
    usage,
    cwd: text('cwd'),
    gitBranch: text('gitBranch'),
    version: text('version'),
    isSidechain: standing < 2 || isObject(data?.message),
    agentId: text('agentId') ?? textAt(data, 'agentId') ?? null,
    parentUuid: text('parentUuid'),
    file,
    line: number,
  }
}
