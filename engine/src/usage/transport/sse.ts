import { createParser } from 'eventsource-parser'
import { parseJson } from '../payload/json.ts'
import type { FrameSink, TextFrames } from './frames.ts'

/** Server-sent events whose data is JSON. The last event counts even when the connection closed before its blank line. */
export function sseFrames(sink: FrameSink): TextFrames {
  const parser = createParser({
    onEvent: (event) => takeData(event.data, sink),
    // Some servers break off with a bare JSON error instead of an event; the parser reports such a line as an unknown field.
    onError: (error) => {
      const value = error.line === undefined ? undefined : parseJson(error.line)
      if (value === undefined) sink.onUnreadable(false)
      else sink.onValue(value)
    },
  })
  return {
    push: (text) => parser.feed(text),
    end: () => parser.feed('\n\n'),
  }
}

function takeData(data: string, sink: FrameSink): void {
  const trimmed = data.trim()
  if (trimmed === '') return
  if (trimmed === '[DONE]') {
    sink.onDone()
    return
  }
  const value = parseJson(trimmed)
  if (value !== undefined) {
    sink.onValue(value)
    return
  }
  // Captures that lost the blank lines between events arrive as one event of many data lines.
  const lines = trimmed.split('\n')
  if (lines.length === 1) sink.onUnreadable(false)
  else for (const line of lines) takeData(line, sink)
}
