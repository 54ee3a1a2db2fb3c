import type { Overrun } from '@purser/contract'
import { overrunOf } from '../../insights/index.ts'
import { usdOfPicos } from '../../kernel/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import type { RateServices } from '../context.ts'

/** By how much a posted call went over its hold, and why, by the rates as they were known then; undefined where it did not. */
export function overrunAnswer({ rates }: RateServices, { organization, event, settled }: JournalEntry): Overrun | undefined {
  if (event.kind !== 'call' || settled === undefined) return undefined
  const { usage, charge } = event.call
  const overrun = overrunOf(settled, usage, charge, (used, knownAt) => rates.price(used, organization, knownAt).amount)
  if (overrun === null) return undefined
  return {
    held_usd: usdOfPicos(overrun.held),
    amount_usd: usdOfPicos(overrun.amount),
    cause: overrun.parts[0]?.cause ?? null,
    causes: overrun.parts.map(({ cause, amount, detail }) => ({ cause, amount_usd: usdOfPicos(amount), detail })),
  }
}
