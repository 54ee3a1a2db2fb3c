import { getBillingSummary, getSpendingByCategory, getUsageAnalytics } from './analytics.ts'
import { getBudgetStatus, getSpendingAllowance, setBudgetCap } from './budgets.ts'
import { authorizeCallTool, settleCallTool, voidHoldTool } from './calls.ts'
import { getAgentLeaderboard, getPlatformStats } from './fleet.ts'
import { convertCurrency, estimateCost, getVolumeDiscount } from './prices.ts'
import type { Tool } from './tool.ts'

export * from './analytics.ts'
export * from './budgets.ts'
export * from './calls.ts'
export * from './envelope.ts'
export * from './fleet.ts'
export * from './prices.ts'
export * from './self-contained.ts'
export * from './tool.ts'

/** Every tool, in the order in which lists show them. */
export const TOOLS: readonly Tool[] = [
  setBudgetCap,
  getBudgetStatus,
  getSpendingAllowance,
  getUsageAnalytics,
  getBillingSummary,
  getSpendingByCategory,
  getVolumeDiscount,
  estimateCost,
  convertCurrency,
  getAgentLeaderboard,
  getPlatformStats,
  authorizeCallTool,
  settleCallTool,
  voidHoldTool,
]
