import { divideHalfEven, type Millis, type Picos, periodAt, picos } from '../../kernel/index.ts'
import type { UnsaidReason, Way } from './priced-again.ts'

/** What became of one call, or of the calls of a group. */
export interface Outcome {
  readonly calls: number
  readonly model: string | null
  readonly at: Millis
  readonly callIds: readonly string[]
  /** Null: unpriced. */
  readonly posted: Picos | null
  /** Null: it cannot be said, for `reason`. */
  readonly cost: Picos | null
  readonly reason: UnsaidReason | null
  /** Whether the changes do anything to it. */
  readonly affected: boolean
  /** Whether it tells how calls fare that nothing can be said of. */
  readonly comparable: boolean
  readonly ways: readonly Way[]
}

/** Sums of one line of the answer. */
export interface Line {
  readonly calls: number
  readonly affected: number
  /** Calls that are affected and of which it cannot be said what they would have cost. */
  readonly unsaid: number
  /** Calls whose price is not known: in neither amount. */
  readonly unpriced: number
  readonly posted: Picos
  /** As posted for the calls that nothing can be said of. */
  readonly cost: Picos
}

export interface Unsaid {
  readonly reason: UnsaidReason
  readonly calls: number
  readonly posted: Picos
  readonly callIds: readonly string[]
}

export interface Tallied {
  readonly total: Line
  readonly unsaid: readonly Unsaid[]
  /** What all of the unsaid calls have cost. */
  readonly unsaidPosted: Picos
  /** What the total would come to if the unsaid calls fared like the comparable ones: an estimate. Null: there is nothing to compare with. */
  readonly scaled: Picos | null
  readonly ways: ReadonlyMap<Way, number>
  /** By the model that was called, the dearest first; null: not said. */
  readonly byModel: readonly (Line & { readonly model: string | null })[]
  readonly byDay: readonly (Line & { readonly start: Millis })[]
}

const CALL_IDS_MAX = 10

/** Sums outcomes as they come; days are those of a zone. */
export class WhatIfTally {
  readonly #zone: string
  readonly #total = emptyLine()
  readonly #models = new Map<string | null, MutableLine>()
  readonly #days = new Map<Millis, MutableLine>()
  readonly #unsaid = new Map<UnsaidReason, { calls: number; posted: bigint; callIds: string[] }>()
  readonly #ways = new Map<Way, number>()
  readonly #compared = { posted: 0n, cost: 0n }

  constructor(zone: string) {
    this.#zone = zone
  }

  add(outcome: Outcome): void {
    const { model, at, calls, posted, cost, reason, ways } = outcome
    for (const line of [this.#total, lineOf(this.#models, model), lineOf(this.#days, dayOf(at, this.#zone))]) addTo(line, outcome)
    if (reason !== null) this.#addUnsaid(reason, outcome)
    for (const way of ways) this.#ways.set(way, (this.#ways.get(way) ?? 0) + calls)
    if (!outcome.comparable || cost === null || posted === null) return
    this.#compared.posted += posted
    this.#compared.cost += cost
  }

  #addUnsaid(reason: UnsaidReason, { calls, posted, callIds }: Outcome): void {
    const sum = this.#unsaid.get(reason) ?? { calls: 0, posted: 0n, callIds: [] }
    this.#unsaid.set(reason, sum)
    sum.calls += calls
    sum.posted += posted ?? 0n
    if (sum.callIds.length < CALL_IDS_MAX) sum.callIds.push(...callIds.slice(0, CALL_IDS_MAX - sum.callIds.length))
  }

  result(): Tallied {
    const unsaid = [...this.#unsaid].map(([reason, sum]): Unsaid => ({ ...sum, reason, posted: picos(sum.posted) })).sort(byLargest)
    const unsaidPosted = unsaid.reduce((sum, { posted }) => sum + posted, 0n)
    const { posted, cost } = this.#compared
    const rescaled = posted > 0n ? divideHalfEven(unsaidPosted * cost, posted) : unsaidPosted === 0n ? 0n : null
    return {
      total: this.#total,
      unsaid,
      unsaidPosted: picos(unsaidPosted),
      scaled: rescaled === null ? null : picos(this.#total.cost - unsaidPosted + rescaled),
      ways: this.#ways,
      byModel: [...this.#models].map(([model, line]) => ({ ...line, model })).sort(byLargest),
      byDay: [...this.#days].map(([start, line]) => ({ ...line, start })).sort((one, other) => one.start - other.start),
    }
  }
}

type MutableLine = { -readonly [K in keyof Line]: Line[K] }

function emptyLine(): MutableLine {
  return { calls: 0, affected: 0, unsaid: 0, unpriced: 0, posted: picos(0n), cost: picos(0n) }
}

function lineOf<K>(lines: Map<K, MutableLine>, key: K): MutableLine {
  const known = lines.get(key)
  if (known !== undefined) return known
  const line = emptyLine()
  lines.set(key, line)
  return line
}

function addTo(line: MutableLine, { calls, posted, cost, reason, affected }: Outcome): void {
  line.calls += calls
  if (affected) line.affected += calls
  if (reason !== null) line.unsaid += calls
  if (posted === null) line.unpriced += calls
  line.posted = picos(line.posted + (posted ?? 0n))
  line.cost = picos(line.cost + (reason === null ? (cost ?? 0n) : (posted ?? 0n)))
}

function dayOf(at: Millis, zone: string): Millis {
  const day = periodAt({ unit: 'day' }, at, zone)
  return day.ok ? day.value.start : at
}

function byLargest(one: { readonly posted: Picos }, other: { readonly posted: Picos }): number {
  if (one.posted === other.posted) return 0
  return one.posted > other.posted ? -1 : 1
}
