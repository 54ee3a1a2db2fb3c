import { assert } from '../kernel/index.ts'
import { likelyCounters } from './budget/likely-counters.ts'
import { decide } from './decide.ts'
import type { Decision, RowsNeeded } from './ports.ts'
import type { Command } from './records.ts'
import { rowsNeeded } from './rows-needed.ts'

/** What a store is given for a batch: the rows to load, and the decision over them. */
export interface Deciding {
  readonly rows: RowsNeeded
  readonly decide: () => Decision
  /** Whether it was the decision that threw. */
  readonly failed: () => boolean
}

/**
 * Decides a batch when the rows that it names are there. Which counters a call is counted in, and whose wallet pays it, depends on what it inherits,
 * also from runs that the batch itself starts, so that is known by deciding: when a decision read a row that was not loaded, it is loaded, and the batch
 * is decided again. Those that it will most likely read are loaded before: a wrong guess costs a second decision and nothing else. Without
 * budgets and wallets a batch is decided once.
 */
export function deciding(commands: readonly Command[]): Deciding {
  const needed = rowsNeeded(commands)
  let decision: Decision | null = null
  let busy = false
  return {
    rows: (loaded) => {
      const named = needed.named(loaded)
      if (named !== null) return named
      busy = true
      const guessed = decision === null ? needed.read({ ...NOTHING_READ, counters: likelyCounters(loaded, commands) }) : null
      if (guessed === null) decision = decide(loaded, commands)
      const more = guessed ?? needed.read(decision?.read ?? NOTHING_READ)
      busy = false
      return more
    },
    decide: () => {
      assert(decision !== null, 'a store asks for rows until none are missing')
      return decision
    },
    failed: () => busy,
  }
}

const NOTHING_READ: Decision['read'] = { counters: [], accounts: [], breakers: [], agents: [] }
