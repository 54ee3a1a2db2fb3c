import { assert, picos } from '../../src/kernel/index.ts'
import type { AccountState, Decision, LedgerStore } from '../../src/ledger/index.ts'
import type { Dice } from '../dice.ts'

/** What was done to one transaction: of which door, how many commands it decided, whether they are committed. */
export interface Transacted {
  readonly door: number
  readonly commands: number
  committed: boolean
}

/** One life of the program, from its start to its end or crash. */
export interface Life {
  crashed: boolean
  /** Every transaction that came to a decision, in the order of the decisions: it is that of the commits, also of several nodes. */
  readonly transactions: Transacted[]
  /** Keeps the files as they are at this moment: what a killed process leaves behind. */
  readonly die: () => void
}

/** How often transactions fail, of a thousand. */
export interface FaultRates {
  readonly rollback: number
  readonly crash: number
}

export const NO_FAULTS: FaultRates = { rollback: 0, crash: 0 }

type Fault =
  | 'none'
  | 'rollback_when_decided'
  | 'rollback_while_writing'
  | 'crash_before'
  | 'crash_when_decided'
  | 'crash_while_writing'
  | 'crash_after'

/** A fault of the simulation's making; any other is the program's. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
}

/**
 * A store whose transactions fail at random: rolled back after deciding or half-way through writing, or with the whole process
 * dying before, during or after. A dead store throws whatever is asked of it.
 */
export function unreliableStore(store: LedgerStore, door: number, life: Life, dice: Dice, rates: () => FaultRates): LedgerStore {
  const crash = (): never => {
    if (!life.crashed) life.die()
    life.crashed = true
    throw new InjectedFault('the process dies')
  }
  return {
    ...store,
    async transact(rows, decide) {
      if (life.crashed) throw new InjectedFault('the process is dead')
      const fault = rollFault(dice, rates())
      if (fault === 'crash_before') crash()
      let transacted: Transacted | null = null
      const decision = await store.transact(rows, (state) => {
        const decided = decide(state)
        transacted = { door, commands: decided.outcomes.length, committed: false }
        life.transactions.push(transacted)
        if (fault === 'rollback_when_decided') throw new InjectedFault('the disk is full')
        if (fault === 'crash_when_decided') crash()
        return decisionUnder(fault, decided, crash)
      })
      committedNow(transacted)
      if (fault === 'crash_after') crash()
      return decision
    },
  }
}

function committedNow(transacted: Transacted | null): void {
  assert(transacted !== null, 'what is committed was decided')
  transacted.committed = true
}

function rollFault(dice: Dice, { rollback, crash }: FaultRates): Fault {
  const roll = dice.below(1_000)
  if (roll < crash) return dice.pick(['crash_before', 'crash_when_decided', 'crash_while_writing', 'crash_after', 'crash_after'])
  return roll < crash + rollback ? dice.pick(['rollback_when_decided', 'rollback_while_writing']) : 'none'
}

/** A decision whose last row cannot be written, so that the store fails with everything else of it written. */
function decisionUnder(fault: Fault, decision: Decision, crash: () => never): Decision {
  if (fault !== 'rollback_while_writing' && fault !== 'crash_while_writing') return decision
  const poison: AccountState = {
    organization: 'poison',
    account: 'funding',
    credits: picos(0n),
    get debits(): never {
      if (fault === 'crash_while_writing') crash()
      throw new InjectedFault('the disk is full')
    },
  }
  const { changes } = decision
  return { ...decision, changes: { ...changes, accounts: [...changes.accounts, poison] } }
}
