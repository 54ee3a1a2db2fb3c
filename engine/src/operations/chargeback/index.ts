import {
  changeCostBudgetOperation,
  changeNamedCostBudgetOperation,
  costBudgetsStatusOperation,
  listCostBudgetsOperation,
  removeCostBudgetOperation,
  removeNamedCostBudgetOperation,
  setCostBudgetOperation,
} from './budgets.ts'
import { ingestTraceOperation } from './ingest-trace.ts'
import { costReportOperation } from './report.ts'
import { listAllocationRulesOperation, removeAllocationRuleOperation, setAllocationRuleOperation } from './rules.ts'

export const CHARGEBACK_OPERATIONS = [
  ingestTraceOperation,
  costReportOperation,
  setCostBudgetOperation,
  listCostBudgetsOperation,
  changeCostBudgetOperation,
  changeNamedCostBudgetOperation,
  removeCostBudgetOperation,
  removeNamedCostBudgetOperation,
  costBudgetsStatusOperation,
  setAllocationRuleOperation,
  listAllocationRulesOperation,
  removeAllocationRuleOperation,
]
