import type { IncomingHttpHeaders } from 'node:http'
import { LIMITS, wellFormedText } from '../../kernel/index.ts'
import type { Said } from '../../operations/index.ts'

/** Where each field is said: a header of ours, then keys of W3C baggage, then headers of programs that say it in their own way. */
const SOURCES: readonly (readonly [field: Field, header: string, baggage: readonly string[], others: readonly string[]])[] = [
  ['organization_id', 'x-purser-organization', ['organization.id', 'organization'], []],
  ['agent_name', 'x-purser-agent', ['agent.name', 'gen_ai.agent.name', 'agent'], ['x-agent-id']],
  ['workflow_id', 'x-purser-run', ['run.id', 'workflow.run_id', 'run'], []],
  ['workflow_name', 'x-purser-workflow', ['workflow.name', 'gen_ai.workflow.name', 'workflow'], []],
  ['session_id', 'x-purser-session', ['session.id', 'gen_ai.conversation.id', 'session'], ['x-claude-code-session-id']],
  ['user_id', 'x-purser-user', ['user.id', 'enduser.id', 'user'], []],
  ['team', 'x-purser-team', ['team.id', 'team'], []],
  ['project', 'x-purser-project', ['project.id', 'project'], []],
  ['cost_center', 'x-purser-cost-center', ['cost_center'], []],
  ['action', 'x-purser-action', ['action'], []],
]

type Field = Exclude<keyof Said, 'tags'>

const TAG_HEADER = 'x-purser-tag-'
const TAG_BAGGAGE = 'tag.'
/** version - trace id - parent id - flags (W3C Trace Context). */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/

/**
 * Who and what a request says it is for: by headers, by W3C baggage, by what coding agents send, and by what the request names itself (`user`). A trace that
 * it belongs to is its run where it names none. What is said here never outranks what is bound to the key.
 */
export function identityOf(headers: IncomingHttpHeaders, userInBody: string | null): Said {
  const baggage = readBaggage(headerText(headers, 'baggage'))
  const said: { -readonly [K in keyof Said]: Said[K] } = {}
  for (const [field, header, keys, others] of SOURCES) {
    const value = headerText(headers, header) ?? firstOf(keys, baggage) ?? others.map((other) => headerText(headers, other)).find(isSaid)
    if (value !== undefined && value !== null) said[field] = value
  }
  const trace = TRACEPARENT.exec(headerText(headers, 'traceparent') ?? '')?.[1]
  if (said.workflow_id === undefined && trace !== undefined) said.workflow_id = trace
  if (said.user_id === undefined && userInBody !== null) said.user_id = clipped(userInBody)
  if (said.agent_name === undefined && isClaudeCode(headers)) said.agent_name = 'claude-code'
  const tags = tagsOf(headers, baggage)
  if (Object.keys(tags).length > 0) said.tags = tags
  return said
}

/** Claude Code names its session in every request. */
export function isClaudeCode(headers: IncomingHttpHeaders): boolean {
  return headers['x-claude-code-session-id'] !== undefined
}

function tagsOf(headers: IncomingHttpHeaders, baggage: ReadonlyMap<string, string>): Record<string, string> {
  const tags = new Map<string, string>()
  for (const [key, value] of baggage) if (key.startsWith(TAG_BAGGAGE)) tags.set(key.slice(TAG_BAGGAGE.length), value)
  for (const name of Object.keys(headers)) {
    const value = name.startsWith(TAG_HEADER) ? headerText(headers, name) : null
    if (value !== null) tags.set(name.slice(TAG_HEADER.length), value)
  }
  return Object.fromEntries([...tags].filter(([name]) => name !== '').slice(0, LIMITS.tagsMax))
}

/** `key=value;property, …`, values percent-encoded (W3C Baggage). What cannot be read is left out. */
function readBaggage(text: string | null): Map<string, string> {
  const read = new Map<string, string>()
  for (const member of (text ?? '').split(',').slice(0, LIMITS.tagsMax)) {
    const [pair = ''] = member.split(';')
    const at = pair.indexOf('=')
    const key = pair.slice(0, at).trim()
    const value = decoded(pair.slice(at + 1).trim())
    if (at > 0 && value !== '' && !read.has(key)) read.set(key, clipped(value))
  }
  return read
}

function firstOf(keys: readonly string[], baggage: ReadonlyMap<string, string>): string | undefined {
  for (const key of keys) if (baggage.has(key)) return baggage.get(key)
  return undefined
}

function headerText(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  const text = (Array.isArray(value) ? value.join(', ') : (value ?? '')).trim()
  if (text === '') return null
  return name === 'baggage' || name === 'traceparent' ? text : clipped(decoded(text))
}

function isSaid(value: string | null): value is string {
  return value !== null
}

function clipped(text: string): string {
  return wellFormedText(text).slice(0, LIMITS.nameCharsMax)
}

/** Headers carry no letters beyond ASCII, so names are sent percent-encoded; a stray percent sign is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
