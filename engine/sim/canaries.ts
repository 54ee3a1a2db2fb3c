import { picos } from '../src/kernel/index.ts'
import type { Changes, Decision, JournalEntry, LedgerStore } from '../src/ledger/index.ts'
import { BREAKER_CANARIES } from './breaker-canaries.ts'
import { BUDGET_CANARIES } from './budget-canaries.ts'
import { type Canary, NO_CANARY } from './canary.ts'
import type { Settled } from './records.ts'
import { WALLET_CANARIES } from './wallet-canaries.ts'

/** How many transactions go well before the fault. */
const HONEST = 20

/** By name; each makes a new one, because a canary counts. */
export const CANARIES: Readonly<Record<string, () => Canary>> = {
  /** An entry that was acknowledged is not in the journal. */
  'entry-dropped': () => ({ ...NO_CANARY, sabotage: changing((changes) => ({ ...changes, entries: changes.entries.slice(0, -1) })) }),
  /** A batch is acknowledged and nothing of it is written. */
  'batch-lost': () => ({
    ...NO_CANARY,
    sabotage: changing((changes) => ({
      ...changes,
      entries: [],
      runs: [],
      sessions: [],
      accounts: [],
      holds: [],
      holdsEnded: [],
      budgets: [],
      budgetsRemoved: [],
      counters: [],
      breakers: { rules: [], removed: [], rows: [], rowsRemoved: [], agents: [] },
      audits: [],
    })),
  }),
  /** An account is off by the least that there is. */
  'account-off': () => ({
    ...NO_CANARY,
    sabotage: changing((changes) => ({
      ...changes,
      accounts: changes.accounts.map((row) => ({ ...row, credits: picos(row.credits + 1n) })),
    })),
  }),
  /** Ids are forgotten, so a repetition is posted once more. */
  'ids-forgotten': () => ({ ...NO_CANARY, sabotage: forgetful }),
  /** The auditor is told that calls cost a pico more than the program was told. */
  'amount-misreported': () => ({ ...NO_CANARY, mislead: (settled) => settled.map(withOneMore) }),
  /** The projection has not seen a call. */
  'projection-behind': () => ({
    ...NO_CANARY,
    project: (entries) => {
      const missed = entries.find(({ event }) => event.kind === 'call' && event.call.charge.amount !== null)
      return entries.filter((entry) => entry !== missed)
    },
  }),
  /** The projection does not know that a run started after its calls. */
  'late-start-ignored': () => ({ ...NO_CANARY, project: (entries) => entries.map(withoutLate) }),
  ...BUDGET_CANARIES,
  ...BREAKER_CANARIES,
  ...WALLET_CANARIES,
}

function withoutLate({ late: _, ...entry }: JournalEntry): JournalEntry {
  return entry
}

/** Changes what transactions write that have entries and money, after some honest ones; their answers stay. */
function changing(change: (changes: Changes) => Changes): (store: LedgerStore) => LedgerStore {
  let transactions = 0
  return (store) => ({
    ...store,
    transact: (rows, decide) =>
      store.transact(rows, (state): Decision => {
        const decision = decide(state)
        transactions += 1
        const { entries, accounts } = decision.changes
        if (transactions <= HONEST || entries.length === 0 || accounts.length === 0) return decision
        return { ...decision, changes: change(decision.changes) }
      }),
  })
}

function forgetful(store: LedgerStore): LedgerStore {
  return { ...store, transact: (rows, decide) => store.transact((loaded) => rows({ ...loaded, posted: new Map() }), decide) }
}

function withOneMore(settled: Settled): Settled {
  const { command } = settled.delivery
  const { event } = command
  if (event.kind !== 'call' || event.call.charge.amount === null) return settled
  const charge = { ...event.call.charge, amount: picos(event.call.charge.amount + 1n) }
  return {
    ...settled,
    delivery: { ...settled.delivery, command: { ...command, event: { kind: 'call', call: { ...event.call, charge } } } },
  }
}
