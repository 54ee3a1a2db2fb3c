import { getBillingSummary, getSpendingByCategory, getUsageAnalytics } from './analytics.ts'
import { getBudgetStatus, getSpendingAllowance, setBudgetCap } from './budgets.ts'
import { authorizeCallTool, settleCallTool, voidHoldTool } from './calls.ts'
import { getAgentLeaderboard, getPlatformStats } from './fleet.ts'
import { createApiKey, rotateApiKey } from './keys.ts'
import { convertCurrency, estimateCost, getVolumeDiscount } from './prices.ts'
import { publishServiceTool, searchServicesTool, submitMetricsTool } from './services.ts'
import type { Tool } from './tool.ts'
import { createEscrowTool, createWalletTool, depositTool, getBalanceTool, refundEscrowTool, releaseEscrowTool } from './wallets.ts'
import { deleteWebhookTool, getWebhookLogsTool, listWebhooksTool, registerWebhookTool, updateWebhookTool } from './webhooks.ts'

export * from './analytics.ts'
export * from './budgets.ts'
export * from './calls.ts'
export * from './envelope.ts'
export * from './fleet.ts'
export * from './keys.ts'
export * from './prices.ts'
export * from './self-contained.ts'
export * from './services.ts'
export * from './tool.ts'
export * from './wallets.ts'
export * from './webhooks.ts'

/** Every tool, in the order in which lists show them. */
export const TOOLS: readonly Tool[] = [
  createWalletTool,
  getBalanceTool,
  depositTool,
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
  createApiKey,
  rotateApiKey,
  registerWebhookTool,
  listWebhooksTool,
  updateWebhookTool,
  deleteWebhookTool,
  getWebhookLogsTool,
  searchServicesTool,
  publishServiceTool,
  createEscrowTool,
  releaseEscrowTool,
  refundEscrowTool,
  submitMetricsTool,
  authorizeCallTool,
  settleCallTool,
  voidHoldTool,
]

/** Tools of which each use is a call of the agent. The catalog has a price of zero for each, until an organization sets one. */
export const METERED_TOOLS: readonly string[] = TOOLS.filter(({ metered }) => metered === true).map(({ tool }) => tool)
