import { LIMITS } from '../../kernel/index.ts'
import type { Counter } from '../payload/counters.ts'
import { addNote } from '../payload/notes.ts'
import type { UsageNote } from '../usage.ts'
import { type Facts, FIELD_INDEX } from './facts.ts'
import type { Field } from './mapping.ts'

/** The counters of one call as they were sent, whatever their names were. Undefined: not sent; null: sent and no count. */
export interface Counts {
  input: Counter
  output: Counter
  total: Counter
  cacheRead: Counter
  cacheWrite: Counter
  cacheWrite5m: Counter
  cacheWrite1h: Counter
  reasoning: Counter
  audioInput: Counter
  audioCached: Counter
  audioOutput: Counter
  imageInput: Counter
  imageCached: Counter
  imageOutput: Counter
  webSearches: Counter
  /** Whether `input` includes what was read from and written to a cache; null: the payload does not say. */
  inputIncludesCache: boolean | null
  outputIncludesReasoning: boolean
}

const COUNTED = [
  'input',
  'output',
  'total',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioCached',
  'audioOutput',
  'imageInput',
  'imageCached',
  'imageOutput',
  'webSearches',
] as const satisfies readonly (Field & keyof Counts)[]

export type Counted = (typeof COUNTED)[number]

const COUNTER_FIELDS = new Map<number, Counted>(COUNTED.map((field) => [FIELD_INDEX[field], field]))

/** Counters that stand in attributes of their own. */
export function countsOfFacts(facts: Facts, notes: UsageNote[]): Counts {
  const counts = noCounts()
  for (let at = 0; at < facts.fields.length; at++) {
    const field = COUNTER_FIELDS.get(facts.fields[at] ?? -1)
    if (field !== undefined) counts[field] = countOf(facts.values[at], field, notes)
  }
  return counts
}

function noCounts(): Counts {
  return {
    input: undefined,
    output: undefined,
    total: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: undefined,
    audioInput: undefined,
    audioCached: undefined,
    audioOutput: undefined,
    imageInput: undefined,
    imageCached: undefined,
    imageOutput: undefined,
    webSearches: undefined,
    inputIncludesCache: null,
    outputIncludesReasoning: true,
  }
}

const DIGITS = /^\d{1,15}$/

/** A whole number that is not negative, also as text; what is none is unknown, never zero, and leaves a note. */
export function countOf(raw: unknown, name: string, notes: UsageNote[]): Counter {
  if (raw === undefined || raw === null) return undefined
  const value = typeof raw === 'string' && DIGITS.test(raw) ? Number(raw) : raw
  if (typeof value === 'number' && value >= 0 && value <= LIMITS.tokensPerMeterMax && Number.isInteger(value)) return value
  addNote(notes, 'counter_clamped', `the counter of ${name} tokens is no count and was refused: ${String(raw).slice(0, 40)}`)
  return null
}
