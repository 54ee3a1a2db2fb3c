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
  let deliveredChars = 0
  return {
    take(value) {
      const event = objectOf(value)
      if (event?.type === 'message_start') {
        message = objectOf(event.message) ?? {}
        usage = overlaid(usage, message.usage)
      } else if (event?.type === 'content_block_start') content.push(event.content_block)
      else if (event?.type === 'content_block_delta') deliveredChars += charsOf(event.delta)
      else if (event?.type === 'message_delta') {
        message = { ...message, stop_reason: objectOf(event.delta)?.stop_reason ?? null }
        usage = overlaid(usage, event.usage)
        isCounted = true
      }
    },
    facts() {
      if (isCounted) return withoutContent({ type: 'message', ...message, usage, content })
      // As the event it came in, whose output count the server takes as assumed: the first one, or about what was delivered since.
      const provisional = typeof usage.output_tokens === 'number' ? usage.output_tokens : 0
      const assumed = Math.max(provisional, Math.ceil(deliveredChars / CHARS_PER_TOKEN))
      const counted = assumed === 0 ? usage : { ...usage, output_tokens: assumed }
      return { type: 'message_start', message: withoutContent({ type: 'message', ...message, usage: counted, content }) }
    },
    isWhole: () => isCounted,
  }
}

/** A rule of thumb for English and code. */
const CHARS_PER_TOKEN = 4

function charsOf(delta: unknown): number {
  const parts = objectOf(delta)
  return ['text', 'thinking', 'partial_json'].reduce((sum, key) => sum + (typeof parts?.[key] === 'string' ? parts[key].length : 0), 0)
}

function overlaid(under: Facts, over: unknown): Facts {
  const said = Object.entries(objectOf(over) ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return { ...under, ...Object.fromEntries(said) }
}
