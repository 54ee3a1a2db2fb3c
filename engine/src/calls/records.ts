import type { Millis, Picos } from '../kernel/index.ts'
import type { ChargeStatus } from '../pricing/index.ts'

/**
 * One row of the columnar projection. A call is one row; an adjustment of its cost is another row with `calls` 0, no tokens and the
 * difference as cost, so that plain sums are right.
 */
export interface CallRow {
  readonly seq: number
  /** Seq of the entry that posted the call: `seq` itself, or for an adjustment that of the call it corrects. */
  readonly callSeq: number
  readonly organization: string
  readonly calls: 0 | 1
  readonly callId: string
  readonly parentCallId: string | null
  readonly runId: string | null
  /** The call's own time, also for an adjustment: a correction belongs to the period of the call. */
  readonly at: Millis
  readonly recordedAt: Millis
  readonly agent: string | null
  /** The model that served; the requested one where the provider does not say. */
  readonly model: string | null
  readonly modelRequested: string | null
  readonly seller: string | null
  readonly workflow: string | null
  readonly sessionId: string | null
  readonly userId: string | null
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
  readonly action: string | null
  readonly keyId: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly source: string
  readonly success: boolean
  readonly errorCode: string | null
  /** Rounded to whole milliseconds, so that sums are exact in any order. */
  readonly latencyMs: number | null
  /** Totals: input includes cache reads and writes, output includes reasoning. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** Whether any of the counts above was estimated or missing. */
  readonly usageEvidence: 'reported' | 'assumed' | 'missing'
  /** How sure the cost is today: an adjustment changes it on the call's earlier rows too. */
  readonly status: ChargeStatus
  /** Null: unpriced. Not zero. An adjustment carries the difference. */
  readonly cost: Picos | null
  /** What the row adds to `Measures.unpriced` and `Measures.uncertain`: 1 or 0; an adjustment that settles the matter adds -1. */
  readonly unpriced: number
  readonly uncertain: number
  readonly tier: string | null
  readonly fingerprint: string | null
}

/** What of a call can be priced again and told apart; its cost with all of its adjustments, null: unpriced. */
export type PriceableCall = Pick<
  CallRow,
  | 'seq'
  | 'organization'
  | 'callId'
  | 'runId'
  | 'at'
  | 'agent'
  | 'action'
  | 'sessionId'
  | 'model'
  | 'seller'
  | 'tier'
  | 'success'
  | 'inputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'outputTokens'
  | 'reasoningTokens'
  | 'usageEvidence'
  | 'cost'
  | 'fingerprint'
> & {
  /** Whether somebody waited for it, as far as is known: it names a user or a session. */
  readonly attended: boolean
}

/** What a report can be grouped and filtered by. `tag:<name>` for any tag. */
export const DIMENSIONS = [
  'organization',
  'agent',
  'model',
  'seller',
  'workflow',
  'run',
  'session',
  'user',
  'team',
  'project',
  'cost_center',
  'action',
  'key',
  'source',
  'status',
  'error',
] as const
export type FixedDimension = (typeof DIMENSIONS)[number]
export type Dimension = FixedDimension | `tag:${string}`

/** Sums over rows. Costs are exact; `unpriced` and `unmetered` say how many calls the cost and the tokens do not cover. */
export interface Measures {
  readonly calls: number
  readonly failed: number
  /** Calls whose cost is not known at all. */
  readonly unpriced: number
  /** Calls whose cost is estimated, ambiguous or partial. */
  readonly uncertain: number
  /** Calls that did not report their tokens, or not all of them. */
  readonly unmetered: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly cost: Picos
  /** Sum over the calls that stated a latency, and how many did. */
  readonly latencyMs: number
  readonly latencyCalls: number
}

export interface RunRow extends Measures {
  readonly organization: string
  readonly runId: string
  readonly parentRunId: string | null
  readonly workflow: string | null
  readonly sessionId: string | null
  readonly userId: string | null
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
  /** As `startOf` says it: a start may be later than the end only where the client stated so. */
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  /** As `isDurationKnown` says it: false where start and end are ours and calls lie outside of them. */
  readonly durationKnown: boolean
  /** Null while it has not ended. */
  readonly success: boolean | null
  readonly errorCode: string | null
  readonly firstCallAt: Millis | null
  readonly lastCallAt: Millis | null
}

export interface SessionRow extends Measures {
  readonly organization: string
  readonly sessionId: string
  readonly userId: string | null
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  /** As `isDurationKnown` says it: false where start and end are ours and calls lie outside of them. */
  readonly durationKnown: boolean
  readonly firstCallAt: Millis | null
  readonly lastCallAt: Millis | null
  /** Runs that belong to the session. */
  readonly runs: number
}
