import { type Counter, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, meterPart, meterTotal } from '../payload/draft.ts'
import { type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { Shape, ShapeReader } from '../payload/shape.ts'

const EVENT_TYPES = new Set(['message-start', 'content-start', 'content-delta', 'content-end', 'tool-call-delta', 'message-end'])

/** Cohere chat (v1, v2), embed and rerank. What is billed is `billed_units`; `tokens` beside it is what the model saw, which is more. */
export const billedUnitsShape: Shape = {
  endpoint: 'chat',
  recognises(payload) {
    if (EVENT_TYPES.has(textAt(payload, 'type') ?? '') || textAt(payload, 'event_type') === 'stream-end') return true
    if (textAt(payload, 'event_type') === 'text-generation' || textAt(payload, 'event_type') === 'stream-start') return true
    const holder = objectAt(payload, 'usage') ?? objectAt(payload, 'meta')
    return holder?.billed_units !== undefined || holder?.api_version !== undefined
  },
  open: openCohere,
}

function openCohere(): ShapeReader {
  const text = deliveredText()
  let body: JsonObject = {}
  let finished = false
  return {
    take(payload) {
      const type = textAt(payload, 'type') ?? textAt(payload, 'event_type') ?? ''
      if (type === 'message-end') body = objectAt(payload, 'delta') ?? {}
      else if (type === 'stream-end') body = objectAt(payload, 'response') ?? {}
      else if (type === 'text-generation') text.addFields(payload, ['text'])
      else if (EVENT_TYPES.has(type)) {
        const message = objectAt(objectAt(payload, 'delta'), 'message')
        text.addFields(objectAt(message, 'content'), ['text', 'thinking'])
        text.addFields(objectAt(objectAt(message, 'tool_calls'), 'function'), ['arguments'])
      } else if (!type.startsWith('stream-')) body = payload
      finished ||= type === 'message-end' || type === 'stream-end' || body === payload
    },
    write: (draft) => writeUsage(draft, body),
    text: text.value,
    finished: () => finished,
  }
}

function writeUsage(draft: Draft, body: JsonObject): boolean {
  const { notes } = draft
  const holder = objectAt(body, 'usage') ?? objectAt(body, 'meta')
  const billed = objectAt(holder, 'billed_units')
  const tokens = objectAt(holder, 'tokens')
  draft.model = textAt(body, 'model') ?? null
  const searches = readCounter(billed, 'search_units', notes)
  const input = readCounter(billed ?? tokens, 'input_tokens', notes)
  const output = readCounter(billed ?? tokens, 'output_tokens', notes)
  const kind = kindOf(body, searches, input)
  const inference = addInference(draft, kind)
  draft.endpoint = kind === 'message' ? 'chat' : kind === 'rerank' ? 'rerank' : 'embeddings'
  meterPart(inference, 'rerank.search_unit', partOf(searches))
  meterPart(inference, 'images', partOf(readCounter(billed, 'images', notes)))
  if (kind !== 'rerank') meterTotal(inference, 'input', input, billed === undefined ? 'derived' : 'reported')
  if (kind === 'message') meterTotal(inference, 'output', output, billed === undefined ? 'derived' : 'reported')
  for (const key of ['classifications', 'image_tokens']) {
    const count = readCounter(billed, key, notes)
    if (count) addNote(notes, 'unknown_counter', `${key} ${count} is billed and has no meter here`)
  }
  const cached = readCounter(holder, 'cached_tokens', notes)
  if (cached) addNote(notes, 'unbilled_counter', `cached_tokens ${cached} has no price of its own: billed units are what is charged`)
  return billed !== undefined || tokens !== undefined
}

function kindOf(body: JsonObject, searches: Counter, input: Counter): 'message' | 'rerank' | 'embedding' {
  if (partOf(searches) > 0 && input === undefined) return 'rerank'
  if (listAt(body, 'results').length > 0) return 'rerank'
  return body.embeddings === undefined ? 'message' : 'embedding'
}
