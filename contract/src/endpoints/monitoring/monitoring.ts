import {
  ActiveAnomaliesAnswer,
  ActiveAnomaliesQuery,
  AllocationsAnswer,
  AllocationsQuery,
  BurnAnomalySettings,
  BurnAnomalySettingsQuery,
  BurnAnomalySettingsSet,
  BurnBaseline,
  BurnBaselineRemove,
  BurnBaselineRemoved,
  BurnBaselineSet,
  BurnBaselinesAnswer,
  BurnBaselinesQuery,
  BurnRatesAnswer,
  BurnRatesQuery,
  CacheImpactAnswer,
  CacheImpactQuery,
  ModelAllocationsAnswer,
  RoiAnswer,
  RoiQuery,
  TrendsAnswer,
  TrendsQuery,
  ValuationRate,
  ValuationRateSet,
  ValuationRatesAnswer,
  ValuationRatesQuery,
} from '../../monitoring/index.ts'
import { endpoint } from '../endpoint.ts'

const reading = { method: 'GET', permission: 'read', family: 'Live monitoring' } as const
const changing = { method: 'PUT', permission: 'manage', family: 'Live monitoring' } as const

export const spendTrends = endpoint({
  ...reading,
  operation: 'spend_trends',
  path: '/api/v1/finops/trends',
  input: TrendsQuery,
  answer: TrendsAnswer,
  summary: 'Cost day by day, by organization and agent',
  example: { input: { days: 30 } },
})

export const spendAllocations = endpoint({
  ...reading,
  operation: 'spend_allocations',
  path: '/api/v1/finops/allocations',
  input: AllocationsQuery,
  answer: AllocationsAnswer,
  summary: 'Whose cost it is: shares by organization and agent',
  example: { input: { days: 7 } },
})

export const spendAllocationsByModel = endpoint({
  ...reading,
  operation: 'spend_allocations_by_model',
  path: '/api/v1/finops/allocations/by-model',
  input: AllocationsQuery,
  answer: ModelAllocationsAnswer,
  summary: 'Which models the cost is of: shares by model',
  example: { input: { days: 7 } },
})

export const activeBurnRates = endpoint({
  ...reading,
  operation: 'active_burn_rates',
  path: '/api/v1/finops/burn-rates/active',
  input: BurnRatesQuery,
  answer: BurnRatesAnswer,
  summary: 'What active sessions spend an hour',
  example: { input: {} },
})

export const activeAnomalies = endpoint({
  ...reading,
  operation: 'active_anomalies',
  path: '/api/v1/finops/anomalies/active',
  input: ActiveAnomaliesQuery,
  answer: ActiveAnomaliesAnswer,
  summary: 'Sessions that burn more than the baseline of their agent allows',
  example: { input: {} },
})

export const showAnomalySettings = endpoint({
  ...reading,
  operation: 'show_anomaly_settings',
  path: '/api/v1/finops/anomalies/settings',
  input: BurnAnomalySettingsQuery,
  answer: BurnAnomalySettings,
  summary: 'From how many baselines on a burn rate is an anomaly',
  example: { input: {} },
})

export const setAnomalySettings = endpoint({
  ...changing,
  operation: 'set_anomaly_settings',
  path: '/api/v1/finops/anomalies/settings',
  input: BurnAnomalySettingsSet,
  answer: BurnAnomalySettings,
  summary: 'Say from how many baselines on a burn rate is an anomaly',
  example: { input: { multiplier: 2.5 } },
})

export const listBurnBaselines = endpoint({
  ...reading,
  operation: 'list_burn_baselines',
  path: '/api/v1/finops/baselines',
  input: BurnBaselinesQuery,
  answer: BurnBaselinesAnswer,
  summary: 'What agents are expected to spend an hour',
  example: { input: {} },
})

export const setBurnBaseline = endpoint({
  ...changing,
  operation: 'set_burn_baseline',
  path: '/api/v1/finops/baselines/{agentId}',
  input: BurnBaselineSet,
  answer: BurnBaseline,
  summary: 'Say what an agent is expected to spend an hour',
  example: { input: { agentId: 'finance_agent', baselineUsdPerHour: 0.5 } },
})

export const removeBurnBaseline = endpoint({
  ...changing,
  method: 'DELETE',
  operation: 'remove_burn_baseline',
  path: '/api/v1/finops/baselines/{agentId}',
  input: BurnBaselineRemove,
  answer: BurnBaselineRemoved,
  summary: 'Expect nothing of an agent any more',
  example: { input: { agentId: 'finance_agent' } },
})

export const listValuationRates = endpoint({
  ...reading,
  operation: 'list_valuation_rates',
  path: '/api/v1/finops/valuation-rates',
  input: ValuationRatesQuery,
  answer: ValuationRatesAnswer,
  summary: 'Rates in force, per 1,000 tokens',
  example: { input: { modelId: 'gpt-4o' } },
})

export const setValuationRate = endpoint({
  ...changing,
  operation: 'set_valuation_rate',
  path: '/api/v1/finops/valuation-rates',
  input: ValuationRateSet,
  answer: ValuationRate,
  summary: 'Set rates of your own for a model, per 1,000 tokens',
  example: {
    input: {
      modelId: 'gpt-4o',
      inputRatePerKTokens: 0.0025,
      outputRatePerKTokens: 0.01,
      cachedInputRatePerKTokens: 0.00125,
      reasoningRatePerKTokens: 0.01,
    },
  },
})

export const roiStats = endpoint({
  ...reading,
  operation: 'roi_stats',
  path: '/api/v1/finops/roi-stats',
  input: RoiQuery,
  answer: RoiAnswer,
  summary: 'What caches have saved, what embeddings have cost, and the difference',
  description:
    "Hits of the gateway's cache are posted as such. A hit of your own semantic cache is a call with the tag `cache` = `hit`, the model and tokens that it has spared, and `cost_usd: 0`; a miss has `cache` = `miss`. An embedding is a call that says so by the response, its action or its model.",
  example: { input: {} },
})

export const cacheImpact = endpoint({
  ...reading,
  operation: 'cache_impact',
  path: '/api/v1/finops/cache-impact',
  input: CacheImpactQuery,
  answer: CacheImpactAnswer,
  summary: 'The same over time',
  example: { input: { days: 7 } },
})

export const MONITORING = [
  spendTrends,
  spendAllocations,
  spendAllocationsByModel,
  activeBurnRates,
  activeAnomalies,
  showAnomalySettings,
  setAnomalySettings,
  listBurnBaselines,
  setBurnBaseline,
  removeBurnBaseline,
  listValuationRates,
  setValuationRate,
  roiStats,
  cacheImpact,
] as const
