import { isObject, type JsonObject, parseJson } from '../payload/json.ts'
import type { SkippedLine } from './record.ts'

/** Counts lines, parses them, and remembers what was skipped. Only the last line of a log may be half written. */
export interface LineLog {
  open(file: string): void
  parse(line: string): JsonObject | null
  skip(reason: SkippedLine['reason'], detail: string): void
  file(): string
  /** Line in the file. */
  number(): number
  /** Lines in all files. */
  total(): number
  skipped(): readonly SkippedLine[]
}

export function lineLog(): LineLog {
  const skipped: SkippedLine[] = []
  let file = ''
  let number = 0
  let total = 0
  let broken: number | null = null
  const settle = (atEnd: boolean): void => {
    if (broken === null) return
    if (atEnd) skipped.push({ file, line: broken, reason: 'cut_off', detail: 'the last line is not complete; it is read when it is' })
    else skipped.push({ file, line: broken, reason: 'not_json', detail: 'the line is not a JSON object' })
    broken = null
  }
  return {
    open(name) {
      settle(true)
      file = name
      number = 0
    },
    parse(line) {
      number++
      total++
      const text = line.trim()
      if (text === '') return null
      settle(false)
      const value = parseJson(text)
      if (isObject(value)) return value
      broken = number
      return null
    },
    skip(reason, detail) {
      skipped.push({ file, line: number, reason, detail: detail.slice(0, 200) })
    },
    file: () => file,
    number: () => number,
    total: () => total,
    skipped() {
      settle(true)
      return skipped
    },
  }
}
