import { DailyAlerts, DailyAlertsQuery, DailyDashboard, DailyQuery, DailyScores, DailyTrends } from '../reporting/answers.ts'
import { DailyReportSaved, DailyReportSubmit } from '../reporting/daily-report.ts'
import { DailyRegister, DailyRegistered } from '../reporting/register.ts'
import { endpoint } from './endpoint.ts'

const family = 'Daily reports'

export const dailyRegister = endpoint({
  operation: 'daily_register',
  method: 'POST',
  path: '/api/finops/register',
  input: DailyRegister,
  answer: DailyRegistered,
  permission: 'manage',
  family,
  summary: 'Say who reports and what the month may cost, and get a key',
  description:
    'The key may report and read for the organization. The monthly budget becomes a soft budget of the ledger: it warns and refuses nothing. Again, it changes what is said.',
  example: { input: { company_name: 'Acme AI', email: 'finance@example.com', monthly_budget: 500, alert_threshold_pct: 80 } },
})

export const dailyReport = endpoint({
  operation: 'daily_report',
  method: 'POST',
  path: '/api/finops/daily-report',
  input: DailyReportSubmit,
  answer: DailyReportSaved,
  permission: 'report',
  family,
  summary: 'Report what a day has cost, added up',
  description:
    'The same date again takes the place of the report before. Calls that are reported one by one are not counted twice: a report adds only what they do not account for.',
  example: {
    input: {
      date: '2026-02-28',
      total_tokens: 1_842_000,
      total_cost: 14.73,
      total_requests: 312,
      cost_by_model: { 'gpt-4o': 9.2, 'claude-sonnet-4-20250514': 4.18, 'text-embedding-3-small': 1.35 },
      cost_by_action: { code_generation: 6.5, document_analysis: 4.1, chat_response: 2.8, embeddings: 1.33 },
      waste_categories: { retries: 1.2, unused_context: 0.85, hallucination_recovery: 0.4 },
      efficiency_score: 78,
      metadata: { agent_version: '1.4.2', environment: 'production' },
    },
  },
})

export const dailyDashboard = endpoint({
  operation: 'daily_dashboard',
  method: 'GET',
  path: '/api/finops/dashboard',
  input: DailyQuery,
  answer: DailyDashboard,
  permission: 'read',
  family,
  summary: 'Cost, efficiency, alerts and recommendations of a period',
  example: { input: { period: '30d' } },
})

export const dailyEfficiency = endpoint({
  operation: 'daily_efficiency',
  method: 'GET',
  path: '/api/finops/efficiency-score',
  input: DailyQuery,
  answer: DailyScores,
  permission: 'read',
  family,
  summary: 'The efficiency score now, and how it went',
  example: { input: {} },
})

export const dailyTrends = endpoint({
  operation: 'daily_trends',
  method: 'GET',
  path: '/api/finops/cost-trends',
  input: DailyQuery,
  answer: DailyTrends,
  permission: 'read',
  family,
  summary: 'Cost by day, with models, actions and waste',
  example: { input: { period: '30d' } },
})

export const dailyAlerts = endpoint({
  operation: 'daily_alerts',
  method: 'GET',
  path: '/api/finops/alerts',
  input: DailyAlertsQuery,
  answer: DailyAlerts,
  permission: 'read',
  family,
  summary: 'Alerts that hold now',
  example: { input: {} },
})

export const REPORTING = [dailyRegister, dailyReport, dailyDashboard, dailyEfficiency, dailyTrends, dailyAlerts] as const
