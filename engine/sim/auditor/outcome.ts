import type { BudgetExhaustion } from '../../src/ledger/index.ts'
import type { Posting } from './books.ts'

/** What a rule says of a command: what is posted beside it, or why it is refused. */
export type Outcome =
  | Partial<Pick<Posting, 'event' | 'filled' | 'transfers' | 'late' | 'settled' | 'counted' | 'crossed' | 'wallet' | 'tripped'>>
  | Refused

export interface Refused {
  readonly code: string
  /** Null: the refusal is about no field. */
  readonly pointer: string | null
  /** What the refusal must tell of the budgets. */
  readonly facts?: {
    readonly refused_by: readonly Readonly<Record<string, unknown>>[]
    readonly most_that_fits_usd: string
    /** Somebody should be told of it, and is not yet. */
    readonly untold?: true
  }
  /** What the journal must tell of it. */
  readonly exhaustion?: BudgetExhaustion
  /** What it must tell of the breakers. */
  readonly breakers?: readonly Readonly<Record<string, unknown>>[]
}
