import { eventStreamFrames } from './event-stream.ts'
import { jsonFrames } from './json-frames.ts'
import { sseFrames } from './sse.ts'

/** Where frames go: one JSON value per frame, and what could not be read. */
export interface FrameSink {
  onValue(value: unknown): void
  /** Bytes or text that hold no JSON; `atEnd` when the response stops inside a frame. */
  onUnreadable(atEnd: boolean): void
  /** The end mark of a stream that has one beside its payloads (`[DONE]`). */
  onDone(): void
}

/** Text or bytes in, frames out. Chunk boundaries mean nothing. */
export interface TextFrames {
  push(text: string): void
  end(): void
}

export interface FrameReader {
  push(chunk: Uint8Array | string): void
  end(): void
  /** Whether this is a stream, as far as bytes or headers tell. */
  streamed(): boolean
}

const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream'

/**
 * Reads a response of unknown framing: the first character decides, because captures, gateways and error bodies do not keep to their content
 * type. `{` or `[`: one JSON document or one per line; a zero byte: an AWS event stream; anything else: server-sent events.
 */
export function frameReader(contentType: string, sink: FrameSink): FrameReader {
  const decoder = new TextDecoder()
  let text: TextFrames | null = null
  let binary: ReturnType<typeof eventStreamFrames> | null = contentType.toLowerCase().startsWith(EVENT_STREAM_TYPE)
    ? eventStreamFrames(sink)
    : null
  let streamed = contentType.toLowerCase().startsWith('text/event-stream') || binary !== null
  let lead = ''
  const pushText = (piece: string): void => {
    if (text !== null) {
      text.push(piece)
      return
    }
    lead = `${lead}${piece}`.replace(/^[\uFEFF\s]+/, '')
    const first = lead[0]
    if (first === undefined) return
    const isJson = first === '{' || first === '['
    text = isJson ? jsonFrames(sink) : sseFrames(sink)
    streamed ||= !isJson
    text.push(lead)
  }
  return {
    push(chunk) {
      if (typeof chunk === 'string') {
        pushText(chunk)
        return
      }
      if (binary === null && text === null && lead === '' && chunk[0] === 0) {
        binary = eventStreamFrames(sink)
        streamed = true
      }
      if (binary !== null) binary.push(chunk)
      else pushText(decoder.decode(chunk, { stream: true }))
    },
    end() {
      if (binary !== null) {
        binary.end()
        return
      }
      const rest = decoder.decode()
      if (rest !== '') pushText(rest)
      text?.end()
    },
    streamed: () => streamed,
  }
}
