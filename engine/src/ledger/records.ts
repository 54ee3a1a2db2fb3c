import type { Millis, Picos } from '../kernel/index.ts'
import type { Charge } from '../pricing/index.ts'
import type { ServiceTier, Usage } from '../usage/index.ts'
import type { AgentChange } from './agent/state.ts'
import type { AuditDraft } from './audit-records.ts'
import type { BreakerRemoval, BreakerSetting, BreakerSweep, Trip } from './breaker/rule.ts'
import type { HeldIn } from './budget/hold-state.ts'
import type { Crossing, Standing, ToldRule } from './budget/room.ts'
import type { BudgetRule, CounterKey, CounterState } from './budget/rule.ts'
import type { EscrowEnd, EscrowOpening, WalletOpening, WalletTransfer } from './wallet/records.ts'

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

/**
 * Asks, before a call is made, for the worst that it may cost. Granted from every budget that matches, or from none. The call is posted
 * later as a `call` with the same id, which gives back what was held and posts what it really cost.
 */
export interface HoldRequest extends Attribution {
  /** The id of the call that it is for. */
  readonly id: string
  readonly run: string | null
  readonly key: string | null
  readonly model: string
  readonly seller: string
  /** The most it can use of each meter: what its worst case was computed from. */
  readonly meters: Readonly<Record<string, number>>
  /** What the caller said it needs, under the names it said it by: the same request again says the same, whatever it was clamped to. */
  readonly asked: Readonly<Record<string, number>>
  readonly at: Millis
  readonly deadline: Millis
  /** The most that the call can cost; null when no price is known. */
  readonly amount: Picos | null
  /** The most it could cost at the dearest rate known, for budgets that let an unknown price pass at its worst; null where `amount` is known. */
  readonly fallback: Picos | null
  /** The service tier that was asked for, and the region: what the price depends on, also when the hold is priced again. */
  readonly tier: ServiceTier | null
  readonly region: string | null
  /** Keyed fingerprint of the prompt, so that a loop is recognised before its next call; null when it is not said. */
  readonly fingerprint: string | null
}

/** A hold as granted: what each budget holds for it. */
export interface Hold extends HoldRequest {
  readonly held: readonly HeldIn[]
}

/** Keeps a hold longer, or for more. */
export interface HoldExtension {
  readonly id: string
  /** Id of the call that the hold is for. */
  readonly call: string
  readonly deadline: Millis
  /** Null: as much as before, unless `fallback` says that the price is no longer known. */
  readonly amount: Picos | null
  readonly at: Millis
  /** As of a hold: the most it could cost at the dearest rate known, where no price is known for what it needs now. */
  readonly fallback: Picos | null
  /** The most it can use of each meter from now on; null: as before. */
  readonly meters: Readonly<Record<string, number>> | null
}

/** A hold as it was kept longer: what each budget holds for it from then on. */
export interface ExtendedHold extends HoldExtension {
  readonly held: readonly HeldIn[]
}

/** The end of a hold without a call: given up by its caller, or taken back after its deadline. */
export interface HoldRelease {
  /** Id of the call that the hold was for. */
  readonly id: string
  readonly at: Millis
  readonly reason: string | null
}

/**
 * The name that a provider gave to the answer of a call which was metered on its way. Who reports that answer later, by that name, reports what is posted
 * already.
 */
export interface CallAlias {
  /** The provider's name. */
  readonly id: string
  readonly call: string
  readonly at: Millis
}

/** A budget as set, with what had been spent in its counters when it was. Set again, it changes its limit, mode, thresholds or policy. */
export interface BudgetSetting {
  /** Of this change, not of the budget: a budget may be set many times. */
  readonly id: string
  readonly rule: BudgetRule
  /** The counters of the budget with what the calls up to `throughSeq` add up to; the ledger adds what came since. Empty when it is only changed. */
  readonly opening: readonly CounterState[]
  readonly throughSeq: number
  /** Changes only `rule.watched` of a known budget, whatever else has become of it meanwhile. The entry has the budget as it then is. */
  readonly watchOnly?: true
}

export interface BudgetRemoval {
  /** Of the budget: it is removed once and never set again. */
  readonly id: string
  readonly at: Millis
}

/**
 * Hard budgets that refused a call because its worst case did not fit. It is told once for each budget, value and period, and again when the limit was
 * raised meanwhile. The call itself is not posted.
 */
export interface BudgetExhaustion {
  readonly id: string
  /** Id of the call that was refused, the agent that was to make it, and what it would have called. */
  readonly call: string
  readonly agent: string | null
  readonly model: string | null
  readonly at: Millis
  readonly budgets: readonly ExhaustedBudget[]
}

/** How one of them stood, and what was asked of it. */
export interface ExhaustedBudget {
  readonly budget: string
  readonly value: string
  readonly periodStart: Millis
  readonly limit: Picos
  readonly spent: Picos
  readonly held: Picos
  /** The worst case that did not fit. */
  readonly requested: Picos
  readonly rule: ToldRule
}

/** What can be recorded. Every kind takes the same path. */
export type CommandEvent =
  | { readonly kind: 'call'; readonly call: CallRecord }
  | { readonly kind: 'run_start'; readonly run: RunStart }
  | { readonly kind: 'run_end'; readonly run: RunEnd }
  | { readonly kind: 'session_start'; readonly session: SessionStart }
  | { readonly kind: 'session_end'; readonly session: SessionEnd }
  | { readonly kind: 'adjustment'; readonly adjustment: Adjustment }
  | { readonly kind: 'call_alias'; readonly alias: CallAlias }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'hold_extend'; readonly extension: ExtendedHold }
  | { readonly kind: 'hold_void'; readonly release: HoldRelease }
  | { readonly kind: 'hold_expire'; readonly release: HoldRelease }
  | { readonly kind: 'budget_set'; readonly setting: BudgetSetting }
  | { readonly kind: 'budget_remove'; readonly removal: BudgetRemoval }
  | { readonly kind: 'breaker_set'; readonly setting: BreakerSetting }
  | { readonly kind: 'breaker_remove'; readonly removal: BreakerRemoval }
  | { readonly kind: 'breaker_sweep'; readonly sweep: BreakerSweep }
  | { readonly kind: 'agent_state'; readonly change: AgentChange }
  | { readonly kind: 'wallet_open'; readonly wallet: WalletOpening }
  | { readonly kind: 'wallet_transfer'; readonly transfer: WalletTransfer }
  | { readonly kind: 'escrow_open'; readonly escrow: EscrowOpening }
  | { readonly kind: 'escrow_end'; readonly end: EscrowEnd }

/** What the journal has: what was commanded, and what only a refusal makes. */
export type RecordEvent = CommandEvent | { readonly kind: 'budget_exhausted'; readonly exhaustion: BudgetExhaustion }

/**
 * Money moved: debit and credit account names of one organization. A call's cost debits the seller's expense and credits the wallet of its
 * agent, or the funding where the agent has none.
 */
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
export type Inherited = AttributionField | 'run' | `tag:${string}` | `workflow=${string}`

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
  /** Set on a call that was held for: it counts in the periods in which it was held, and `amount` was kept for it. */
  readonly settled?: Settled
  /** Set on an adjustment: the counters that its difference was counted in, which its call, not it, tells. */
  readonly counted?: readonly CounterKey[]
  /** Thresholds of budgets that the entry's cost reached: each is told once in its period. */
  readonly crossed?: readonly Crossing[]
  /** Breakers that the entry has opened: each is told once for an opening. */
  readonly tripped?: readonly Trip[]
  /** Set on a call whose agent had a wallet: it is paid from there, and so is every correction of it. */
  readonly wallet?: string
}

export interface Settled {
  readonly at: Millis
  readonly amount: Picos | null
  /** What the hold was taken for, so that a cost above it can be explained; null where an earlier program wrote it. */
  readonly plan: HoldPlan | null
}

/** What was planned when money was held, and what stood in for the price where none was known. */
export interface HoldPlan {
  readonly model: string | null
  readonly seller: string
  readonly tier: ServiceTier | null
  readonly region: string | null
  readonly meters: Readonly<Record<string, number>>
  readonly fallback: Picos | null
}

export interface RecordCommand {
  readonly kind: 'record'
  readonly organization: string
  readonly recordedAt: Millis
  readonly event: CommandEvent
  /** Set where a hold that is refused will be asked for in another way at once: nobody is told of it, and the refusal says by `untold` that somebody should be. */
  readonly provisional?: true
  /** Commands that are submitted together and follow each other with the same mark are posted all or none: the first refusal answers each of them. */
  readonly together?: string
  /** Defaults of the key that reports. Identity BOUND to a key is not here: it is already in the event, in place of what was said. */
  readonly keyAttribution?: KeyAttribution
  /** For the audit trail, written with the entry: who changed a rule about money, and how it was before. */
  readonly audit?: AuditDraft
}

/** All that the committer takes. */
export type Command = RecordCommand

/** The answer to a command that was posted, now or when the same id came first. */
export interface Posted {
  readonly entry: JournalEntry
  /** True when this id with this body had been posted before; the entry is that first one. */
  readonly replayed: boolean
  /** Of a hold that has been granted now: how each budget stands that it counts in, right after it. */
  readonly standings?: readonly Standing[]
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
  /** Seq of the entry that started it: from then on it is known what run it hangs from. 0 where an earlier program wrote it. */
  readonly startedSeq: number | null
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

/** Names one account. */
export type AccountKey = Pick<AccountState, 'organization' | 'account'>

export interface AccountState {
  readonly organization: string
  /** `funding`, `expense:<seller>`, `wallet:<agent>`, `revenue:<agent>`, `purchases:<agent>`, `escrow:<id>`. */
  readonly account: string
  readonly debits: Picos
  readonly credits: Picos
}
