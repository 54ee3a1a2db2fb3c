import type { Refusal } from '../../kernel/index.ts'
import type { CallRecord } from '../../ledger/index.ts'

/** A call that telemetry describes, until it is posted. What another span says of the same call may still be put into it. */
export interface CallDraft {
  readonly organization: string
  call: CallRecord
  /** The id it gets where the id of its response is taken by a call that nobody has metered. */
  readonly otherId: string
  metered: boolean
  /** Spans, events or points that it stands for, which are rejected with it. */
  items: number
  dropped: boolean
}

/** A call that was drafted, in this request or an earlier one. */
export interface CallRef {
  readonly organization: string
  readonly id: string
  metered: boolean
  /** Of all meters together, as it was described: an aggregate of several calls uses more than each. */
  used: number
  /** While the request that drafted it is being read. */
  draft: CallDraft | null
}

/** Tokens and other units that a call is billed by, together. */
export function usedBy({ usage }: Pick<CallRecord, 'usage'>): number {
  let sum = 0
  for (const { meters } of usage.inferences) for (const quantity of Object.values(meters)) sum += quantity
  return sum
}

/** What has to be looked up in the ledger: another description of a call that was posted by an earlier request. */
export type Later =
  | { readonly kind: 'told_again'; readonly existing: string; readonly draft: CallDraft }
  | { readonly kind: 'replaced'; readonly organization: string; readonly existing: string; readonly by: string }
  | { readonly kind: 'linked'; readonly organization: string; readonly above: string; readonly below: string }

/** What has become of a request whose bytes could be read. */
export interface Taken {
  /** Items that were not taken and never will be: sending them again cannot help. */
  readonly rejected: number
  /** Why, each reason once. */
  readonly reasons: readonly string[]
}

export interface Tally {
  rejected: number
  readonly reasons: Set<string>
}

const REASONS_MAX = 10

export function reject(tally: Tally, items: number, why: string): void {
  tally.rejected += items
  if (tally.reasons.size < REASONS_MAX) tally.reasons.add(why)
}

/** Refusals that say nothing about the request: the same one may pass later. */
export function isPassing({ code }: Refusal): boolean {
  return code === 'overloaded' || code === 'unavailable' || code === 'internal'
}
