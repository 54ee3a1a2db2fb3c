import type { ChargeLine, ChargeNote, Unpriced } from '../records.ts'
import type { FxUse } from './line.ts'

/**
 * One way to read the facts of a call where they admit several. Pricing runs once with `AS_STATED` and once more for each doubt it raised,
 * with one of these set.
 */
export interface Reading {
  readonly refusedIsBilled: boolean
  /** Brackets are judged by the total of several inferences. */
  readonly bracketByTotal: boolean
  /** Cache writes of unknown lifetime are one-hour writes. */
  readonly writesLastAnHour: boolean
  readonly searchContext: 'low' | 'medium' | 'high' | null
  /** The model's name means its other listing. */
  readonly otherListing: boolean
  /** The caveat (by its detail) that is read the other way. */
  readonly caveat: string | null
  readonly routerIsBilled: boolean
  /** Tokens that a seller's own tools fed to the model are not billed as input. */
  readonly toolPromptIsFree: boolean
}

export const AS_STATED: Reading = {
  refusedIsBilled: false,
  bracketByTotal: false,
  writesLastAnHour: false,
  searchContext: null,
  otherListing: false,
  caveat: null,
  routerIsBilled: false,
  toolPromptIsFree: false,
}

/** A fact that admits another amount. `reading` gives that amount; null when it cannot be computed. */
export interface Doubt {
  readonly when: string
  readonly reading: Reading | null
  /** Null where the usage already carries the note. */
  readonly note: ChargeNote | null
}

/** What one pass over a usage gathers. */
export interface Tally {
  readonly lines: ChargeLine[]
  unpriced: readonly Unpriced[]
  notes: readonly ChargeNote[]
  doubts: readonly Doubt[]
  total: bigint
  estimated: boolean
  /** Something billed is not among the meters. */
  incomplete: boolean
  fx: FxUse | null
}

// Most calls have none of these; they share one empty list.
const NONE: readonly never[] = Object.freeze([])

export function emptyTally(): Tally {
  return { lines: [], unpriced: NONE, notes: NONE, doubts: NONE, total: 0n, estimated: false, incomplete: false, fx: null }
}

export function doubt(tally: Tally, when: string, reading: Partial<Reading> | null, note: ChargeNote | null): void {
  if (!tally.doubts.some((known) => known.when === when))
    tally.doubts = [...tally.doubts, { when, reading: reading === null ? null : { ...AS_STATED, ...reading }, note }]
}

export function addNote(tally: Tally, note: ChargeNote): void {
  if (!tally.notes.some((known) => known.code === note.code && known.detail === note.detail)) tally.notes = [...tally.notes, note]
}

export function unpriced(tally: Tally, entry: Unpriced): void {
  tally.unpriced = [...tally.unpriced, entry]
}
