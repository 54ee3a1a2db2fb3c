import { describe, expect, it } from 'vitest'
import { type Picos, picos } from '../../kernel/index.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { LedgerState } from '../ports.ts'
import { budgetSetEvent, holdEvent, recordOf, SAMPLE_AT, sampleBudget } from '../sample.ts'

const usd = (amount: bigint): Picos => picos(amount * 10n ** 12n)

describe('a budget that opens over its threshold', () => {
  it.each([
    ['of a day, in its period', { unit: 'day' }, 0, [75, 90]],
    ['of a day, in the period before', { unit: 'day' }, -86_400_000, []],
    ['of a rolling window, in its newest step', { unit: 'rolling', lengthMs: 3_600_000 }, 0, [75, 90]],
    ['of a rolling window, in an older step', { unit: 'rolling', lengthMs: 3_600_000 }, -1_800_000, [75, 90]],
    ['of a rolling window, before it', { unit: 'rolling', lengthMs: 3_600_000 }, -7_200_000, []],
  ] as const)('tells it: %s', (_, period, earlier, told) => {
    const step = period.unit === 'rolling' ? 60_000 : 86_400_000
    const start = Math.floor((SAMPLE_AT + earlier) / step) * step
    const rule = sampleBudget({ id: 'b', period, limit: usd(1n), countsFrom: SAMPLE_AT - 2 * 86_400_000 })
    const counter = {
      organization: 'org',
      budget: 'b',
      value: 'a',
      start,
      spent: picos(900_000_000_000n),
      held: picos(0n),
      toldTo: picos(0n),
      exhaustedSeq: 0,
    }
    const { changes } = decide(NO_ROWS, [recordOf('org', budgetSetEvent(rule, { opening: [counter] }))])
    expect(changes.entries.flatMap(({ crossed = [] }) => crossed.map(({ threshold }) => threshold))).toEqual(told)
  })
})

function refusedBy(budgets: unknown): string[] {
  return (budgets as { budget_id: string }[]).map(({ budget_id }) => budget_id)
}

describe('the order in which budgets are named', () => {
  it('is that of their creation, however they came and in however many batches', () => {
    const later = sampleBudget({ id: 'first', createdAt: SAMPLE_AT + 1, limit: usd(0n) })
    const rules = [later, ...['b', 'c', 'a'].map((id) => sampleBudget({ id, limit: usd(0n) }))]
    const commands = [...rules.map((rule) => recordOf('org', budgetSetEvent(rule))), recordOf('org', holdEvent({ id: 'c1', agent: 'x' }))]
    const named = (cuts: readonly number[]): unknown => {
      let state: LedgerState = NO_ROWS
      for (const [at, from] of cuts.entries()) {
        const decision = decide(state, commands.slice(from, cuts[at + 1]))
        state = applyChanges(state, decision.changes)
        const last = decision.outcomes.at(-1)
        if (last?.ok === false) return refusedBy(last.error.facts?.refused_by)
      }
      return null
    }
    for (const cuts of [[0], [0, 4], [0, 1, 2, 3, 4], [0, 2, 4]]) expect(named(cuts)).toEqual(['a', 'b', 'c', 'first'])
  })
})
