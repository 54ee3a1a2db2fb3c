import { isObject, type JsonObject, listAt, objectAt, textAt } from './payload/json.ts'
import { frameReader } from './transport/frames.ts'

/**
 * How an answer of a model ended. `complete`: by itself. `tool_calls`: it asks for tools, or used some that its provider runs. `cut_off`: at a limit, by a filter,
 * or in the middle. `failed`: with an error. `unknown`: it does not say, or is no answer of a model.
 */
export type Finish = 'complete' | 'tool_calls' | 'cut_off' | 'failed' | 'unknown'

/** Reads how an answer ended: JSON, JSON lines or server-sent events, by what its payloads look like. Never throws. */
export function finishOf(body: Uint8Array | string, contentType = ''): Finish {
  const seen: Seen = { ends: new Map(), tools: false, failed: false, broken: false }
  const take = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) take(item)
    if (isObject(value)) look(value, seen)
  }
  const frames = frameReader(contentType, {
    onValue: take,
    onUnreadable: () => {
      seen.broken = true
    },
    onDone: () => undefined,
  })
  frames.push(body)
  frames.end()
  return verdict(seen)
}

interface Seen {
  /** What each choice, candidate or message said last of its end; null: not yet. */
  readonly ends: Map<string, string | null>
  tools: boolean
  failed: boolean
  broken: boolean
}

/** Words of the providers for an end that is none of a limit, a filter or a tool. */
const BY_ITSELF: ReadonlySet<string> = new Set(['stop', 'end_turn', 'stop_sequence', 'STOP', 'completed', 'embedded'])
const FOR_TOOLS: ReadonlySet<string> = new Set(['tool_calls', 'function_call', 'tool_use'])
/** Parts of an answer of the Responses API that no tool has to do with. */
const PLAIN_OUTPUT: ReadonlySet<unknown> = new Set(['message', 'reasoning'])
const TOOL_BLOCK = /tool_use$/

function verdict({ ends, tools, failed, broken }: Seen): Finish {
  if (failed) return 'failed'
  if (broken) return 'cut_off'
  if (ends.size === 0) return 'unknown'
  const reasons = [...ends.values()]
  if (reasons.some((reason) => reason === null || (!BY_ITSELF.has(reason) && !FOR_TOOLS.has(reason)))) return 'cut_off'
  return tools || reasons.some((reason) => reason !== null && FOR_TOOLS.has(reason)) ? 'tool_calls' : 'complete'
}

function look(value: JsonObject, seen: Seen): void {
  if (isObject(value.error) || typeof value.error === 'string' || value.type === 'error') seen.failed = true
  lookAtChoices(value, seen)
  // Perplexity's searches, which it does for every answer that names its sources.
  if (listAt(value, 'citations').length > 0 || listAt(value, 'search_results').length > 0) seen.tools = true
  lookAtMessage(value, seen)
  lookAtResponse(objectAt(value, 'response') ?? value, seen)
  lookAtCandidates(value, seen)
  if (Array.isArray(value.embeddings) || isObject(value.embedding) || (value.object === 'list' && isObject(listAt(value, 'data')[0])))
    seen.ends.set('embeddings', 'embedded')
}

/** Chat and legacy completions. */
function lookAtChoices(value: JsonObject, seen: Seen): void {
  const { ends } = seen
  for (const [at, choice] of listAt(value, 'choices').entries()) {
    const index = isObject(choice) && typeof choice.index === 'number' ? choice.index : at
    const key = `choice ${index}`
    ends.set(key, textAt(choice, 'finish_reason') ?? ends.get(key) ?? null)
    // Some who copied this API call tools and say that they stopped.
    for (const part of ['delta', 'message']) {
      const message = objectAt(choice, part)
      if (['tool_calls', 'annotations'].some((name) => listAt(message, name).length > 0) || isObject(message?.function_call))
        seen.tools = true
    }
  }
}

/** Anthropic's messages, whole or by events. */
function lookAtMessage(value: JsonObject, seen: Seen): void {
  const isWhole = value.type === 'message' && Array.isArray(value.content)
  if (isWhole || value.type === 'message_start') seen.ends.set('message', textAt(value, 'stop_reason') ?? null)
  if (value.type === 'message_delta')
    seen.ends.set('message', textAt(objectAt(value, 'delta'), 'stop_reason') ?? seen.ends.get('message') ?? null)
  const blocks = isWhole ? listAt(value, 'content') : [objectAt(value, 'content_block')]
  if (blocks.some((block) => TOOL_BLOCK.test(textAt(block, 'type') ?? ''))) seen.tools = true
}

function lookAtResponse(value: JsonObject, seen: Seen): void {
  if (value.object !== 'response') return
  seen.ends.set('response', textAt(value, 'status') ?? null)
  if (listAt(value, 'output').some((item) => !isObject(item) || !PLAIN_OUTPUT.has(item.type))) seen.tools = true
}

/** Gemini. */
function lookAtCandidates(value: JsonObject, seen: Seen): void {
  if (textAt(objectAt(value, 'promptFeedback'), 'blockReason') !== undefined) seen.ends.set('prompt', 'blocked')
  for (const [at, candidate] of listAt(value, 'candidates').entries()) {
    const index = isObject(candidate) && typeof candidate.index === 'number' ? candidate.index : at
    const key = `candidate ${index}`
    seen.ends.set(key, textAt(candidate, 'finishReason') ?? seen.ends.get(key) ?? null)
    const parts = listAt(objectAt(candidate, 'content'), 'parts')
    const called = parts.some((part) => isObject(part) && (part.functionCall !== undefined || part.executableCode !== undefined))
    const looked = ['groundingMetadata', 'urlContextMetadata'].some((name) => Object.keys(objectAt(candidate, name) ?? {}).length > 0)
    if (called || looked) seen.tools = true
  }
}
