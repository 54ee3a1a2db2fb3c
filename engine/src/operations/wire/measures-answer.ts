import { knownCost, knownTokens, type Measures } from '../../calls/index.ts'
import { formatInstant, type Millis, type Picos, usdNumberOfPicos } from '../../kernel/index.ts'
import { usdText } from './charge-answer.ts'

/** What was spent, as a number and as exact text, both null when no call's price is known, and how many calls that does not cover. */
export function spendAnswer(sums: Measures): { cost: number | null; cost_exact: string | null; unpriced_calls: number } {
  return { ...costAnswer(sums), cost_exact: usdText(knownCost(sums)) }
}

/** The same where an answer has no room for the exact text. */
export function costAnswer(sums: Measures): { cost: number | null; unpriced_calls: number } {
  return { cost: usdNumber(knownCost(sums)), unpriced_calls: sums.unpriced }
}

/** What stands at the end of an answer, by the same rule. */
export function totalAnswer(total: Measures): { total_cost: number | null; total_cost_exact: string | null; unpriced_calls: number } {
  return { total_cost: usdNumber(knownCost(total)), total_cost_exact: usdText(knownCost(total)), unpriced_calls: total.unpriced }
}

/** The same with the names that sessions, workflows and reports use. */
export function totalUsdAnswer(total: Measures): {
  total_cost_usd: number | null
  total_cost_exact: string | null
  unpriced_calls: number
} {
  return { total_cost_usd: usdNumber(knownCost(total)), total_cost_exact: usdText(knownCost(total)), unpriced_calls: total.unpriced }
}

/** Tokens in and out, null when none of the calls reported any, and how many calls that does not cover. */
export function tokensAnswer(sums: Measures): { tokens: number | null; unmetered_calls: number } {
  return { tokens: knownTokens(sums), unmetered_calls: sums.unmetered }
}

/** The same with the name that sessions, workflows and reports use. */
export function totalTokensAnswer(total: Measures): { total_tokens: number | null; unmetered_calls: number } {
  return { total_tokens: knownTokens(total), unmetered_calls: total.unmetered }
}

/** Each kind of tokens by itself. */
export function tokenKindsAnswer(sums: Measures) {
  return {
    input_tokens: knownTokens(sums, sums.inputTokens),
    cache_read_tokens: knownTokens(sums, sums.cacheReadTokens),
    cache_write_tokens: knownTokens(sums, sums.cacheWriteTokens),
    output_tokens: knownTokens(sums, sums.outputTokens),
    reasoning_tokens: knownTokens(sums, sums.reasoningTokens),
  }
}

function remainderAnswer(sums: Measures): { calls: number } & ReturnType<typeof tokensAnswer> & ReturnType<typeof spendAnswer> {
  return { calls: sums.calls, ...tokensAnswer(sums), ...spendAnswer(sums) }
}

/** What stands beside the lines of a breakdown. */
export function restAnswer(parts: { readonly unattributed: Measures; readonly others: Measures | null }) {
  return { unattributed: remainderAnswer(parts.unattributed), others: parts.others === null ? null : remainderAnswer(parts.others) }
}

export function timeText(at: Millis | null | undefined): string | null {
  return at === null || at === undefined ? null : formatInstant(at)
}

export function periodAnswer(query: { readonly from?: Millis; readonly to?: Millis }): { from: string | null; to: string | null } {
  return { from: timeText(query.from), to: timeText(query.to) }
}

export function usdNumber(amount: Picos | null): number | null {
  return amount === null ? null : usdNumberOfPicos(amount)
}

/** Rounded to the digits a reader can use; only for times and averages, never for money. */
export function rounded(value: number | null, decimals = 3): number | null {
  return value === null ? null : Number(value.toFixed(decimals))
}
