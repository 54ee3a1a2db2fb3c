import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos } from '../../kernel/index.ts'

/** What the calls would have cost if their cache had been used in another way. */
export interface CacheScenario {
  readonly name: 'longer_ttl' | 'merged_cold_starts' | 'keep_warm'
  /** Expected; negative: it would have cost more. Null when it cannot be said, with the `reason`. */
  readonly saving: Picos | null
  /** The least and the most it could have saved, by how much of a context stays the same; null when not even that can be said. */
  readonly range: { readonly low: Picos; readonly high: Picos } | null
  readonly reason: string | null
  readonly calls: {
    /** That the scenario would have changed. */
    readonly concerned: number
    /** Of these, priced again to the pico; the saving is of them alone. */
    readonly repriced: number
    readonly callIds: readonly string[]
  }
  readonly assumption: string
  readonly advice: string
}

/** One call under a scenario: what it saves at the least, as expected and at the most. */
export interface CallChange {
  readonly call: PriceableCall
  readonly low: Picos
  readonly expected: Picos | null
  readonly high: Picos
}

const SHOWN_MAX = 20

/** The changes of single calls as one answer. `extra`: what it costs besides, such as calls made to keep a cache warm. */
export function scenarioOf(
  name: CacheScenario['name'],
  texts: Pick<CacheScenario, 'assumption' | 'advice'>,
  changes: readonly CallChange[],
  { concerned, extra = 0n, reason }: { readonly concerned: number; readonly extra?: bigint; readonly reason: string | null },
): CacheScenario {
  const total = (pick: (change: CallChange) => bigint): Picos => picos(changes.reduce((sum, change) => sum + pick(change), 0n) - extra)
  const isKnown = changes.length > 0
  const isExpected = isKnown && changes.every(({ expected }) => expected !== null)
  return {
    name,
    saving: isExpected ? total(({ expected }) => expected ?? 0n) : null,
    range: isKnown ? { low: total(({ low }) => low), high: total(({ high }) => high) } : null,
    reason: isExpected ? null : isKnown ? reason : (reason ?? nothingKnown(concerned)),
    calls: { concerned, repriced: changes.length, callIds: largest(changes).slice(0, SHOWN_MAX) },
    ...texts,
  }
}

function nothingKnown(concerned: number): string {
  return concerned === 0
    ? 'no call that was looked at would have changed'
    : 'none of the calls could be priced again: their prices are not known, or not the ones they were posted at'
}

function largest(changes: readonly CallChange[]): string[] {
  const sorted = changes.filter(({ high }) => high > 0n).sort(byHigh)
  return sorted.map(({ call }) => call.callId)
}

function byHigh(left: CallChange, right: CallChange): number {
  if (left.high === right.high) return left.call.seq - right.call.seq
  return left.high > right.high ? -1 : 1
}

export interface Bounds {
  readonly low: Picos
  readonly high: Picos
}

/** Two amounts in their order. */
export function ordered(one: Picos, other: Picos): Bounds {
  return one <= other ? { low: one, high: other } : { low: other, high: one }
}
