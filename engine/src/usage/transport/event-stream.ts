import { EventStreamCodec } from '@smithy/eventstream-codec'
import { isObject, parseJson, textAt } from '../payload/json.ts'
import type { FrameSink } from './frames.ts'

/** Total length (4 bytes) + headers length (4) + prelude checksum (4) + message checksum (4). */
const MESSAGE_BYTES_MIN = 16
const MESSAGE_BYTES_MAX = 24 * 1024 * 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * AWS event stream (`application/vnd.amazon.eventstream`): length-prefixed messages with checksums. An event of Converse becomes
 * `{[eventType]: body}`; a `chunk` of InvokeModel becomes the model's own JSON inside it; an exception becomes `{error}`.
 * A message that does not check out ends the stream: what follows cannot be framed.
 */
export function eventStreamFrames(sink: FrameSink): { push(chunk: Uint8Array): void; end(): void } {
  const codec = new EventStreamCodec(
    (bytes) => (typeof bytes === 'string' ? bytes : decoder.decode(bytes)),
    (text) => encoder.encode(text),
  )
  let held = new Uint8Array(0)
  let broken = false
  const takeMessage = (message: Uint8Array): void => {
    try {
      const { headers, body } = codec.decode(message)
      takeEvent(headerText(headers, ':message-type'), headerText(headers, ':event-type'), headers, decoder.decode(body), sink)
    } catch {
      broken = true
      sink.onUnreadable(true)
    }
  }
  return {
    push(chunk) {
      if (broken) return
      held = joined(held, chunk)
      let start = 0
      while (!broken && held.length - start >= 4) {
        const length = new DataView(held.buffer, held.byteOffset + start).getUint32(0)
        if (length < MESSAGE_BYTES_MIN || length > MESSAGE_BYTES_MAX) {
          broken = true
          sink.onUnreadable(true)
          break
        }
        if (held.length - start < length) break
        takeMessage(held.slice(start, start + length))
        start += length
      }
      held = held.slice(start)
    },
    end() {
      if (!broken && held.length > 0) sink.onUnreadable(true)
    },
  }
}

type Headers = Readonly<Record<string, { readonly value: unknown }>>

function takeEvent(messageType: string, eventType: string, headers: Headers, body: string, sink: FrameSink): void {
  const value = parseJson(body)
  if (messageType !== 'event') {
    const code = headerText(headers, ':exception-type') || headerText(headers, ':error-code') || 'exception'
    const message = textAt(value, 'message') ?? headerText(headers, ':error-message')
    sink.onValue({ error: { code, message } })
    return
  }
  const bytes = eventType === 'chunk' ? textAt(value, 'bytes') : undefined
  if (bytes === undefined) {
    if (isObject(value)) sink.onValue({ [eventType]: value })
    else sink.onUnreadable(false)
    return
  }
  const inner = parseJson(Buffer.from(bytes, 'base64').toString('utf8'))
  if (inner === undefined) sink.onUnreadable(false)
  else sink.onValue(inner)
}

function headerText(headers: Headers, name: string): string {
  const value = headers[name]?.value
  return typeof value === 'string' ? value : ''
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}
