import type { Millis } from '../../kernel/index.ts'
import type { JournalEntry, RecordEvent } from '../records.ts'
import { agentOfAccount } from './accounts.ts'

/** An agent whose money an entry moves, and when. */
export interface Concerned {
  readonly agent: string
  readonly at: Millis
}

/**
 * The agents whose money an entry that is not a call moves, in a wallet, as revenue or as purchases, so that a statement can be read without reading the journal. What calls
 * cost is not here: there are many of them, and the projection has their sums.
 */
export function concernedBy({ event, transfers }: JournalEntry): Concerned[] {
  const at = timeOf(event)
  if (at === null) return []
  const agents = new Set(transfers.flatMap(({ debit, credit }) => [agentOfAccount(debit), agentOfAccount(credit)]))
  return [...agents].flatMap((agent) => (agent === null ? [] : [{ agent, at }]))
}

function timeOf(event: RecordEvent): Millis | null {
  switch (event.kind) {
    case 'wallet_open':
      return event.wallet.at
    case 'wallet_transfer':
      return event.transfer.at
    case 'escrow_open':
      return event.escrow.at
    case 'escrow_end':
      return event.end.at
    default:
      return null
  }
}
