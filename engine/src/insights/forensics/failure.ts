import type { Millis, Picos } from '../../kernel/index.ts'
import type { Usual } from './usual.ts'

export type FailureMode = 'input_explosion' | 'verbosity' | 'retry_cascade' | 'tool_call_avalanche'

/** How the excess is known: by pricing the calls with the usual figure, as a sum of posted costs, or estimated from what is usual. */
export type ExcessBy = 'priced' | 'summed' | 'estimated'

/** One call or run that shows a failure mode. */
export interface FailureCase {
  /** Of a case that is a run or a series in one: its calls are all in it. */
  readonly runId: string | null
  readonly callIds: readonly string[]
  /** Of its first call; null where its calls were not read. */
  readonly at: Millis | null
  /** The figure that is far from usual: tokens, tries, calls. */
  readonly value: number
  /** Null: no price is known. */
  readonly cost: Picos | null
  /** What it cost more than usual; null when it cannot be said. */
  readonly excess: Picos | null
  readonly excessBy: ExcessBy | null
  /** What of the excess each call bears, by seq, where it is exact: so that a call in two modes counts once. */
  readonly byCall: ReadonlyMap<number, { readonly excess: Picos; readonly cost: Picos }>
}

/** A failure mode of one agent and action, or of one workflow. */
export interface Failure {
  readonly mode: FailureMode
  readonly organization: string
  readonly agent: string | null
  readonly action: string | null
  readonly workflow: string | null
  readonly measure: 'input_tokens' | 'output_tokens' | 'tries' | 'calls_per_run'
  /** What is usual; null for a series of tries, which needs no comparison. */
  readonly usual: Usual | null
  /** Furthest from usual first. */
  readonly cases: readonly FailureCase[]
  readonly what: string
  readonly advice: string
}
