import { picos } from '../src/kernel/index.ts'
import { type AccountState, type Changes, type Decision, type LedgerState, type LedgerStore, rowKey } from '../src/ledger/index.ts'
import { type Canary, NO_CANARY } from './canary.ts'

/** Faults in wallets; each must be found. */
export const WALLET_CANARIES: Readonly<Record<string, () => Canary>> = {
  /** Holds and payments are decided as if every wallet had a pico more than it has; what is written is right. */
  'wallet-overdrawn': () => ({ ...NO_CANARY, sabotage: richer }),
  /** Calls are posted, and the wallets that pay them keep their money. */
  'wallet-not-charged': () => ({ ...NO_CANARY, sabotage: generous }),
}

function richer(store: LedgerStore): LedgerStore {
  return {
    ...store,
    transact: (rows, decide) =>
      store.transact(
        (loaded) => rows({ ...loaded, accounts: new Map([...loaded.accounts].map(([key, row]) => [key, withMore(row, 1n)])) }),
        (state) => withChanges(decide(state), (changes) => backAgain(state, changes)),
      ),
  }
}

function backAgain(state: LedgerState, changes: Changes): Changes {
  const known = ({ organization, account }: AccountState): boolean => state.accounts.has(rowKey(organization, account))
  return { ...changes, accounts: changes.accounts.map((row) => (known(row) ? withMore(row, -1n) : row)) }
}

function withMore(row: AccountState, by: bigint): AccountState {
  return row.account.startsWith('wallet:') ? { ...row, debits: picos(row.debits + by) } : row
}

function generous(store: LedgerStore): LedgerStore {
  const kept = (changes: Changes): Changes =>
    changes.entries.every(({ event }) => event.kind === 'call')
      ? { ...changes, accounts: changes.accounts.filter(({ account }) => !account.startsWith('wallet:')) }
      : changes
  return { ...store, transact: (rows, decide) => store.transact(rows, (state) => withChanges(decide(state), kept)) }
}

function withChanges(decision: Decision, change: (changes: Changes) => Changes): Decision {
  return { ...decision, changes: change(decision.changes) }
}
