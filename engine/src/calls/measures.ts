import { type Picos, picos, ZERO } from '../kernel/index.ts'
import type { CallRow, Measures } from './records.ts'

/** The sums over no rows at all. */
export const ZERO_MEASURES: Measures = {
  calls: 0,
  failed: 0,
  unpriced: 0,
  uncertain: 0,
  unmetered: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cost: ZERO,
  latencyMs: 0,
  latencyCalls: 0,
}

/**
 * What one row adds to a sum. An adjustment (`calls` 0) adds its cost and what it settles: the call it corrects was already counted.
 */
export function measuresOfRow(row: CallRow): Measures {
  const isCall = row.calls === 1
  return {
    calls: row.calls,
    failed: isCall && !row.success ? 1 : 0,
    unpriced: row.unpriced,
    uncertain: row.uncertain,
    unmetered: row.usageEvidence === 'missing' ? row.calls : 0,
    inputTokens: row.inputTokens,
    cacheReadTokens: row.cacheReadTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    outputTokens: row.outputTokens,
    reasoningTokens: row.reasoningTokens,
    cost: row.cost ?? ZERO,
    latencyMs: isCall ? (row.latencyMs ?? 0) : 0,
    latencyCalls: isCall && row.latencyMs !== null ? 1 : 0,
  }
}

export function addMeasures(left: Measures, right: Measures): Measures {
  return combine(left, right, 1)
}

/** What is left of a whole when a part is taken away. The inverse of `addMeasures`. */
export function subtractMeasures(whole: Measures, part: Measures): Measures {
  return combine(whole, part, -1)
}

export function sumMeasures(parts: Iterable<Measures>): Measures {
  let sum = ZERO_MEASURES
  for (const part of parts) sum = addMeasures(sum, part)
  return sum
}

/**
 * The sum of the known costs; null when there are calls and the price of none of them is known, because that is not a cost of
 * zero. Over no calls it is zero. A sum that is not zero is never withheld: something of it is known.
 */
export function knownCost(sums: Pick<Measures, 'calls' | 'unpriced' | 'cost'>): Picos | null {
  return sums.calls > 0 && sums.unpriced >= sums.calls && sums.cost === ZERO ? null : sums.cost
}

/**
 * A sum of tokens, by default those in and out; null when there are calls and none of them reported its tokens, because that is not a count of zero. As with
 * `knownCost`, no calls have zero tokens, and a sum that is not zero is never withheld.
 */
export function knownTokens(sums: Measures, tokens: number = tokensOf(sums)): number | null {
  return sums.calls > 0 && sums.unmetered >= sums.calls && tokens === 0 ? null : tokens
}

/** Tokens in and out. Input already holds the cached tokens and output the reasoning ones. */
export function tokensOf(counts: { readonly inputTokens: number; readonly outputTokens: number }): number {
  return counts.inputTokens + counts.outputTokens
}

function combine(left: Measures, right: Measures, sign: 1 | -1): Measures {
  return {
    calls: left.calls + sign * right.calls,
    failed: left.failed + sign * right.failed,
    unpriced: left.unpriced + sign * right.unpriced,
    uncertain: left.uncertain + sign * right.uncertain,
    unmetered: left.unmetered + sign * right.unmetered,
    inputTokens: left.inputTokens + sign * right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + sign * right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + sign * right.cacheWriteTokens,
    outputTokens: left.outputTokens + sign * right.outputTokens,
    reasoningTokens: left.reasoningTokens + sign * right.reasoningTokens,
    cost: picos(left.cost + BigInt(sign) * right.cost),
    latencyMs: left.latencyMs + sign * right.latencyMs,
    latencyCalls: left.latencyCalls + sign * right.latencyCalls,
  }
}
