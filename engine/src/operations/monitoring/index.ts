import type { Operation } from '../operation.ts'
import { actuatorIndexOperation } from './actuator/links.ts'
import { metricsNamesOperation, prometheusOperation, showMetricOperation } from './actuator/metrics.ts'
import { activeAnomaliesOperation } from './burn/active-anomalies.ts'
import { setAnomalySettingsOperation, showAnomalySettingsOperation } from './burn/anomaly-settings.ts'
import { listBurnBaselinesOperation, removeBurnBaselineOperation, setBurnBaselineOperation } from './burn/baselines.ts'
import { activeBurnRatesOperation } from './burn/burn-rates.ts'
import { cacheImpactOperation } from './cache/cache-impact.ts'
import { roiStatsOperation } from './cache/roi-stats.ts'
import { spendAllocationsByModelOperation, spendAllocationsOperation } from './spend/allocations.ts'
import { spendTrendsOperation } from './spend/trends.ts'
import { listValuationRatesOperation, setValuationRateOperation } from './spend/valuation-rates.ts'

/** What is going on now, what it costs, and how the server itself is. */
export const MONITORING_OPERATIONS: readonly Operation[] = [
  spendTrendsOperation,
  spendAllocationsOperation,
  spendAllocationsByModelOperation,
  activeBurnRatesOperation,
  activeAnomaliesOperation,
  showAnomalySettingsOperation,
  setAnomalySettingsOperation,
  listBurnBaselinesOperation,
  setBurnBaselineOperation,
  removeBurnBaselineOperation,
  listValuationRatesOperation,
  setValuationRateOperation,
  roiStatsOperation,
  cacheImpactOperation,
  actuatorIndexOperation,
  metricsNamesOperation,
  showMetricOperation,
  prometheusOperation,
]
