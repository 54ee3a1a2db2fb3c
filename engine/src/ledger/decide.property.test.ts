import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { applyChanges, NO_ROWS } from './memory-rows.ts'
import type { LedgerState } from './ports.ts'
import type { Command, JournalEntry } from './records.ts'
import { callEvent, recordOf, runEndEvent, runStartEvent, sampleCharge, sessionEndEvent, sessionStartEvent } from './sample.ts'
import { accountDifferences, emptyTally, tally, unbalanced } from './verify.ts'

const few = (prefix: string) => fc.integer({ min: 0, max: 4 }).map((at) => `${prefix}${at}`)
const maybe = (prefix: string) => fc.option(few(prefix), { nil: null })
const organization = fc.constantFrom('a', 'b')
const cost = fc.option(fc.bigInt({ min: -1n, max: 10n ** 24n }), { nil: null })

const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ organization, id: few('c'), run: maybe('r'), session: maybe('s'), user: maybe('u'), cost })
    .map(({ organization, cost, ...call }) => recordOf(organization, callEvent({ ...call, charge: sampleCharge(cost) }))),
  fc
    .record({ organization, id: few('r'), parentRun: maybe('r'), session: maybe('s'), user: maybe('u') })
    .map(({ organization, ...run }) => recordOf(organization, runStartEvent(run))),
  fc
    .record({ organization, id: few('r'), success: fc.boolean() })
    .map(({ organization, ...run }) => recordOf(organization, runEndEvent(run))),
  fc
    .record({ organization, id: few('s'), user: maybe('u') })
    .map(({ organization, ...session }) => recordOf(organization, sessionStartEvent(session))),
  fc.record({ organization, id: few('s') }).map(({ organization, ...session }) => recordOf(organization, sessionEndEvent(session))),
)
const commands = fc.array(command, { maxLength: 30 })

function inBatches(list: readonly Command[], sizes: readonly number[]) {
  let state = NO_ROWS
  const outcomes = []
  for (let from = 0, at = 0; from < list.length; at++) {
    const batch = list.slice(from, from + (sizes[at % sizes.length] ?? 1))
    const decision = decide(state, batch)
    outcomes.push(...decision.outcomes)
    state = applyChanges(state, decision.changes)
    from += batch.length
  }
  return { outcomes, state }
}

function journalOf(state: LedgerState) {
  return [...state.posted.values()].sort((one, other) => one.seq - other.seq)
}

describe('laws of deciding', () => {
  it('however commands are cut into batches, the outcomes and the ledger are the same', () => {
    fc.assert(
      fc.property(commands, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }), (list, sizes) => {
        expect(inBatches(list, sizes)).toEqual(inBatches(list, [1000]))
      }),
    )
  })

  it('repeating everything that was posted posts nothing more', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const { outcomes, state } = inBatches(list, [1000])
        const posted = list.filter((_, at) => outcomes[at]?.ok)
        const again = decide(state, posted)
        expect(again.outcomes.every((outcome) => outcome.ok && outcome.value.replayed)).toBe(true)
        const { breakers, ...changes } = again.changes
        for (const changed of [...Object.values(changes), ...Object.values(breakers)]) expect(changed).toEqual([])
      }),
    )
  })

  it('the order of independent calls does not matter to what they become, nor to the accounts', () => {
    const calls = fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 99 }), cost: fc.bigInt({ min: 0n, max: 10n ** 20n }) }), {
      selector: ({ id }) => id,
      maxLength: 20,
    })
    fc.assert(
      fc.property(
        calls.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const ledgerOf = (of: typeof list) => {
            const state = inBatches(
              of.map(({ id, cost }) => recordOf('a', callEvent({ id: `c${id}`, charge: sampleCharge(cost) }))),
              [3],
            ).state
            const events = journalOf(state).map(({ seq: _, ...entry }) => entry)
            return { accounts: state.accounts, events: events.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1)) }
          }
          expect(ledgerOf(shuffled)).toEqual(ledgerOf(list))
        },
      ),
    )
  })

  it('the journal has no gaps, the books balance, and the accounts are what the journal makes them', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const { state } = inBatches(list, [4])
        const of = tally(emptyTally(), journalOf(state))
        expect(of.head).toBe(state.head)
        expect(accountDifferences(of, [...state.accounts.values()])).toEqual([])
        expect(unbalanced(state.accounts.values())).toEqual([])
      }),
    )
  })

  it('no run is ever its own ancestor', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const { runs } = inBatches(list, [5]).state
        for (const run of runs.values()) {
          let steps = 0
          for (let parent = run.parentRun; parent !== null; steps++) {
            expect(steps).toBeLessThan(runs.size)
            parent = [...runs.values()].find((other) => other.organization === run.organization && other.id === parent)?.parentRun ?? null
          }
        }
      }),
    )
  })
})

function idOf({ event }: Pick<JournalEntry, 'event'>): string {
  return event.kind === 'call' ? event.call.id : ''
}
