import {
  CostForecast,
  CostForecastQuery,
  ForecastSeries,
  ForecastSeriesInput,
  SpendForecast,
  SpendForecastQuery,
} from '../forecast/index.ts'
import { endpoint } from './endpoint.ts'

const family = 'Forecast'

export const forecastCost = endpoint({
  operation: 'forecast_cost',
  method: 'GET',
  path: '/api/v1/cost/forecast',
  input: CostForecastQuery,
  answer: CostForecast,
  permission: 'read',
  family,
  summary: 'What the month will have cost, and which budgets will not last',
  description:
    'Of the days up to now, and of the budgets as they stand at this moment. Where too little is known it says so, and forecasts nothing. How good it is: docs/forecast.md.',
  example: { input: { groupBy: 'team' } },
})

export const forecastSpend = endpoint({
  operation: 'forecast_spend',
  method: 'GET',
  path: '/v1/finops/forecast',
  input: SpendForecastQuery,
  answer: SpendForecast,
  permission: 'read',
  family,
  summary: 'The same in the spelling of /v1/finops',
  example: { input: { organization_id: 'org_789', group_by: 'team' } },
})

export const forecastSeries = endpoint({
  operation: 'forecast_series',
  method: 'POST',
  path: '/forecast/cost',
  input: ForecastSeriesInput,
  answer: ForecastSeries,
  permission: 'read',
  family,
  summary: 'Forecast a series of daily costs that the request carries',
  description: 'Nothing is read and nothing is kept. The same series has the same answer.',
  example: {
    input: {
      series: [
        { date: '2026-11-09', costUsd: 12.4 },
        { date: '2026-11-10', costUsd: 13.1 },
        { date: '2026-11-11', costUsd: 12.9 },
        { date: '2026-11-12', costUsd: 12.2 },
        { date: '2026-11-13', costUsd: 13.6 },
        { date: '2026-11-14', costUsd: 4.1 },
        { date: '2026-11-15', costUsd: 3.7 },
        { date: '2026-11-16', costUsd: 12.8 },
        { date: '2026-11-17', costUsd: 13.3 },
      ],
      budgetLimitUsd: 250,
    },
  },
})

export const FORECAST = [forecastCost, forecastSpend, forecastSeries] as const
