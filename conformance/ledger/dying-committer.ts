import { fail, refusal } from '../../engine/src/kernel/index.ts'
import type { Committer } from '../../engine/src/ledger/index.ts'

const GONE = fail(refusal('unavailable', 'the process has died'))

/** A committer whose process dies after some of its transactions. */
export function dyingAfter(door: Committer, transactions: number): Committer {
  let left = transactions
  return {
    ...door,
    submit: async (command) => (left-- > 0 ? door.submit(command) : GONE),
    submitAll: async (commands) => (left-- > 0 ? door.submitAll(commands) : commands.map(() => GONE)),
  }
}
