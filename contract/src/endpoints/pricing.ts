import { DiscountTiers, DiscountTiersQuery, DiscountTiersSet } from '../discounts.ts'
import { EstimateAnswer, EstimateRequest, PriceAnswer, PriceRequest, RepriceAnswer, RepriceRequest } from '../pricing.ts'
import {
  FeedImport,
  FeedImportAnswer,
  FxAnswer,
  FxQuery,
  FxSet,
  FxSetAnswer,
  RateHistoryAnswer,
  RateHistoryQuery,
  RateRetract,
  RateRetractAnswer,
  RateSet,
  RateSetAnswer,
  RatesAnswer,
  RatesQuery,
} from '../rates.ts'
import { endpoint } from './endpoint.ts'

const family = 'Pricing'

export const priceUsage = endpoint({
  operation: 'price',
  method: 'POST',
  path: '/v1/finops/price',
  input: PriceRequest,
  answer: PriceAnswer,
  permission: 'read',
  family,
  summary: 'Price a call without posting it',
  description: 'By the same code that prices posted calls. Give counters, or the raw response of the provider.',
  example: { input: { model: 'gpt-4o', input_tokens: 1000, output_tokens: 500, cache_read_tokens: 200 } },
})

export const estimateCall = endpoint({
  operation: 'estimate',
  method: 'POST',
  path: '/v1/finops/estimate',
  input: EstimateRequest,
  answer: EstimateAnswer,
  permission: 'read',
  family,
  summary: 'What a call will cost, and the most it can cost',
  description:
    'Before it is made, by the same code that prices posted calls. A later charge for at most these tokens is not above the worst case.',
  example: { input: { model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 500, cache_read_tokens: 200 } },
})

export const listRates = endpoint({
  operation: 'list_rates',
  method: 'GET',
  path: '/v1/finops/rates',
  input: RatesQuery,
  answer: RatesAnswer,
  permission: 'read',
  family,
  summary: 'Rates that hold at a time, and where each comes from',
  example: { input: { model: 'gpt-4o', limit: 5 } },
})

export const setRate = endpoint({
  operation: 'set_rates',
  method: 'PUT',
  path: '/v1/finops/rates',
  input: RateSet,
  answer: RateSetAnswer,
  permission: 'manage',
  family,
  summary: 'Set rates of your own for a model',
  example: {
    input: { organization_id: 'org_789', model: 'gpt-4o', input_per_1m: '2.10', output_per_1k: '0.0084', reference: 'contract 17' },
  },
})

export const rateHistory = endpoint({
  operation: 'rate_history',
  method: 'GET',
  path: '/v1/finops/rates/{model}/history',
  input: RateHistoryQuery,
  answer: RateHistoryAnswer,
  permission: 'read',
  family,
  summary: 'Every rate a model ever had',
  example: { input: { model: 'gpt-4o' } },
})

export const retractRate = endpoint({
  operation: 'retract_rate',
  method: 'POST',
  path: '/v1/finops/rates/{rate_card}/retract',
  input: RateRetract,
  answer: RateRetractAnswer,
  permission: 'manage',
  family,
  summary: 'Mark a rate card as wrong from now on',
  description: 'Nothing is deleted. A public card concerns every organization and takes the bootstrap key.',
  example: { input: { rate_card: '0000000000000000000000000000000000000000000000000000000000000000', reason: 'typed one zero too many' } },
})

export const importFeed = endpoint({
  operation: 'import_feed',
  method: 'POST',
  path: '/v1/finops/rates/feeds',
  input: FeedImport,
  answer: FeedImportAnswer,
  permission: 'manage',
  family,
  summary: 'Read a public price table through the publication gate',
  example: {
    input: {
      feed: 'models-dev',
      reference: 'example',
      text: '{"openai":{"models":{"example-1":{"id":"example-1","cost":{"input":1,"output":2}}}}}',
      dry_run: true,
    },
  },
})

export const listFx = endpoint({
  operation: 'list_fx',
  method: 'GET',
  path: '/v1/finops/fx',
  input: FxQuery,
  answer: FxAnswer,
  permission: 'read',
  family,
  summary: 'Dated exchange rates',
  example: { input: {} },
})

export const setFx = endpoint({
  operation: 'set_fx',
  method: 'PUT',
  path: '/v1/finops/fx',
  input: FxSet,
  answer: FxSetAnswer,
  permission: 'manage',
  family,
  summary: 'Set an exchange rate from a date on',
  example: { input: { currency: 'EUR', usd_per_unit: '1.0842', as_of: '2026-11-01', source: 'ECB' } },
})

export const reprice = endpoint({
  operation: 'reprice',
  method: 'POST',
  path: '/v1/finops/reprice',
  input: RepriceRequest,
  answer: RepriceAnswer,
  permission: 'manage',
  family,
  summary: 'Price posted calls again by the rates known now',
  example: { input: { organization_id: 'org_789', only_unpriced: true, dry_run: true } },
})

export const listDiscounts = endpoint({
  operation: 'list_discounts',
  method: 'GET',
  path: '/v1/finops/discounts',
  input: DiscountTiersQuery,
  answer: DiscountTiers,
  permission: 'read',
  family,
  summary: 'Volume discounts of an organization',
  example: { input: {} },
})

export const setDiscounts = endpoint({
  operation: 'set_discounts',
  method: 'PUT',
  path: '/v1/finops/discounts',
  input: DiscountTiersSet,
  answer: DiscountTiers,
  permission: 'manage',
  family,
  summary: 'Declare the volume discounts of an organization',
  description: 'They are shown to agents, and change no charge: what is charged follows the rates.',
  example: { input: { tiers: [{ name: 'silver', from_usd: '100', discount_pct: 5 }] } },
})

export const PRICING = [
  priceUsage,
  estimateCall,
  listRates,
  setRate,
  rateHistory,
  retractRate,
  importFeed,
  listFx,
  setFx,
  listDiscounts,
  setDiscounts,
  reprice,
] as const
