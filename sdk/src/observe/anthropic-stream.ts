import { type Facts, objectOf, withoutContent } from '../redact.ts'
import type { StreamReader } from './stream.ts'

/**
 * Events of Anthropic Messages. `message_start` has the input and a first, provisional output count; each `message_delta` has totals so far
 * that replace what came before, null meaning not said. The split of cache writes by lifetime is in `message_start` only.
 */
export function messageEvents(): StreamReader {
  let message: Facts = {}
  let usage: Facts = {}
  const content: unknown[] = []
  let isCounted = false
  return {
    take(value) {
      const event = objectOf(value)
      if (event?.type === 'message_start') {
        message = objectOf(event.message) ?? {}
        usage = overlaid(usage, message.usage)
      } else if (event?.type === 'content_block_start') content.push(event.content_block)
      else if (event?.type === 'message_delta') {
        message = { ...message, stop_reason: objectOf(event.delta)?.stop_reason ?? null }
        usage = overlaid(usage, event.usage)
        isCounted = true
      }
    },
    facts() {
      const facts = withoutContent({ type: 'message', ...message, usage, content })
      // As the event it came in, so that a provisional count is not taken for the final one.
      return isCounted ? facts : { type: 'message_start', message: facts }
    },
    isWhole: () => isCounted,
  }
}

function overlaid(under: Facts, over: unknown): Facts {
  const said = Object.entries(objectOf(over) ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return { ...under, ...Object.fromEntries(said) }
}
