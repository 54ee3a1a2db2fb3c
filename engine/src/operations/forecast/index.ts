import { forecastCostOperation, forecastSpendOperation } from './forecast-cost.ts'
import { forecastSeriesOperation } from './forecast-series.ts'

export const FORECAST_OPERATIONS = [forecastCostOperation, forecastSpendOperation, forecastSeriesOperation]
