import type { Millis } from '../../kernel/index.ts'
import { type BudgetRule, type CounterState, EVERY_VALUE, matchOf, type Standing, standingOf } from '../../ledger/index.ts'
import { readerOf } from '../budgets/standings.ts'
import type { Services } from '../context.ts'

/** Budgets of which a forecast is asked. */
export interface BudgetsInQuestion {
  /** Null: of every organization. */
  readonly organization: string | null
  /** Null: on any dimension. */
  readonly dimension: string | null
  readonly value: string | null
}

/** A forecast takes some milliseconds, so of a template with thousands of values only the ones that have spent most are looked at. */
const STANDINGS_MAX = 60
const LOOKED_BACK_MS = 62 * 86_400_000

/**
 * How the budgets in question stand, the ones with the most spent of their limit first. Of a template every value that has spent lately, also one that has spent nothing in
 * this period yet: on the first day of a month nobody has.
 */
export async function standingsAhead(
  { ledger, now }: Pick<Services, 'ledger' | 'now'>,
  asked: BudgetsInQuestion,
): Promise<{ readonly standings: readonly Standing[]; readonly leftOut: number }> {
  const at = now()
  const { organization, dimension, value } = asked
  const [rules, counters] = await Promise.all([ledger.budgets(organization), ledger.counters(organization)])
  const byBudget = new Map<string, CounterState[]>()
  for (const counter of counters) {
    const key = JSON.stringify([counter.organization, counter.budget])
    const own = byBudget.get(key)
    if (own === undefined) byBudget.set(key, [counter])
    else own.push(counter)
  }
  const standings = rules
    .filter((rule) => dimension === null || rule.dimension === dimension)
    .flatMap((rule) => {
      const own = byBudget.get(JSON.stringify([rule.organization, rule.id])) ?? []
      const read = readerOf(own)
      const values = valuesOf(rule, own, at).filter((one) => value === null || one === value)
      return values.map((one) => standingOf(matchOf(rule, one, at), read))
    })
    .sort((a, b) => usedShare(b) - usedShare(a))
  return { standings: standings.slice(0, STANDINGS_MAX), leftOut: Math.max(0, standings.length - STANDINGS_MAX) }
}

function valuesOf(rule: BudgetRule, counters: readonly CounterState[], now: Millis): readonly string[] {
  if (rule.value !== EVERY_VALUE) return [rule.value]
  const lately = counters.filter(({ start, spent, held }) => (spent !== 0n || held !== 0n) && start >= now - LOOKED_BACK_MS)
  const total = rule.period.unit === 'total' ? counters : lately
  return [...new Set(total.map((counter) => counter.value))]
}

/** For the order only. */
function usedShare({ spent, match }: Standing): number {
  return match.rule.limit === 0n ? Number(spent > 0n) : Number((spent * 1_000_000n) / match.rule.limit)
}
