import type { Filter } from '../../calls/index.ts'
import type { Decimal } from '../../kernel/index.ts'
import type { ServiceTier } from '../../usage/index.ts'

/** Which calls are made at all. */
export type CallsChange =
  /** The calls are not made. */
  | { readonly kind: 'drop' }
  /** A request with the fingerprint and model of one that succeeded less than so long before is not made: its answer is used again. */
  | { readonly kind: 'dedupe'; readonly withinMs: number }
  /** A request that repeats one that its agent saw fail less than so long before is not made. */
  | { readonly kind: 'retries'; readonly withinMs: number }

/** What the calls consume, and from whom. */
export type UsageChange =
  /** `from` null: whatever the model. `seller` null: where the call was bought, or at the maker where that seller does not list the model. */
  | { readonly kind: 'swap_model'; readonly from: string | null; readonly to: string; readonly seller: string | null }
  | { readonly kind: 'tier'; readonly tier: ServiceTier }
  /** So much of the input of each call comes from the cache, from 0 to 1; a call that reads more already is left alone. */
  | { readonly kind: 'read_share'; readonly share: number }
  /** The input of a request that comes again within the time to live is read from the cache, and written by the first. */
  | { readonly kind: 'cache_repeats'; readonly ttl: '5m' | '1h' }
  | { readonly kind: 'output_cap'; readonly tokens: number }

/** What they are charged. */
export type PriceChange =
  /** The cost times `1 + percent / 100`. `model` and `seller` null: any. */
  | { readonly kind: 'percent'; readonly model: string | null; readonly seller: string | null; readonly percent: Decimal }
  /** Rates of one's own in place of those in force; whoever prices knows them by the place of this change among the changes. */
  | { readonly kind: 'rates'; readonly model: string }

/**
 * One thing that would have been otherwise, for the calls that pass `where`. Which calls are made is settled first, then what they consume, then what is
 * charged for it; within each in the order given.
 */
export type Change = (CallsChange | UsageChange | PriceChange) & { readonly where: readonly Filter[] }
