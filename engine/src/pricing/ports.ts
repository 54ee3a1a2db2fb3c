import type { Millis, Result } from '../kernel/index.ts'
import type { Discounts } from './discounts.ts'
import type { FxRate, RateCard } from './records.ts'

/** Who changed rates, and what was before and after: what the audit trail keeps of it. */
export interface RateChange {
  readonly at: Millis
  readonly organization: string | null
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * Where rate cards and currency rates are kept. Everything is appended; nothing is changed but the time of a retraction, and that once. A change and its
 * entry in the audit trail are written in one transaction: neither is ever there without the other.
 */
export interface RateStore {
  /** Keeps cards. A card that is kept already (same id) is left as it is. */
  appendCards(cards: readonly RateCard[], change: RateChange): Promise<void>
  /** Marks a card, kept or not, as known to be wrong from `at` on, and gives it as it is kept. The first retraction stands; a second one changes nothing. */
  retractCard(card: RateCard, at: Millis, change: RateChange): Promise<RateCard>
  /** An organization's own cards together with the public ones from feeds; only the public ones for null. */
  listCards(organization: string | null): Promise<readonly RateCard[]>
  /** Organizations that have set rates of their own. */
  organizationsWithRates(): Promise<readonly string[]>
  /** All cards ever kept for a model, by the time they were recorded, retracted ones included. */
  cardHistory(organization: string | null, seller: string, model: string): Promise<readonly RateCard[]>
  /** Keeps currency rates. A second rate for a day outranks the first; both are kept. */
  appendFxRates(rates: readonly FxRate[], change: RateChange): Promise<void>
  /** In the order in which they were appended. */
  listFxRates(): Promise<readonly FxRate[]>
}

/** Where organizations declare their volume discounts. A change and its entry in the audit trail are written in one transaction. */
export interface DiscountStore {
  /** Replaces what was declared before. */
  putDiscounts(discounts: Discounts, change: RateChange): Promise<void>
  /** Null: none were ever declared. */
  discounts(organization: string): Promise<Discounts | null>
}

/** Fetches a text by its address; refused (`invalid_field`, path `/url`) with why when it cannot be had. */
export type FetchText = (url: string) => Promise<Result<string>>
