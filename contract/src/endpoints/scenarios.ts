import { OutcomesAnswer, OutcomesQuery, WhatIfAnswer, WhatIfQuestion } from '../scenarios/index.ts'
import { endpoint } from './endpoint.ts'

const family = 'Advice'

export const whatIf = endpoint({
  operation: 'what_if',
  method: 'POST',
  path: '/v1/finops/what-if',
  input: WhatIfQuestion,
  answer: WhatIfAnswer,
  permission: 'read',
  family,
  summary: 'What calls would have cost if, or what a budget would have refused',
  description:
    'Every call of the question is priced again under the changes, at the rates of its own time; what cannot be said is counted with the reason and never guessed. With `budget` in place of `changes`, the calls are put before the budget in their order, by the rules the ledger decides by.',
  example: {
    input: {
      organization_id: 'org_789',
      period: '30d',
      changes: [{ swap_model: { from: 'gpt-4o', to: 'gpt-4o-mini' }, where: { agent: 'summarizer' } }, { tier: 'batch' }],
    },
  },
})

export const costPerOutcome = endpoint({
  operation: 'cost_per_outcome',
  method: 'GET',
  path: '/v1/finops/analytics/outcomes',
  input: OutcomesQuery,
  answer: OutcomesAnswer,
  permission: 'read',
  family,
  summary: 'What a successful run, a task, a user or a session costs, week over week',
  description:
    'With the change against the last full week and the four before it, and the levers behind it: parts that add up to the change exactly. Too few outcomes are said to be too few.',
  example: { input: { organization_id: 'org_789', per: 'run', workflow: 'Generate Report', weeks: 8 } },
})

export const SCENARIOS = [whatIf, costPerOutcome] as const
