import type { Refusal, Result } from '../src/kernel/index.ts'
import type { Command, Posted } from '../src/ledger/index.ts'

/** A command on its way to the program, and whether its caller gave the id: one that did not gets a new id each time it is sent. */
export interface Delivery {
  readonly command: Command
  readonly idGiven: boolean
  /** Of a budget that is set: how many entries its opening is behind the journal when it goes out. */
  readonly openedBack?: number
}

/** What one caller sends at once, and whether the others get a turn of the event loop before the next one sends. */
export interface Parcel {
  readonly deliveries: readonly Delivery[]
  readonly thenPause: boolean
}

/** One step of a simulation. */
export type Step =
  | { readonly kind: 'deliver'; readonly parcels: readonly Parcel[] }
  | { readonly kind: 'clock'; readonly byMs: number }
  | { readonly kind: 'restart' }

export type Answer = Result<Posted, Refusal>

/**
 * What became of a delivery, in the order in which the program decided. `fate` is what was done to its transaction, known because the
 * simulation did it; `answer` is null when the program died before it was given.
 */
export interface Settled {
  readonly delivery: Delivery
  readonly fate: 'committed' | 'rolled_back' | 'not_taken'
  readonly answer: Answer | null
}
