import { createApiKeyTool, rotateApiKeyTool } from './keys/api-keys.ts'
import { convertCurrencyTool } from './prices/convert-currency.ts'
import { estimateCostTool } from './prices/estimate-cost.ts'
import { getBudgetStatusTool } from './spending/budget-status.ts'
import { getAgentLeaderboardTool, getPlatformStatsTool } from './spending/fleet.ts'
import { setBudgetCapTool } from './spending/set-budget-cap.ts'
import { getSpendingAllowanceTool } from './spending/spending-allowance.ts'
import { getSpendingByCategoryTool } from './spending/spending-by-category.ts'
import { getBillingSummaryTool, getUsageAnalyticsTool } from './spending/usage-analytics.ts'
import { getVolumeDiscountTool } from './spending/volume-discount.ts'
import type { Tool } from './tool.ts'
import { createEscrowTool, refundEscrowTool, releaseEscrowTool } from './trade/escrows.ts'
import { authorizeCallTool, settleCallTool, voidHoldTool } from './trade/model-calls.ts'
import { publishServiceTool, searchServicesTool, submitMetricsTool } from './trade/services.ts'
import { createWalletTool, depositTool, getBalanceTool } from './trade/wallets.ts'
import { deleteWebhookTool, getWebhookLogsTool, listWebhooksTool, registerWebhookTool, updateWebhookTool } from './trade/webhooks.ts'

/** Every tool of the agent wallet family, once, by its name. */
export const TOOLS: ReadonlyMap<string, Tool> = new Map(
  [
    createWalletTool,
    getBalanceTool,
    depositTool,
    setBudgetCapTool,
    getBudgetStatusTool,
    getSpendingAllowanceTool,
    getUsageAnalyticsTool,
    getBillingSummaryTool,
    getSpendingByCategoryTool,
    getVolumeDiscountTool,
    estimateCostTool,
    convertCurrencyTool,
    getAgentLeaderboardTool,
    getPlatformStatsTool,
    createApiKeyTool,
    rotateApiKeyTool,
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
  ].map((tool) => [tool.definition.tool, tool]),
)
