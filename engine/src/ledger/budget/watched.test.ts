import { describe, expect, it } from 'vitest'
import { assert, picos } from '../../kernel/index.ts'
import { decodeEntry, encodeEntry } from '../codec/entry.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { LedgerState } from '../ports.ts'
import type { CommandEvent } from '../records.ts'
import { budgetSetEvent, callEvent, recordOf, SAMPLE_AT, sampleCharge } from '../sample.ts'

const DAY = 86_400_000
const DOLLAR = 1_000_000_000_000n

/** A ledger with one budget of $10 a day for each agent, told at 75 and 90 percent. */
function world() {
  let state: LedgerState = NO_ROWS
  let changes = 0
  const post = (event: CommandEvent) => {
    const decision = decide(state, [recordOf('org', event)])
    state = applyChanges(state, decision.changes)
    for (const entry of decision.changes.entries) {
      const { seq, organization, recordedAt } = entry
      expect(decodeEntry({ seq, organization, kind: entry.event.kind, recordedAt, body: encodeEntry(entry) })).toEqual(entry)
    }
    const [outcome] = decision.outcomes
    assert(outcome !== undefined, 'one command has one outcome')
    return outcome
  }
  const rule = { id: 'b', limit: picos(10n * DOLLAR), thresholds: [75, 90] }
  post(budgetSetEvent(rule))
  return {
    /** What a call of so many cents tells. */
    spend: (id: string, cents: bigint, day = 0) => {
      const call = { id, agent: 'a', at: SAMPLE_AT + day * DAY, atGiven: true, charge: sampleCharge((cents * DOLLAR) / 100n) }
      const posted = post(callEvent(call))
      return posted.ok ? (posted.value.entry.crossed ?? []).map((one) => `${one.threshold}${one.rule?.watched ? ' watched' : ''}`) : null
    },
    watch: (watched: readonly number[], id = 'b') =>
      post(budgetSetEvent({ ...rule, id, limit: picos(0n), watched }, { id: `watch ${++changes}`, watchOnly: true })),
    set: (limit: bigint) => post(budgetSetEvent({ ...rule, limit: picos(limit * DOLLAR) }, { id: `set ${++changes}` })),
    remove: () => post({ kind: 'budget_remove', removal: { id: 'b', at: SAMPLE_AT } }),
    rule: () => state.budgets.get('org')?.[0],
  }
}

describe('a threshold that someone listens for', () => {
  it('is told once, also by a call that jumps over several', () => {
    const { watch, spend } = world()
    watch([60, 95])
    expect(spend('c1', 590n)).toEqual([])
    expect(spend('c2', 400n)).toEqual(['60 watched', '75', '90', '95 watched'])
    expect(spend('c3', 400n)).toEqual([])
    expect(spend('next day', 650n, 1)).toEqual(['60 watched'])
  })

  it('that comes down from 75 to 60 while 65 are spent is told by the next cost, once', () => {
    const { watch, spend } = world()
    watch([75])
    expect(spend('c1', 650n)).toEqual([])
    watch([60])
    expect(spend('c2', 1n)).toEqual(['60 watched'])
    watch([75])
    watch([60])
    expect(spend('c3', 1n)).toEqual([])
    expect(spend('c4', 100n)).toEqual(['75'])
  })

  it('that spending has left behind under a higher one is not told any more in this period', () => {
    const { watch, spend } = world()
    expect(spend('c1', 760n)).toEqual(['75'])
    watch([60])
    expect(spend('c2', 1n)).toEqual([])
    expect(spend('next day', 600n, 1)).toEqual(['60 watched'])
  })

  it('changes nothing else of the budget, and a changed limit leaves it', () => {
    const { watch, set, rule } = world()
    watch([60])
    expect(rule()).toMatchObject({ limit: 10n * DOLLAR, watched: [60], thresholds: [75, 90] })
    set(20n)
    expect(rule()).toMatchObject({ limit: 20n * DOLLAR, watched: [60] })
    watch([])
    expect(rule()).not.toHaveProperty('watched')
  })

  it('needs a budget that is there', () => {
    const { watch, remove } = world()
    expect(watch([60], 'another')).toMatchObject({ ok: false, error: { code: 'not_found' } })
    remove()
    expect(watch([60])).toMatchObject({ ok: false, error: { code: 'not_found' } })
  })
})
