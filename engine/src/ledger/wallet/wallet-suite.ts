import { expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import type { Decision, LedgerStore } from '../ports.ts'
import type { Command } from '../records.ts'
import { callEvent, holdEvent, recordOf, SAMPLE_AT, sampleCharge } from '../sample.ts'
import { accountDifferences, emptyTally, tally } from '../verify.ts'

type WithStore = (test: (store: LedgerStore, place: { open(): Promise<LedgerStore> }) => Promise<void>) => Promise<void>

interface Tools {
  readonly apply: (store: LedgerStore, commands: readonly Command[]) => Promise<Decision>
  readonly counterDifferencesOf: (store: LedgerStore) => Promise<readonly unknown[]>
}

/** Wallets in a store of the ledger; a part of the suite that every store runs. */
export function walletStoreCases(withStore: WithStore, { apply, counterDifferencesOf }: Tools): void {
  it('remembers wallets when it is opened again, and lists what moved in them', () =>
    withStore(async (store, place) => {
      const at = SAMPLE_AT
      const transfer = { id: 't1', type: 'pay', agent: 'a', to: 'b', amount: picos(40n), memo: 'Ünïcode', at: at + 5 } as const
      await apply(store, [
        recordOf('org', { kind: 'wallet_open', wallet: { id: 'a', opening: picos(10n ** 24n), at } }),
        recordOf('org', { kind: 'wallet_open', wallet: { id: 'b', opening: picos(0n), at } }),
        recordOf('org', { kind: 'wallet_transfer', transfer }),
        recordOf('org', { kind: 'escrow_open', escrow: { id: 'e', payer: 'a', payee: 'b', amount: picos(60n), memo: null, at: at + 6 } }),
        recordOf('org', holdEvent({ id: 'c1', agent: 'b', amount: picos(30n) })),
        recordOf('org', holdEvent({ id: 'c2', agent: 'b', amount: picos(11n) })),
      ])
      await store.close()
      const again = await place.open()
      try {
        expect(await again.account('org', 'wallet:a')).toMatchObject({ debits: 10n ** 24n, credits: 100n })
        expect(await again.account('org', 'wallet:nobody')).toBeNull()
        expect(await again.account('other', 'wallet:a')).toBeNull()
        const end = { id: 'e', paid: picos(60n), refunded: picos(0n), reason: null, at: at + 7 }
        const { outcomes } = await apply(again, [
          recordOf('org', holdEvent({ id: 'c3', agent: 'b', amount: picos(11n) })),
          recordOf('org', { kind: 'escrow_end', end }),
          recordOf('org', callEvent({ id: 'c1', agent: 'b', charge: sampleCharge(30n) })),
          recordOf('org', holdEvent({ id: 'c4', agent: 'b', amount: picos(70n) })),
        ])
        expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, true, true, true])
        const range = { from: at, to: at + 7 }
        expect((await again.walletEntries('org', 'b', range, 0, 10)).map(({ event }) => event.kind)).toEqual(['wallet_transfer'])
        const all = await again.walletEntries('org', 'a', { from: 0, to: at + 100 }, 1, 10)
        expect(all.map(({ event }) => event.kind)).toEqual(['wallet_transfer', 'escrow_open', 'escrow_end'])
        expect(await again.walletEntries('org', 'a', { from: 0, to: at + 100 }, 0, 1)).toHaveLength(1)
        expect((await again.findEntry('org', 'escrow_end', 'e'))?.event).toEqual({ kind: 'escrow_end', end })
        expect(await again.findEntry('org', 'escrow_end', 'other')).toBeNull()
        expect(await counterDifferencesOf(again)).toEqual([])
        const sums = tally(emptyTally(), await again.read(0, 1_000))
        expect(accountDifferences(sums, await again.accounts(null))).toEqual([])
      } finally {
        await again.close()
      }
    }))
}
