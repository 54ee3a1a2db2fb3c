import { type Facts, objectOf, withoutContent } from '../redact.ts'
import type { StreamReader } from './stream.ts'

/** Chunks of chat and legacy completions. The usage is in one of the last, which has no choices. */
export function chatChunks({ hidesUsage }: { readonly hidesUsage: boolean }): StreamReader {
  let facts: Facts = { object: 'chat.completion' }
  let finishReason: unknown = null
  return {
    take(value) {
      const chunk = objectOf(value)
      if (chunk === null) return
      const { object, choices: _, ...seen } = withoutContent(chunk)
      const said = Object.entries(seen).filter(([, item]) => item !== null && item !== '')
      facts = { ...facts, ...Object.fromEntries(said) }
      if (typeof object === 'string') facts.object = object.replace(/\.chunk$/, '')
      if (Array.isArray(chunk.choices)) for (const choice of chunk.choices) finishReason = objectOf(choice)?.finish_reason ?? finishReason
    },
    facts: () => ({ ...facts, choices: [{ index: 0, finish_reason: typeof finishReason === 'string' ? finishReason : null }] }),
    isWhole: () => finishReason !== null || objectOf(facts.usage) !== null,
    hides: (value) => {
      const chunk = objectOf(value)
      return hidesUsage && Array.isArray(chunk?.choices) && chunk.choices.length === 0 && objectOf(chunk.usage) !== null
    },
  }
}

const LAST_EVENTS = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'])

/** Events of the Responses API. Usage is in the closing event only; before it, output items tell what a broken stream had used. */
export function responseEvents(): StreamReader {
  let facts: Facts = { object: 'response' }
  let items: unknown[] = []
  let isWhole = false
  let failure: string | undefined
  let hasDelivered = false
  return {
    take(value) {
      const event = objectOf(value)
      const type = typeof event?.type === 'string' ? event.type : ''
      const snapshot = objectOf(event?.response)
      if (snapshot !== null) facts = withoutContent(snapshot)
      if (type === 'response.output_item.done') items = [...items, event?.item]
      if (type === 'error' || type === 'response.failed' || type === 'response.cancelled') {
        const code = objectOf(snapshot?.error)?.code ?? event?.code
        failure = typeof code === 'string' ? code : type === 'response.cancelled' ? 'cancelled' : 'failed'
      }
      hasDelivered ||= type.endsWith('.delta')
      isWhole ||= LAST_EVENTS.has(type)
    },
    facts() {
      const hasOutput = Array.isArray(facts.output) && facts.output.length > 0
      const all = hasOutput ? facts : withoutContent({ ...facts, output: items })
      if (!hasDelivered || objectOf(all.usage) !== null) return all
      // What failed after it delivered is not free: its cost is unknown.
      const { error: _, status: __, ...unknown } = all
      return unknown
    },
    isWhole: () => isWhole,
    failure: () => failure,
  }
}
