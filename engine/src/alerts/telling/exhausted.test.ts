import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import type { ExhaustedBudget, JournalEntry } from '../../ledger/index.ts'
import { SAMPLE_NOW, sampleEntry } from '../sample.ts'
import { alertsOf, tells } from './alerts-of.ts'

const usd = (cents: bigint) => picos(cents * 10_000_000_000n)

const BUDGET: ExhaustedBudget = {
  ...{ budget: 'b1', value: 'researcher', periodStart: SAMPLE_NOW, limit: usd(1_000n), spent: usd(970n), held: usd(10n) },
  requested: usd(50n),
  rule: { name: null, dimension: 'agent', period: { unit: 'day' }, zone: 'UTC', resetsAt: SAMPLE_NOW + 86_400_000 },
}

function entryOf(...budgets: readonly ExhaustedBudget[]): JournalEntry {
  const exhaustion = { id: 'c1@7', call: 'c1', agent: 'researcher', model: 'gpt-4o', at: SAMPLE_NOW, budgets }
  return { ...sampleEntry(7), event: { kind: 'budget_exhausted', exhaustion } }
}

describe('the alert of a budget that refuses', () => {
  it('is one for each budget, under ids that stay, and about the agent that the budget is about', () => {
    const team: ExhaustedBudget = { ...BUDGET, budget: 'b2', value: 'red', rule: { ...BUDGET.rule, dimension: 'team' } }
    const entry = entryOf(BUDGET, team)
    expect(tells(entry)).toBe(true)
    const alerts = alertsOf(entry)
    expect(alerts.map(({ type, agent, thresholdPct, watched, facts }) => [type, agent, thresholdPct, watched, facts.budget_id])).toEqual([
      ['budget.exhausted', 'researcher', null, false, 'b1'],
      ['budget.exhausted', null, null, false, 'b2'],
    ])
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(2)
    expect(alertsOf(entry)).toEqual(alerts)
  })

  it.each([
    ['what others hold is not left', {}, '0.2', '0.3', 97],
    ['nothing is left where all is held', { held: usd(30n) }, '0', '0.3', 97],
    ['nor where more is spent than the limit', { spent: usd(1_200n) }, '0', '0', 120],
    ['a limit of nothing has no percent', { limit: usd(0n), spent: usd(0n), held: usd(0n) }, '0', '0', null],
  ])('says what was left: %s', (_, of, available, remaining, pct) => {
    const [alert] = alertsOf(entryOf({ ...BUDGET, ...of }))
    expect(alert?.facts).toMatchObject({ available_usd: available, remaining_usd: remaining, spent_pct: pct, requested_usd: '0.5' })
    expect(alert?.text).toContain(`A call of agent researcher asked for $0.5 at most and was refused: $${available} of `)
  })

  it('names no start of a window that moves, and no reset where there is none', () => {
    const rolling = { ...BUDGET.rule, period: { unit: 'rolling', lengthMs: 7_200_000 }, resetsAt: null } as const
    const [alert] = alertsOf(entryOf({ ...BUDGET, rule: rolling }))
    expect(alert?.facts).toMatchObject({ period: 'rolling:2h', period_start: null, resets_at: null })
    expect(alert?.title).toBe('Agent researcher is refused calls by its budget of 2h')
    expect(alert?.text).toMatch(/It does not reset\.$/)
  })
})
