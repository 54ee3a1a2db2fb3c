import { picos } from '../src/kernel/index.ts'
import type { Changes, LedgerStore } from '../src/ledger/index.ts'
import { type Canary, NO_CANARY } from './canary.ts'

/** Faults in wallets; each must be found. */
export const WALLET_CANARIES: Readonly<Record<string, () => Canary>> = {
  /** A wallet is shown to have a pico more than it has, so that a hold or a payment takes what is not there. */
  'wallet-overdrawn': () => ({ ...NO_CANARY, sabotage: richer }),
  /** What was held in a wallet stays held when the call is posted. */
  'wallet-hold-kept': () => ({ ...NO_CANARY, sabotage: changing(keepingHeld) }),
}

function richer(store: LedgerStore): LedgerStore {
  return {
    ...store,
    transact: (rows, decide) =>
      store.transact(
        (loaded) =>
          rows({
            ...loaded,
            accounts: new Map(
              [...loaded.accounts].map(([key, row]) => [
                key,
                row.account.startsWith('wallet:') ? { ...row, debits: picos(row.debits + 1n) } : row,
              ]),
            ),
          }),
        decide,
      ),
  }
}

function keepingHeld(changes: Changes): Changes {
  return { ...changes, counters: changes.counters.filter(({ budget, held }) => budget !== 'wallet' || held > 0n) }
}

function changing(change: (changes: Changes) => Changes): (store: LedgerStore) => LedgerStore {
  return (store) => ({
    ...store,
    transact: (rows, decide) =>
      store.transact(rows, (state) => {
        const decision = decide(state)
        return { ...decision, changes: change(decision.changes) }
      }),
  })
}
