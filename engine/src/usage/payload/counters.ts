import { LIMITS } from '../../kernel/index.ts'
import type { UsageNote } from '../usage.ts'
import { isObject, type JsonObject } from './json.ts'
import { addNote } from './notes.ts'

/**
 * A counter as the provider sent it: a whole non-negative number; `undefined` when it was not sent; `null` when what was sent is no
 * count. A refused counter is unknown, never zero, and always leaves a note.
 */
export type Counter = number | null | undefined

const DIGITS = /^\d{1,16}$/

/** Reads one counter. Fractions are rounded up with a note; negative, endless, absurdly large or non-numeric ones are refused with a note. */
export function readCounter(source: JsonObject | undefined, key: string, notes: UsageNote[]): Counter {
  const raw = source?.[key]
  if (raw === undefined || raw === null) return undefined
  // 64-bit integers are text in the JSON form of protocol buffers, so digits in quotes are a count like any other.
  const value = typeof raw === 'string' && DIGITS.test(raw) ? Number(raw) : raw
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value > LIMITS.tokensPerMeterMax) {
    addNote(notes, 'counter_clamped', `${key} is not a count and was refused: ${shown(raw)}`)
    return null
  }
  if (Number.isInteger(value)) return value
  addNote(notes, 'counter_clamped', `${key} is a fraction and was rounded up: ${shown(raw)}`)
  return Math.ceil(value)
}

/** The first of several spellings that was sent. */
export function firstCounter(source: JsonObject | undefined, keys: readonly string[], notes: UsageNote[]): Counter {
  for (const key of keys) {
    const value = readCounter(source, key, notes)
    if (value !== undefined) return value
  }
  return undefined
}

/** A part of a total: a part that is absent or refused stays inside its total. */
export function partOf(counter: Counter): number {
  return counter ?? 0
}

/** Sum of counters that were sent; undefined when none was. */
export function sumOf(...counters: Counter[]): Counter {
  let total: Counter
  for (const counter of counters) {
    if (counter === null) return null
    if (counter !== undefined) total = (total ?? 0) + counter
  }
  return total
}

const COUNTER_NAME = /(?:_tokens|_token_count|TokenCount|Tokens)$/
const DEPTH_MAX = 3

/** Notes every non-zero token counter that no rule of ours reads, so that a new kind of billed token is seen and not lost. */
export function noteUnknownCounters(usage: JsonObject | undefined, known: ReadonlySet<string>, notes: UsageNote[], depth = 0): void {
  if (usage === undefined || depth > DEPTH_MAX) return
  for (const key of Object.keys(usage)) {
    const value = usage[key]
    if (isObject(value)) {
      if (!known.has(key) || !COUNTER_NAME.test(key)) noteUnknownCounters(value, known, notes, depth + 1)
    } else if (typeof value === 'number' && value !== 0 && COUNTER_NAME.test(key) && !known.has(key)) {
      addNote(notes, 'unknown_counter', `${key} ${value} is not known and not priced`)
    }
  }
}

function shown(raw: unknown): string {
  return typeof raw === 'object' ? typeof raw : String(raw).slice(0, 40)
}
