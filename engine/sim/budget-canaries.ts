import { picos } from '../src/kernel/index.ts'
import { type Changes, type CounterState, counterKey, type JournalEntry, type LedgerState, type LedgerStore } from '../src/ledger/index.ts'
import { type Canary, NO_CANARY } from './canary.ts'

const DAY_MS = 86_400_000

/** Faults in what is spent and held; each must be found. */
export const BUDGET_CANARIES: Readonly<Record<string, () => Canary>> = {
  /** A hold is granted that is one pico too much for a budget. */
  'hold-over-limit': () => ({ ...NO_CANARY, sabotage: generous }),
  /** A call is posted, and what was held for it stays held. */
  'settlement-keeps': () => ({
    ...NO_CANARY,
    sabotage: changingCounters(isSettlement, ({ held }, counter) => (counter.held < held ? { ...counter, held } : counter)),
  }),
  /** What an expired hold kept is given back twice. */
  'expiry-twice': () => ({
    ...NO_CANARY,
    sabotage: changingCounters(
      ({ event, settled }) => settled === undefined && !HOLDING.has(event.kind),
      ({ held }, counter) => (counter.held < held ? { ...counter, held: picos(counter.held + counter.held - held) } : counter),
    ),
  }),
  /** It is forgotten which thresholds have been told, so that they are told again. */
  'threshold-twice': () => ({ ...NO_CANARY, sabotage: forgetful }),
  /** It is forgotten that a budget has told that it is exhausted, so that each refusal tells it again. */
  'refusal-twice': () => ({ ...NO_CANARY, sabotage: (store) => deciding(store, (counter) => ({ ...counter, exhaustedSeq: 0 })) }),
  /** What is spent is counted in the day before. */
  'wrong-day': () => ({
    ...NO_CANARY,
    sabotage: changingCounters(isCall, ({ spent }, counter) =>
      counter.spent === spent ? counter : { ...counter, start: counter.start - DAY_MS },
    ),
  }),
  /** A budget that is set in the middle of its period knows nothing of what was spent before. */
  'opens-at-zero': () => ({
    ...NO_CANARY,
    sabotage: changingCounters(
      ({ event }) => event.kind === 'budget_set' && event.setting.opening.some(({ spent }) => spent !== 0n),
      (_, counter) => ({ ...counter, spent: picos(0n) }),
    ),
  }),
}

/** What else changes what is held. */
const HOLDING: ReadonlySet<string> = new Set(['hold', 'hold_extend', 'hold_void', 'budget_set', 'budget_remove'])

function isSettlement({ settled }: JournalEntry): boolean {
  return settled !== undefined
}

function isCall({ event }: JournalEntry): boolean {
  return event.kind === 'call'
}

/** Changes the counters that are written, of transactions that post nothing else than such entries. */
function changingCounters(
  of: (entry: JournalEntry) => boolean,
  change: (before: Before, counter: CounterState) => CounterState,
): (store: LedgerStore) => LedgerStore {
  const changed = (state: LedgerState, changes: Changes): Changes => {
    if (!changes.entries.every(of)) return changes
    const before = (counter: CounterState) => state.counters.get(counterKey(counter)) ?? NOTHING
    return { ...changes, counters: changes.counters.map((counter) => change(before(counter), counter)) }
  }
  return (store) => ({
    ...store,
    transact: (rows, decide) =>
      store.transact(rows, (state) => {
        const decision = decide(state)
        return { ...decision, changes: changed(state, decision.changes) }
      }),
  })
}

/** What the counter was before the transaction. */
type Before = Pick<CounterState, 'spent' | 'held' | 'toldTo'>

const NOTHING: Before = { spent: picos(0n), held: picos(0n), toldTo: picos(0n) }

/** Holds are decided as if every counter had a pico more room than it has. */
function generous(store: LedgerStore): LedgerStore {
  return deciding(store, (counter) =>
    counter.held === 0n || counter.budget === 'wallet' ? counter : { ...counter, held: picos(counter.held - 1n) },
  )
}

/** Thresholds are decided as if none had been told; what is written is right. */
function forgetful(store: LedgerStore): LedgerStore {
  const forgetting = deciding(store, (counter) => ({ ...counter, toldTo: picos(0n) }))
  return changingCounters(
    () => true,
    ({ toldTo }, counter) => (counter.toldTo < toldTo ? { ...counter, toldTo } : counter),
  )(forgetting)
}

/** Shows the deciders other counters than there are. */
function deciding(store: LedgerStore, show: (counter: CounterState) => CounterState): LedgerStore {
  return {
    ...store,
    transact: (rows, decide) =>
      store.transact(
        (loaded) => rows({ ...loaded, counters: new Map([...loaded.counters].map(([key, one]) => [key, show(one)])) }),
        decide,
      ),
  }
}
