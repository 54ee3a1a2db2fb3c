/** Takes pieces of a stream and gives what of them may go on. */
export interface StreamFilter {
  take(chunk: Buffer): Buffer | null
  /** What was kept back at the end. */
  rest(): Buffer | null
}

const END_OF_EVENT = [Buffer.from('\n\n'), Buffer.from('\r\n\r\n')] as const
const USAGE = Buffer.from('"usage"')
/** What has no end by then is no event of a chat, and goes on as it is. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024

/**
 * Takes out of a stream of chat completions the usage that we asked for and the client did not: the last event, which has no choices, and the `"usage":null`
 * of all others. Every other byte goes on as it came. An event is kept back until it is whole, which it is in what a provider writes at once.
 */
export function hideUsage(): StreamFilter {
  let kept: Buffer | null = null
  return {
    take(chunk) {
      const all: Buffer = kept === null ? chunk : Buffer.concat([kept, chunk])
      const end = lastEnd(all)
      if (all.length - end > KEPT_BYTES_MAX) {
        kept = null
        return all
      }
      kept = end === all.length ? null : Buffer.from(all.subarray(end))
      if (end === 0) return null
      const whole = all.subarray(0, end)
      return whole.includes(USAGE) ? withoutUsage(whole) : whole
    },
    rest() {
      const last = kept
      kept = null
      return last?.includes(USAGE) ? withoutUsage(last) : last
    },
  }
}

const LF = 10
const CR = 13

/** Where the last whole event ends; a piece that holds none is kept back. */
function lastEnd(bytes: Buffer): number {
  const { length } = bytes
  // Providers mostly write whole events.
  if (bytes[length - 1] === LF && (bytes[length - 2] === LF || (bytes[length - 2] === CR && bytes[length - 3] === LF))) return length
  return Math.max(
    ...END_OF_EVENT.map((mark) => {
      const at = bytes.lastIndexOf(mark)
      return at < 0 ? 0 : at + mark.length
    }),
  )
}

const EVENT = /[\s\S]*?(?:\r?\n\r?\n|$)/g

function withoutUsage(bytes: Buffer): Buffer | null {
  // A character for each byte: nothing is decoded that only goes on.
  const text = bytes.toString('latin1')
  const events = text.indexOf('\n\n') + 2 === text.length ? [text] : (text.match(EVENT) ?? [])
  const left = events.map((event) => (event.includes('"usage"') ? cleaned(event) : event)).join('')
  return left === '' ? null : Buffer.from(left, 'latin1')
}

const NULL_MEMBER = ',"usage":null'
/** After it only members that are plain text, and the end of the event: then the brace closes the outermost object, and the member is its own. */
const TO_THE_END = /^(?:,"\w+":"[^"\\]*")*\}\r?\n\r?\n$/

function cleaned(event: string): string {
  const at = event.lastIndexOf(NULL_MEMBER)
  if (at >= 0) {
    const after = event.slice(at + NULL_MEMBER.length)
    if (TO_THE_END.test(after)) return event.slice(0, at) + after
  }
  return cleanedByParsing(event)
}

function cleanedByParsing(event: string): string {
  const data = event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
    .join('\n')
  const payload = parsed(data)
  if (payload === null || !('usage' in payload)) return event
  const { usage, choices } = payload
  // Only what nothing but the usage was sent for: a server that counts beside its content would have done so anyway.
  if (usage !== null) return Array.isArray(choices) && choices.length === 0 ? '' : event
  return event.replace(/,\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,/, '')
}

/** Of names and shapes alone, which are the same however the text between them was encoded. */
function parsed(text: string): { readonly usage?: unknown; readonly choices?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
