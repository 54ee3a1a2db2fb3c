import { parseJson } from '../payload/json.ts'
import type { FrameSink, TextFrames } from './frames.ts'

/**
 * One JSON document, or one per line. The first line decides: when it is JSON by itself the text is read line by line as it comes,
 * else the whole is kept until the end.
 */
export function jsonFrames(sink: FrameSink): TextFrames {
  let mode: 'unknown' | 'lines' | 'document' = 'unknown'
  let carry: string[] = []
  const takeLine = (line: string, atEnd: boolean): void => {
    const trimmed = line.trim()
    if (trimmed === '') return
    if (trimmed === '[DONE]') {
      sink.onDone()
      return
    }
    const value = parseJson(trimmed)
    if (value === undefined) sink.onUnreadable(atEnd)
    else sink.onValue(value)
  }
  const takeLines = (): void => {
    const text = carry.join('')
    const lines = text.split('\n')
    const rest = lines.pop() ?? ''
    if (mode === 'unknown') mode = parseJson(lines[0] ?? '') === undefined ? 'document' : 'lines'
    carry = mode === 'lines' ? [rest] : [text]
    if (mode === 'lines') for (const line of lines) takeLine(line, false)
  }
  return {
    push(text) {
      carry.push(text)
      if (mode !== 'document' && text.includes('\n')) takeLines()
    },
    end() {
      const text = carry.join('')
      if (mode === 'lines') {
        takeLine(text, true)
        return
      }
      const whole = parseJson(text)
      if (whole !== undefined) sink.onValue(whole)
      else {
        for (const item of completeItems(text)) sink.onValue(item)
        sink.onUnreadable(true)
      }
    },
  }
}

/** The complete objects at the top of a JSON array that was cut off (Gemini streams without `alt=sse` are one long array). */
function completeItems(text: string): unknown[] {
  const items: unknown[] = []
  if (!text.startsWith('[')) return items
  let depth = 0
  let start = -1
  let inString = false
  for (let at = 1; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') {
      if (depth++ === 0) start = at
    } else if (char === '}' && --depth === 0) {
      const item = parseJson(text.slice(start, at + 1))
      if (item !== undefined) items.push(item)
    }
  }
  return items
}
