import type { BreakerState, LedgerState, LedgerStore } from '../src/ledger/index.ts'
import { type Canary, NO_CANARY } from './canary.ts'

/** Faults in breakers and in the states of agents; each must be found. */
export const BREAKER_CANARIES: Readonly<Record<string, () => Canary>> = {
  /** A breaker does not count: every call finds it as it was in the beginning. */
  'breaker-blind': () => ({ ...NO_CANARY, sabotage: showing((breakers) => ({ ...breakers, rows: new Map() })) }),
  /** A stop is written down and nobody asks about it. */
  'stop-ignored': () => ({ ...NO_CANARY, sabotage: showing((breakers) => ({ ...breakers, agents: new Map() })) }),
  /** A breaker pauses an agent, and its state is lost. */
  'pause-lost': () => ({
    ...NO_CANARY,
    sabotage: (store) => ({
      ...store,
      transact: (rows, decide) =>
        store.transact(rows, (state) => {
          const decision = decide(state)
          const { breakers } = decision.changes
          return {
            ...decision,
            changes: { ...decision.changes, breakers: { ...breakers, agents: breakers.agents.filter(({ breaker }) => breaker === null) } },
          }
        }),
    }),
  }),
}

/** Shows the deciders other rows than there are. */
function showing(show: (breakers: BreakerState) => BreakerState): (store: LedgerStore) => LedgerStore {
  return (store) => ({
    ...store,
    transact: (rows, decide) => store.transact((loaded: LedgerState) => rows({ ...loaded, breakers: show(loaded.breakers) }), decide),
  })
}
