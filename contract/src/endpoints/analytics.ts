import { Advice, AdviceList, AdviceQuery, DecideAdvice } from '../advice.ts'
import {
  AgentsAnswer,
  AnalyticsQuery,
  AttributionAnswer,
  AttributionQuery,
  CallQuery,
  ChainAnswer,
  ChainQuery,
  ModelsAnswer,
  OpportunitiesAnswer,
  OverviewAnswer,
  ReportAnswer,
  ReportQuery,
  SessionsAnswer,
  WorkflowAnswer,
  WorkflowQuery,
} from '../analytics.ts'
import { CallExplained } from '../pricing.ts'
import { endpoint } from './endpoint.ts'

const family = 'Analytics'
const common = { method: 'GET', permission: 'read', family } as const

export const spendByAgent = endpoint({
  ...common,
  operation: 'spend_by_agent',
  path: '/v1/finops/analytics/agents',
  input: AnalyticsQuery,
  answer: AgentsAnswer,
  summary: 'Which agents drive the spend',
  example: { input: { organization_id: 'org_789' } },
})

export const spendByModel = endpoint({
  ...common,
  operation: 'spend_by_model',
  path: '/v1/finops/analytics/models',
  input: AnalyticsQuery,
  answer: ModelsAnswer,
  summary: 'Which models drive the spend',
  example: { input: { organization_id: 'org_789' } },
})

export const spendBySession = endpoint({
  ...common,
  operation: 'spend_by_session',
  path: '/v1/finops/analytics/sessions',
  input: AnalyticsQuery,
  answer: SessionsAnswer,
  summary: 'What each user session costs',
  example: { input: { organization_id: 'org_789' } },
})

export const workflowPerformance = endpoint({
  ...common,
  operation: 'workflow_performance',
  path: '/v1/finops/analytics/workflows/{workflow_name}',
  input: WorkflowQuery,
  answer: WorkflowAnswer,
  summary: 'How a workflow performs over its executions',
  example: { input: { workflow_name: 'Generate Report', organization_id: 'org_789' } },
})

export const callChain = endpoint({
  ...common,
  operation: 'call_chain',
  path: '/v1/finops/analytics/chains/{workflow_id}',
  input: ChainQuery,
  answer: ChainAnswer,
  summary: 'The call tree of one execution',
  description: 'Tree, depth, and the critical path: the chain from a root call to a leaf that costs the most.',
  example: { input: { workflow_id: 'workflow_abc' } },
})

export const attributeSpend = endpoint({
  ...common,
  operation: 'attribute_spend',
  path: '/v1/finops/analytics/attribution',
  input: AttributionQuery,
  answer: AttributionAnswer,
  summary: 'Spend by any dimension',
  example: { input: { organization_id: 'org_789', group_by: 'user' } },
})

export const findOpportunities = endpoint({
  ...common,
  operation: 'find_opportunities',
  path: '/v1/finops/optimization/opportunities',
  input: AnalyticsQuery,
  answer: OpportunitiesAnswer,
  summary: 'Where money can be saved',
  description: 'Each saving is computed from the calls behind it by pricing them again, never by a fixed percentage.',
  example: { input: { organization_id: 'org_789' } },
})

export const decideAdvice = endpoint({
  operation: 'decide_advice',
  method: 'PUT',
  path: '/v1/finops/optimization/opportunities/{opportunity_id}',
  input: DecideAdvice,
  answer: Advice,
  permission: 'manage',
  family: 'Advice',
  summary: 'Decide on an opportunity: accepted, dismissed, done, or open again',
  description: 'What it promised is kept. Once it is done, what the calls cost since then is compared with before.',
  example: { input: { opportunity_id: 'expensive_agent:DataAnalyzer', state: 'accepted', note: 'after the evaluation' } },
})

export const listAdvice = endpoint({
  ...common,
  family: 'Advice',
  operation: 'list_advice',
  path: '/v1/finops/optimization/advice',
  input: AdviceQuery,
  answer: AdviceList,
  summary: 'What was decided on advice, and what it has saved since',
  example: { input: { state: 'done' } },
})

export const overview = endpoint({
  ...common,
  operation: 'overview',
  path: '/v1/finops/dashboard/overview',
  input: AnalyticsQuery,
  answer: OverviewAnswer,
  summary: 'The whole picture of a period',
  example: { input: { organization_id: 'org_789', period: '30d' } },
})

export const exportReport = endpoint({
  ...common,
  operation: 'export_report',
  path: '/v1/finops/export/report',
  input: ReportQuery,
  answer: ReportAnswer,
  formats: { csv: 'text/csv' },
  summary: 'A report as JSON or CSV',
  description: 'CSV with format=csv, or when the request accepts text/csv and not JSON.',
  example: { input: { organization_id: 'org_789', group_by: 'agent,model', bucket: 'day', period: '30d' } },
})

export const explainCall = endpoint({
  ...common,
  operation: 'explain_call',
  path: '/v1/finops/calls/{call_id}',
  input: CallQuery,
  answer: CallExplained,
  summary: 'One call, explained to the last line',
  description:
    'Usage with evidence, each priced line with its rate card and where that came from, transfers, adjustments. Who and what it is for is shown as it was posted; workflow_name is that of its execution today, also where a start came later.',
  example: { input: { call_id: 'call_1' } },
})

export const ANALYTICS = [
  decideAdvice,
  listAdvice,
  spendByAgent,
  spendByModel,
  spendBySession,
  workflowPerformance,
  callChain,
  attributeSpend,
  findOpportunities,
  overview,
  exportReport,
  explainCall,
] as const
