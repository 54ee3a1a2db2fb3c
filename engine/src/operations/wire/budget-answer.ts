import type { Budget, BudgetStanding } from '@purser/contract'
import { ALL_TIME, formatInstant, formatPeriod, type Millis, picos, usdOfPicos } from '../../kernel/index.ts'
import { type BudgetRule, roomIn, type Standing } from '../../ledger/index.ts'

/** A budget in the spelling of the wire. */
export function budgetAnswer(rule: BudgetRule): Budget {
  return {
    budget_id: rule.id,
    organization_id: rule.organization,
    name: rule.name,
    dimension: rule.dimension,
    value: rule.value,
    period: formatPeriod(rule.period),
    zone: rule.zone,
    limit_usd: usdOfPicos(rule.limit),
    mode: rule.mode,
    thresholds: [...rule.thresholds],
    unpriced: rule.unpriced,
    created_at: formatInstant(rule.createdAt),
    counts_from: timeText(rule.countsFrom),
  }
}

/** How a budget stands for one value. What was spent past the limit leaves nothing. */
export function standingAnswer(standing: Standing): BudgetStanding {
  const { match, spent, held } = standing
  const { rule, counter, resetsAt, window } = match
  const room = roomIn(standing)
  return {
    budget_id: rule.id,
    name: rule.name,
    dimension: rule.dimension,
    value: counter.value,
    mode: rule.mode,
    limit_usd: usdOfPicos(rule.limit),
    spent_usd: usdOfPicos(spent),
    held_usd: usdOfPicos(held),
    remaining_usd: usdOfPicos(room > 0n ? room : picos(0n)),
    period_start: boundaryText(window.at(-1)?.start ?? counter.start),
    resets_at: resetsAt === null ? null : boundaryText(resetsAt),
  }
}

/** Every authorized call is told the bounds of the same few periods. */
const boundaries = new Map<Millis, string | null>()
const BOUNDARIES_KEPT_MAX = 1_000

function boundaryText(at: Millis): string | null {
  const known = boundaries.get(at)
  if (known !== undefined) return known
  if (boundaries.size >= BOUNDARIES_KEPT_MAX) boundaries.clear()
  const text = timeText(at)
  boundaries.set(at, text)
  return text
}

/** Null for the beginning of time. */
function timeText(at: Millis): string | null {
  return at <= ALL_TIME.start ? null : formatInstant(at)
}
