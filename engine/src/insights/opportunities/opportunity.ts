import type { CallQuery, PriceableCall, RepeatRow } from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'
import type { ServiceTier } from '../../usage/index.ts'

export type OpportunityType =
  | 'expensive_agent'
  | 'expensive_model'
  | 'failed_workflows'
  | 'repeated_calls'
  | 'batch_tier'
  | 'prompt_caching'
  | 'shorter_context'
export type Priority = 'high' | 'medium' | 'low'

/**
 * Tells what a call would have cost on other models. The row's cost holds its adjustments. Whoever implements it answers null when the row
 * does not hold all that was billed: a guess would be shown as a saving.
 */
export type Repricer = (row: CallToPrice) => OnModel | null

/** What pricing needs of a call. */
export type CallToPrice = Omit<PriceableCall, 'attended'>

/** What one call would have cost on a model at the same seller and time, or made otherwise; null when that cannot be said. */
export type OnModel = (alternativeModel: string, otherwise?: Otherwise) => Picos | null

/** How else a call could have been made. Counts of tokens are totals, as in a row: input holds what is read from and written to a cache. */
export interface Otherwise {
  readonly tier?: ServiceTier
  readonly inputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
}

export interface OpportunityQuestion extends CallQuery {
  readonly reprice: Repricer
  /** Calls that are read one by one for each subject, those posted last. A saving is claimed for no other call. */
  readonly examineMax?: number
  /** Ids of advice that was dismissed: neither shown nor in the total. */
  readonly dismissed?: ReadonlySet<string>
  /** False: nobody looks at the ids of the calls, so they are not read where that costs anything. The amounts are the same. */
  readonly shownCalls?: boolean
}

/** Where money can be saved, with everything needed to check the claim. */
export interface Opportunity {
  /** Stable: its type and subject. */
  readonly id: string
  readonly type: OpportunityType
  readonly priority: Priority
  /** The agent or model it is about; null where it is about no single one, or about calls that do not say. */
  readonly subject: string | null
  /** Known cost of all calls it is about. */
  readonly currentCost: Picos
  readonly calls: {
    /** All that it is about. */
    readonly count: number
    /** Of all, how many no price is known of: neither the cost nor the saving holds them. */
    readonly unpriced: number
    /**
     * Of all, how many the saving was looked for in: those posted last, each priced on another model; or all of them, where the saving is
     * what they have cost. Fewer than `count`: the saving is of those only, so the true one is higher.
     */
    readonly examined: number
    /** Of those, how many the saving comes from. */
    readonly saving: number
    /** Some of the calls that the saving comes from, largest saving first; without a saving, some of the calls it is about. */
    readonly callIds: readonly string[]
  }
  /** Models that the calls were priced on, most used first. */
  readonly alternativeModels: readonly string[]
  /** Failed runs behind it. */
  readonly runs?: { readonly count: number; readonly runIds: readonly string[] }
  readonly recommendation: string
  /** What must hold for the saving to come true. */
  readonly assumption: string
  /** Computed from the calls; null when it cannot be: not zero. */
  readonly potentialSavings: Picos | null
  /** Between what the saving lies; null where none is known. Each end is a sum over calls, and `words` say what makes it. */
  readonly range: { readonly low: Picos; readonly high: Picos; readonly words: string } | null
  /** What may go wrong. */
  readonly risk: { readonly level: 'low' | 'medium' | 'high'; readonly words: string }
}

/** An opportunity with the savings it is made of, so that a call which is in two of them is counted once. */
export interface Finding {
  readonly opportunity: Opportunity
  readonly byCall: readonly CallSaving[]
  readonly byRepeat: readonly RepeatSaving[]
  readonly byRun: readonly RunSaving[]
}

export interface CallSaving {
  readonly call: PriceableCall
  /** Above zero. */
  readonly saving: Picos
}

/** Saved by not repeating a request: the sum over all calls of one fingerprint and model but the first. */
export interface RepeatSaving {
  readonly organization: string
  readonly fingerprint: string
  readonly model: string | null
  /** The call that was needed; saving on it in another way is not the same money. */
  readonly firstCallId: string | null
  readonly saving: Picos
  /** Of the saving, what was spent in runs that failed. */
  readonly inFailedRuns: RepeatRow['inFailedRuns']
}

/** Saved by not starting a run: all that its calls have cost. */
export interface RunSaving {
  readonly organization: string
  readonly runId: string
  readonly saving: Picos
}

/** Ids shown with an opportunity: enough to look, and an answer stays small. */
export const CALL_IDS_MAX = 100
