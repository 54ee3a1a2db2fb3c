import fc from 'fast-check'
import { expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import { budgetSetEvent, callEvent, holdEvent, recordOf, SAMPLE_AT, sampleBudget, sampleCharge } from '../sample.ts'
import { matchOf } from './counting.ts'

const LENGTH_MS = 3_600_000
const LIMIT = 100n

const hold = fc.record({
  /** Clocks differ: what comes later may say an earlier time. */
  at: fc.integer({ min: 0, max: 3 * LENGTH_MS }),
  amount: fc.bigInt({ min: 1n, max: 60n }),
  settled: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
})

it('no stretch of the length of a rolling budget holds more than its limit, in whatever order its times come', () => {
  fc.assert(
    fc.property(fc.array(hold, { minLength: 2, maxLength: 25 }), (holds) => {
      const rule = { dimension: 'organization', period: { unit: 'rolling', lengthMs: LENGTH_MS }, limit: picos(LIMIT) } as const
      let state = applyChanges(NO_ROWS, decide(NO_ROWS, [recordOf('org', budgetSetEvent({ id: 'b', ...rule, countsFrom: 0 }))]).changes)
      const granted: { at: number; amount: bigint }[] = []
      for (const [index, { at, amount, settled }] of holds.entries()) {
        const id = `c${index}`
        const asked = decide(state, [recordOf('org', holdEvent({ id, at: SAMPLE_AT + at, amount: picos(amount) }))])
        if (asked.outcomes[0]?.ok !== true) continue
        state = applyChanges(state, asked.changes)
        const cost = settled === null ? amount : (amount * BigInt(settled)) / 100n
        if (settled !== null) {
          state = applyChanges(state, decide(state, [recordOf('org', callEvent({ id, charge: sampleCharge(cost) }))]).changes)
        }
        granted.push({ at, amount: cost })
      }
      for (const { at: from } of granted) {
        const within = granted.filter(({ at }) => at >= from && at < from + LENGTH_MS)
        expect(within.reduce((sum, { amount }) => sum + amount, 0n)).toBeLessThanOrEqual(LIMIT)
      }
    }),
    { numRuns: 200 },
  )
})

it('the steps kept of a rule are those that a rule never asked before would count, at every time and of every length', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 2, maxLength: 40 }),
      (lengthMs, times) => {
        const rule = sampleBudget({ id: 'b', dimension: 'agent', period: { unit: 'rolling', lengthMs } })
        for (const at of times) expect(matchOf(rule, 'a', at)).toEqual({ ...matchOf({ ...rule }, 'a', at), rule })
      },
    ),
    { numRuns: 50 },
  )
})
