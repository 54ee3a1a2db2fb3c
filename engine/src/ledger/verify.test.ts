import { describe, expect, it } from 'vitest'
import { picos } from '../kernel/index.ts'
import { decide } from './decide.ts'
import { applyChanges, NO_ROWS } from './memory-rows.ts'
import { adjustmentEvent, callEvent, recordOf, sampleCharge } from './sample.ts'
import { accountDifferences, emptyTally, sumsOf, tally, unbalanced } from './verify.ts'

const { changes } = decide(NO_ROWS, [
  recordOf('org', callEvent({ id: 'c1', charge: sampleCharge(10n) })),
  recordOf('org', callEvent({ id: 'c2', charge: sampleCharge(null) })),
  recordOf('org', adjustmentEvent({ id: 'j', call: 'c1', charge: sampleCharge(7n), delta: picos(-3n) })),
])
const accounts = [...applyChanges(NO_ROWS, changes).accounts.values()]

describe('verify', () => {
  it('sums the journal, adjustments included, unpriced calls counted but not summed', () => {
    expect(sumsOf(tally(emptyTally(), changes.entries))).toEqual({ head: 3, calls: 2, cost: 7n })
  })

  it('sees an account that is one pico off, one that is missing, and one too many', () => {
    const of = tally(emptyTally(), changes.entries)
    expect(accountDifferences(of, accounts)).toEqual([])
    const off = accounts.map((account) => (account.account === 'funding' ? { ...account, credits: picos(account.credits + 1n) } : account))
    expect(accountDifferences(of, off).map(({ account }) => account)).toEqual(['funding'])
    expect(unbalanced(off)).toEqual([{ organization: 'org', difference: -1n }])
    expect(accountDifferences(of, accounts.slice(1))).toHaveLength(1)
    const stray = { organization: 'org', account: 'expense:x', debits: picos(1n), credits: picos(1n) }
    expect(accountDifferences(of, [...accounts, stray]).map(({ account }) => account)).toEqual(['expense:x'])
  })

  it('does not sum over a hole', () => {
    expect(() => tally(emptyTally(), changes.entries.slice(1))).toThrow(/entry 1 is missing/)
  })
})
