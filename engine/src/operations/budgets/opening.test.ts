import { describe, expect, it } from 'vitest'
import { testServer } from '../../../../conformance/http/test-server.ts'
import { picos, picosOfUsd } from '../../kernel/index.ts'
import { type BudgetRule, committer, type LedgerStore, matchOf } from '../../ledger/index.ts'
import { callEvent, holdEvent, recordOf, SAMPLE_AT, sampleBudget, sampleCharge } from '../../ledger/sample.ts'
import { openingOf } from './opening.ts'

const DAY = 86_400_000
const RULE: BudgetRule = sampleBudget({ id: 'b', dimension: 'organization', period: { unit: 'total' }, countsFrom: SAMPLE_AT - 1 })

describe('what a budget opens with', () => {
  it('has what was posted and corrected while it was computed, and lets that be posted', async () => {
    const server = await testServer()
    try {
      const { ledger } = server.services
      const door = committer(ledger, { head: await ledger.head() })
      const post = async (from: number, to: number) => {
        const ids = Array.from({ length: to - from }, (_, at) => `c${from + at}`)
        await door.submitAll(ids.map((id) => recordOf('org', callEvent({ id, charge: sampleCharge(1n) }))))
      }
      await post(0, 5_000)
      let posted = 5_000
      let reads = 0
      const busy: LedgerStore = {
        ...ledger,
        // Between two pieces somebody posts, more than the ledger is left to add, and corrects a call of the first piece.
        readCalls: async (range, after) => {
          const piece = await ledger.readCalls(range, after)
          reads += 1
          if (reads > 4) return piece
          posted += 300
          await post(posted - 300, posted)
          const adjustment = { id: `a${reads}`, call: 'c1', delta: picos(5n), charge: sampleCharge(BigInt(1 + 5 * reads)) }
          await door.submit(recordOf('org', { kind: 'adjustment', adjustment: { ...adjustment, reason: 'r', at: SAMPLE_AT } }))
          return piece
        },
      }
      const { counters, throughSeq } = await openingOf(busy, RULE)
      expect(throughSeq).toBe(await ledger.head())
      const { counter } = matchOf(RULE, 'org', SAMPLE_AT)
      expect(counters).toEqual([{ ...counter, spent: picos(BigInt(posted) + 20n), held: 0n, toldTo: 0n, exhaustedSeq: 0 }])
      expect(picosOfUsd('0.00000000622')).toBe(counters[0]?.spent)
    } finally {
      await server.close()
    }
  })

  it.each([
    ['among others of its time', 10, 0],
    ['in a stretch of the journal that is older throughout', 1_024, -30 * DAY],
  ])('has a call that is said to have happened weeks before its hold, %s', async (_, others, earlier) => {
    const server = await testServer()
    try {
      const { ledger } = server.services
      const door = committer(ledger, { head: await ledger.head() })
      const old = { at: SAMPLE_AT - 30 * DAY, atGiven: true }
      const outcomes = await door.submitAll([
        recordOf('org', holdEvent({ id: 'c', agent: 'a' })),
        recordOf('org', callEvent({ id: 'c', agent: 'a', charge: sampleCharge(7n), ...old })),
        recordOf('org', callEvent({ id: 'older', agent: 'a', charge: sampleCharge(5n), ...old })),
      ])
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true)
      const ids = Array.from({ length: others }, (_, at) => `other${at}`)
      await door.submitAll(ids.map((id) => recordOf('org', callEvent({ id, agent: 'b', at: SAMPLE_AT + earlier, atGiven: true }))))
      const rule = sampleBudget({ id: 'b', dimension: 'agent', value: 'a', period: { unit: 'day' }, countsFrom: SAMPLE_AT })
      const { counter } = matchOf(rule, 'a', SAMPLE_AT)
      const { counters } = await openingOf(ledger, rule)
      expect(counters).toEqual([{ ...counter, spent: picos(7n), held: 0n, toldTo: 0n, exhaustedSeq: 0 }])
    } finally {
      await server.close()
    }
  })

  it('gives way between two pieces, so that commits go on', async () => {
    const server = await testServer()
    try {
      const { ledger } = server.services
      const door = committer(ledger, { head: await ledger.head() })
      const ids = Array.from({ length: 10_000 }, (_, at) => `c${at}`)
      await door.submitAll(ids.map((id) => recordOf('org', callEvent({ id }))))
      let turns = 0
      let computing = true
      const turn = (): void => {
        turns += 1
        if (computing) setImmediate(turn)
      }
      setImmediate(turn)
      await openingOf(ledger, RULE)
      computing = false
      expect(turns).toBeGreaterThanOrEqual(9)
    } finally {
      await server.close()
    }
  })
})
