import type { Millis, Picos } from '../kernel/index.ts'
import type { Charge } from '../pricing/index.ts'
import type { Usage } from '../usage/index.ts'

/** Who and what a cost belongs to. Null: not said by anyone. Inherited in the order call, run, session, key. */
export interface Attribution {
  readonly agent: string | null
  readonly user: string | null
  readonly session: string | null
  /** The named kind of work; the run is one execution of it. */
  readonly workflow: string | null
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
  readonly action: string | null
  readonly tags: Readonly<Record<string, string>>
}

/** A call as reported and priced: what the `record` command posts. */
export interface CallRecord extends Attribution {
  readonly id: string
  readonly run: string | null
  readonly parentCall: string | null
  /** Id of the key that reported it; null in local mode. */
  readonly key: string | null
  /** The time the caller stated, or our own when it stated none. */
  readonly at: Millis
  readonly atGiven: boolean
  readonly latencyMs: number | null
  readonly success: boolean
  readonly errorCode: string | null
  /** Keyed fingerprint of the prompt; equal fingerprints mean equal requests. Never the text. */
  readonly fingerprint: string | null
  /** `api`, `sdk`, or an import's name, e.g. `import:claude-code`. */
  readonly source: string
  readonly usage: Usage
  readonly charge: Charge
}

/** One execution of a workflow. Runs nest through `parentRun`. */
export interface RunStart extends Attribution {
  readonly id: string
  readonly parentRun: string | null
  readonly at: Millis
  readonly atGiven: boolean
}

export interface RunEnd {
  readonly id: string
  readonly at: Millis
  readonly atGiven: boolean
  readonly success: boolean
  readonly errorCode: string | null
}

export interface SessionStart extends Attribution {
  readonly id: string
  readonly at: Millis
  readonly atGiven: boolean
}

export interface SessionEnd {
  readonly id: string
  readonly at: Millis
  readonly atGiven: boolean
}

/** A posted call's cost, corrected under newer knowledge. The call's own entry is never changed. */
export interface Adjustment {
  readonly id: string
  readonly call: string
  /** New amount less what was posted for the call so far (nothing posted counts as nothing). The ledger checks it, so two re-pricers cannot both win. */
  readonly delta: Picos
  readonly charge: Charge
  readonly reason: string
  readonly at: Millis
}

/** What can be recorded. Later commands (hold, post, deposit, …) join this union; they take the same path. */
export type RecordEvent =
  | { readonly kind: 'call'; readonly call: CallRecord }
  | { readonly kind: 'run_start'; readonly run: RunStart }
  | { readonly kind: 'run_end'; readonly run: RunEnd }
  | { readonly kind: 'session_start'; readonly session: SessionStart }
  | { readonly kind: 'session_end'; readonly session: SessionEnd }
  | { readonly kind: 'adjustment'; readonly adjustment: Adjustment }

/** Money moved: debit and credit account names of one organization. A call's cost debits the seller's expense and credits the funding. */
export interface Transfer {
  readonly debit: string
  readonly credit: string
  readonly amount: Picos
}

export const ATTRIBUTION_FIELDS = ['agent', 'user', 'session', 'workflow', 'team', 'project', 'costCenter', 'action'] as const
export type AttributionField = (typeof ATTRIBUTION_FIELDS)[number]

/**
 * Something that was not said but inherited: a field, or one tag. `workflow=<said>`: the call named another workflow than its run says it
 * is an execution of; the run's name is in the event, and what was said is here.
 */
export type Inherited = AttributionField | `tag:${string}` | `workflow=${string}`

/** What a key gives to a call that neither says it nor has it from its run or session: the last in the order of inheritance. */
export interface KeyAttribution {
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
}

/** One line of the journal, the truth everything else is computed from. `seq` is gapless and ordered per store. */
export interface JournalEntry {
  readonly seq: number
  readonly organization: string
  readonly recordedAt: Millis
  readonly event: RecordEvent
  /** Empty when nothing is known to move (an unpriced call, the start of a run). */
  readonly transfers: readonly Transfer[]
  /**
   * Set on the start of a run or session that calls had already named: the projection then gives those calls what they lacked. Set on a
   * call that names the workflow of a run which has not started and had been mentioned without one: the calls before it are of it too.
   */
  readonly late?: true
  /**
   * What the event did not say itself. The event holds the filled values; a repetition is compared with what was said, so that a run
   * that starts between two reports of one call does not turn the second into a conflict.
   */
  readonly inherited?: readonly Inherited[]
}

export interface RecordCommand {
  readonly kind: 'record'
  readonly organization: string
  readonly recordedAt: Millis
  readonly event: RecordEvent
  /** Defaults of the key that reports. Identity BOUND to a key is not here: it is already in the event, in place of what was said. */
  readonly keyAttribution?: KeyAttribution
}

/** All that the committer takes. */
export type Command = RecordCommand

/** The answer to a command that was posted, now or when the same id came first. */
export interface Posted {
  readonly entry: JournalEntry
  /** True when this id with this body had been posted before; the entry is that first one. */
  readonly replayed: boolean
}

/**
 * What the ledger knows of a run: a placeholder (`startedAt` null) while only calls have named it. The workflow of a placeholder is the one
 * that the first of its calls to say one said; what a start says stands in its place.
 */
export interface RunState extends Attribution {
  readonly organization: string
  readonly id: string
  readonly parentRun: string | null
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  readonly success: boolean | null
  readonly errorCode: string | null
}

export interface SessionState extends Attribution {
  readonly organization: string
  readonly id: string
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
}

export interface AccountState {
  readonly organization: string
  /** `funding`, `expense:openai`, …; wallets, revenue and escrow come with their commands. */
  readonly account: string
  readonly debits: Picos
  readonly credits: Picos
}
