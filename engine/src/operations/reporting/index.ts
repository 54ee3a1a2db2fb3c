import { dailyAlertsOperation } from './alerts/alerts-for.ts'
import { dailyDashboardOperation } from './dashboard.ts'
import { dailyRegisterOperation } from './register.ts'
import { dailyReportOperation } from './submit.ts'
import { dailyEfficiencyOperation, dailyTrendsOperation } from './trends.ts'

/** The family of daily reports. */
export const REPORTING_OPERATIONS = [
  dailyRegisterOperation,
  dailyReportOperation,
  dailyDashboardOperation,
  dailyEfficiencyOperation,
  dailyTrendsOperation,
  dailyAlertsOperation,
] as const
