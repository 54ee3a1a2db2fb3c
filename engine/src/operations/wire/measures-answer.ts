import { knownCost, type Measures, tokensOf } from '../../calls/index.ts'
import { formatInstant, type Millis, type Picos, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { usdText } from './charge-answer.ts'

/** What was spent, as a number and as exact text, both null when no call's price is known, and how many calls that does not cover. */
export function spendAnswer(sums: Measures): { cost: number | null; cost_exact: string | null; unpriced_calls: number } {
  return { ...costAnswer(sums), cost_exact: usdText(knownCost(sums)) }
}

/** The same where an answer has no room for the exact text. */
export function costAnswer(sums: Measures): { cost: number | null; unpriced_calls: number } {
  return { cost: usdNumber(knownCost(sums)), unpriced_calls: sums.unpriced }
}

/** A total is the sum of the known costs: a number also when there are none. */
export function totalAnswer(total: Measures): { total_cost: number; total_cost_exact: string; unpriced_calls: number } {
  return { total_cost: usdNumberOfPicos(total.cost), total_cost_exact: usdOfPicos(total.cost), unpriced_calls: total.unpriced }
}

/** The same with the names that sessions, workflows and reports use. */
export function totalUsdAnswer(total: Measures): { total_cost_usd: number; total_cost_exact: string; unpriced_calls: number } {
  return { total_cost_usd: usdNumberOfPicos(total.cost), total_cost_exact: usdOfPicos(total.cost), unpriced_calls: total.unpriced }
}

function remainderAnswer(sums: Measures): { calls: number; tokens: number } & ReturnType<typeof spendAnswer> {
  return { calls: sums.calls, tokens: tokensOf(sums), ...spendAnswer(sums) }
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
