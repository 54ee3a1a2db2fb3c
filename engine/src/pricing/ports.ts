import type { Millis, Result } from '../kernel/index.ts'
import type { FxRate, RateCard } from './records.ts'

/** Where rate cards and currency rates are kept. Everything is appended; nothing is changed but the time of a retraction, and that once. */
export interface RateStore {
  /** Keeps cards. A card that is kept already (same id) is left as it is. */
  appendCards(cards: readonly RateCard[]): Promise<void>
  /** Marks a card as known to be wrong from `at` on; refused (`not_found`) when there is no such card in reach of the organization. */
  retractCard(organization: string | null, cardId: string, at: Millis): Promise<Result<RateCard>>
  /** An organization's own cards together with the public ones from feeds; only the public ones for null. */
  listCards(organization: string | null): Promise<readonly RateCard[]>
  /** Organizations that have set rates of their own. */
  organizationsWithRates(): Promise<readonly string[]>
  /** All cards ever kept for a model, by the time they were recorded, retracted ones included. */
  cardHistory(organization: string | null, seller: string, model: string): Promise<readonly RateCard[]>
  /** Keeps currency rates. A second rate for a day outranks the first; both are kept. */
  appendFxRates(rates: readonly FxRate[]): Promise<void>
  /** In the order in which they were appended. */
  listFxRates(): Promise<readonly FxRate[]>
}

/** Fetches a text by its address; refused (`invalid_field`, path `/url`) with why when it cannot be had. */
export type FetchText = (url: string) => Promise<Result<string>>
