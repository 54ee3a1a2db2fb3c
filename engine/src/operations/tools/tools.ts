import { getBudgetStatusTool } from './budget-status.ts'
import { convertCurrencyTool } from './convert-currency.ts'
import { estimateCostTool } from './estimate-cost.ts'
import { getAgentLeaderboardTool, getPlatformStatsTool } from './fleet.ts'
import { authorizeCallTool, settleCallTool, voidHoldTool } from './model-calls.ts'
import { setBudgetCapTool } from './set-budget-cap.ts'
import { getSpendingAllowanceTool } from './spending-allowance.ts'
import { getSpendingByCategoryTool } from './spending-by-category.ts'
import type { Tool } from './tool.ts'
import { getBillingSummaryTool, getUsageAnalyticsTool } from './usage-analytics.ts'
import { getVolumeDiscountTool } from './volume-discount.ts'

/** Every tool of the agent wallet family, once, by its name. */
export const TOOLS: ReadonlyMap<string, Tool> = new Map(
  [
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
    authorizeCallTool,
    settleCallTool,
    voidHoldTool,
  ].map((tool) => [tool.definition.tool, tool]),
)
