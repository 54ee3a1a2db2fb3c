import {
  AllocationRuleAnswer,
  AllocationRuleRemove,
  AllocationRuleRemoved,
  AllocationRuleSet,
  AllocationRules,
  AllocationRulesQuery,
  CostBudget,
  CostBudgetChange,
  CostBudgetRemove,
  CostBudgetRemoved,
  CostBudgetSet,
  CostBudgets,
  CostBudgetsQuery,
  CostBudgetsStatus,
  CostReport,
  CostReportQuery,
  IngestTrace,
  TraceIngested,
} from '../chargeback/index.ts'
import { endpoint } from './endpoint.ts'

const family = 'Chargeback'

export const ingestTrace = endpoint({
  operation: 'ingest_trace',
  method: 'POST',
  path: '/api/v1/traces/ingest',
  input: IngestTrace,
  answer: TraceIngested,
  permission: 'report',
  family,
  status: 201,
  idempotencyField: 'traceId',
  summary: 'Report one execution of an agent, with the dimensions it is charged to',
  description:
    'Posted as a call, durably and once. Where only tokensUsed is given they are divided by the lengths of input and output, which are not kept, and the cost is marked as estimated.',
  example: {
    input: {
      agentId: 'agt_01j',
      input: 'Summarise Q2 revenue figures',
      output: 'Revenue rose by 4 %.',
      costCenter: 'finance',
      project: 'q2-reporting',
      team: 'data-analytics',
      tokensUsed: 1840,
      modelId: 'claude-sonnet-4-6',
    },
  },
})

export const costReport = endpoint({
  operation: 'cost_report',
  method: 'GET',
  path: '/api/v1/cost/report',
  input: CostReportQuery,
  answer: CostReport,
  permission: 'read',
  family,
  formats: { csv: 'text/csv' },
  summary: 'Who is charged what, as JSON or CSV',
  description: 'Shared cost is divided by the rules of the organization. What nobody is charged is a line of its own.',
  example: { input: { groupBy: 'costCenter' } },
})

export const setCostBudget = endpoint({
  operation: 'set_cost_budget',
  method: 'POST',
  path: '/api/v1/cost/budgets',
  input: CostBudgetSet,
  answer: CostBudget,
  permission: 'manage',
  family,
  status: 201,
  summary: 'Cap what a cost center, project or team spends in a period',
  description: 'A cap on the same dimension, value and period is replaced. It counts what its period has seen so far.',
  example: { input: { dimension: 'costCenter', value: 'finance', limitUsd: 500, periodType: 'monthly' } },
})

export const listCostBudgets = endpoint({
  operation: 'list_cost_budgets',
  method: 'GET',
  path: '/api/v1/cost/budgets',
  input: CostBudgetsQuery,
  answer: CostBudgets,
  permission: 'read',
  family,
  summary: 'The caps of an organization',
  example: { input: { dimension: 'costCenter' } },
})

const changing = {
  input: CostBudgetChange,
  answer: CostBudget,
  permission: 'manage',
  family,
  example: { input: { id: 'budget_1', limitUsd: 750 } },
} as const

export const changeCostBudget = endpoint({
  ...changing,
  operation: 'change_cost_budget',
  method: 'PUT',
  path: '/api/v1/cost/budgets/{id}',
  summary: 'Change a cap',
  description: 'What is left out stays as it is.',
})

export const changeNamedCostBudget = endpoint({
  ...changing,
  operation: 'change_named_cost_budget',
  method: 'PUT',
  path: '/api/v1/cost/budgets',
  summary: 'Change a cap that the body names',
})

const removing = {
  input: CostBudgetRemove,
  answer: CostBudgetRemoved,
  permission: 'manage',
  family,
  example: { input: { id: 'budget_1' } },
} as const

export const removeCostBudget = endpoint({
  ...removing,
  operation: 'remove_cost_budget',
  method: 'DELETE',
  path: '/api/v1/cost/budgets/{id}',
  summary: 'Remove a cap',
})

export const removeNamedCostBudget = endpoint({
  ...removing,
  operation: 'remove_named_cost_budget',
  method: 'DELETE',
  path: '/api/v1/cost/budgets',
  summary: 'Remove a cap that the query names',
})

export const costBudgetsStatus = endpoint({
  operation: 'cost_budgets_status',
  method: 'GET',
  path: '/api/v1/cost/budgets/status',
  input: CostBudgetsQuery,
  answer: CostBudgetsStatus,
  permission: 'read',
  family,
  summary: 'What was spent against each cap, with an alert state',
  example: { input: { dimension: 'costCenter' } },
})

export const setAllocationRule = endpoint({
  operation: 'set_allocation_rule',
  method: 'PUT',
  path: '/v1/finops/allocation-rules',
  input: AllocationRuleSet,
  answer: AllocationRuleAnswer,
  permission: 'manage',
  family,
  summary: 'Declare how a shared cost is divided',
  description:
    'Divided to the pico-dollar: parts are rounded down, and what is left goes to the parts that lost most by it, of equals to the earlier one.',
  example: {
    input: {
      name: 'Router',
      dimension: 'cost_center',
      shared: [{ dimension: 'agent', in: ['router'] }],
      method: 'percent',
      targets: [
        { value: 'finance', weight: 60 },
        { value: 'research', weight: 40 },
      ],
    },
  },
})

export const listAllocationRules = endpoint({
  operation: 'list_allocation_rules',
  method: 'GET',
  path: '/v1/finops/allocation-rules',
  input: AllocationRulesQuery,
  answer: AllocationRules,
  permission: 'read',
  family,
  summary: 'How shared costs are divided',
  example: { input: { organization_id: 'org_789' } },
})

export const removeAllocationRule = endpoint({
  operation: 'remove_allocation_rule',
  method: 'DELETE',
  path: '/v1/finops/allocation-rules/{rule_id}',
  input: AllocationRuleRemove,
  answer: AllocationRuleRemoved,
  permission: 'manage',
  family,
  summary: 'Divide a cost no more',
  example: { input: { rule_id: 'rule_1' } },
})

export const CHARGEBACK = [
  ingestTrace,
  costReport,
  setCostBudget,
  listCostBudgets,
  changeCostBudget,
  changeNamedCostBudget,
  removeCostBudget,
  removeNamedCostBudget,
  costBudgetsStatus,
  setAllocationRule,
  listAllocationRules,
  removeAllocationRule,
] as const
