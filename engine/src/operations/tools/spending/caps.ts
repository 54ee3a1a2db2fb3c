import type { Millis } from '../../../kernel/index.ts'
import { type BudgetRule, type CounterState, EVERY_VALUE, matchOf, roomIn, type Standing, standingOf } from '../../../ledger/index.ts'
import { readerOf } from '../../budgets/standings.ts'
import type { Services } from '../../context.ts'

/** The hard budgets of one agent, and how each stands now: those on its name, and templates that give every agent a limit. */
export async function capsOf({ ledger }: Pick<Services, 'ledger'>, organization: string, agent: string, now: Millis): Promise<Standing[]> {
  const rules = (await ledger.budgets(organization)).filter((rule) => isCap(rule) && (rule.value === agent || rule.value === EVERY_VALUE))
  return Promise.all(
    rules.map(async (rule) => {
      const match = matchOf(rule, agent, now)
      const counters = await Promise.all(match.window.map((key) => ledger.counter(key)))
      return standingOf(match, readerOf(counters.filter((counter) => counter !== null)))
    }),
  )
}

/** The hard budgets of all agents; of a template one for each agent that something was counted for. */
export async function capsOfFleet({ ledger }: Pick<Services, 'ledger'>, organization: string, now: Millis): Promise<Standing[]> {
  const [rules, counters] = await Promise.all([ledger.budgets(organization), ledger.counters(organization)])
  return rules.filter(isCap).flatMap((rule) => {
    const own = counters.filter((counter) => counter.budget === rule.id)
    return valuesOf(rule, own).map((value) => standingOf(matchOf(rule, value, now), readerOf(own)))
  })
}

function valuesOf(rule: BudgetRule, counters: readonly CounterState[]): string[] {
  return rule.value === EVERY_VALUE ? [...new Set(counters.map(({ value }) => value))] : [rule.value]
}

/** The cap of a period that leaves least; null without one. */
export function tightest(caps: readonly Standing[], unit?: 'day' | 'month'): Standing | null {
  let found: Standing | null = null
  for (const cap of caps) {
    if (unit !== undefined && cap.match.rule.period.unit !== unit) continue
    if (found === null || roomIn(cap) < roomIn(found)) found = cap
  }
  return found
}

export function isUsedUp(standing: Standing): boolean {
  return roomIn(standing) <= 0n
}

function isCap(rule: BudgetRule): boolean {
  return rule.dimension === 'agent' && rule.mode === 'hard'
}
