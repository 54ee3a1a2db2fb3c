import { parseInstant, sha256Hex } from '../../kernel/index.ts'
import { dialectOf } from './dialect.ts'
import { type Facts, factOf, textFact } from './facts.ts'
import type { LogRecord } from './wire/records.ts'

/** A log event that stands for a call. */
export interface CallEvent {
  readonly log: LogRecord
  readonly dialect: string
  readonly failed: boolean
  /** When it began and ended, in microseconds; 0: not said. */
  readonly startUs: number
  readonly endUs: number
  /** Of the content that makes it one event: for those that carry no id of their response. */
  readonly hash: string
}

interface EventRule {
  readonly dialect: string
  readonly failed: boolean
  /** Events under this name are of other things too, unless so. */
  readonly when?: (facts: Facts) => boolean
}

/** One event of each agent stands for a request. The others repeat it, or are about something else. */
const EVENTS: Readonly<Record<string, EventRule>> = {
  'claude_code.api_request': { dialect: 'claude-code', failed: false },
  'claude_code.api_error': { dialect: 'claude-code', failed: true },
  'codex.sse_event': { dialect: 'codex', failed: false, when: (facts) => factOf(facts, 'eventKind') === 'response.completed' },
  'gemini_cli.api_response': { dialect: 'gemini-cli', failed: false },
  'gemini_cli.api_error': { dialect: 'gemini-cli', failed: true },
  'gen_ai.client.inference.operation.details': {
    dialect: 'genai',
    failed: false,
    when: (facts) => factOf(facts, 'input') !== undefined || factOf(facts, 'output') !== undefined,
  },
}

/** Null for events that are no calls. */
export function callEvent(log: LogRecord): CallEvent | null {
  const name = fullName(log)
  const rule = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined
  if (rule === undefined || rule.when?.(log.facts) === false) return null
  const dialect = rule.dialect === 'genai' ? dialectOf(log.emitter, log.facts, name) : rule.dialect
  // Gemini CLI writes both events for one response.
  if (rule.dialect === 'genai' && dialect === 'gemini-cli') return null
  const said = typeof factOf(log.facts, 'eventTime') === 'string' ? parseInstant(textFact(log.facts, 'eventTime') ?? '') : null
  const endUs = said === null ? log.timeUs : said * 1_000
  const duration = Number(factOf(log.facts, 'durationMs') ?? 0)
  const startUs = endUs > 0 && duration > 0 && duration < DURATION_MS_MAX ? endUs - Math.round(duration * 1_000) : endUs
  return { log, dialect, failed: rule.failed || factOf(log.facts, 'succeeded') === false, startUs, endUs, hash: hashOf(log, name, endUs) }
}

const DURATION_MS_MAX = 30 * 24 * 3_600_000

/** Claude Code says only `api_request` in the attribute, and whose event it is in the scope. */
function fullName({ eventName, facts, emitter }: LogRecord): string {
  const name = eventName === '' ? (textFact(facts, 'eventName') ?? '') : eventName
  const claude = emitter.scope.includes('claude_code') || textFact(emitter.resource, 'service') === 'claude-code'
  return claude && !name.includes('.') ? `claude_code.${name}` : name
}

function hashOf({ facts, emitter }: LogRecord, name: string, endUs: number): string {
  const parts = [name, textFact(emitter.resource, 'service'), textFact(facts, 'session'), endUs, textFact(facts, 'sequence')]
  for (const field of ['modelRequested', 'modelServed', 'input', 'output', 'cacheRead', 'cacheWrite', 'reasoning', 'statusCode'] as const)
    parts.push(textFact(facts, field))
  return sha256Hex(JSON.stringify(parts)).slice(0, 32)
}
