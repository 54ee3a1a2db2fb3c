import { CacheAnswer, EfficiencyAnswer, EfficiencyQuery, ForensicsAnswer, WasteAnswer } from '../efficiency/index.ts'
import { endpoint } from './endpoint.ts'

const family = 'Efficiency'
const common = { method: 'GET', permission: 'read', family, input: EfficiencyQuery } as const

export const findWaste = endpoint({
  ...common,
  operation: 'find_waste',
  path: '/v1/finops/analytics/waste',
  answer: WasteAnswer,
  summary: 'What was spent for nothing, by category, and how it was found',
  description:
    'Declared by callers (tag `waste`, or an action that says so) or detected by a rule that the answer names. Amounts are sums of posted costs; each call is in one category.',
  example: { input: { organization_id: 'org_789', period: '30d' } },
})

export const analyseCache = endpoint({
  ...common,
  operation: 'analyse_cache',
  path: '/v1/finops/analytics/cache',
  answer: CacheAnswer,
  summary: 'How well caches of prompts are used, and what another lifetime would have cost',
  description: 'Savings are computed by pricing the calls again, and may be below zero. docs/cache.md says what each figure means.',
  example: { input: { organization_id: 'org_789', period: '24h' } },
})

export const findFailureModes = endpoint({
  ...common,
  operation: 'find_failure_modes',
  path: '/v1/finops/analytics/forensics',
  answer: ForensicsAnswer,
  summary: 'Calls and runs that cost far more than usual, how they failed, and what that cost',
  example: { input: { organization_id: 'org_789', period: '7d' } },
})

export const efficiencyScore = endpoint({
  ...common,
  operation: 'score_efficiency',
  path: '/v1/finops/analytics/efficiency',
  answer: EfficiencyAnswer,
  summary: 'A score from measured parts, with the points that each part costs, and its trend',
  description: 'docs/efficiency.md defines it.',
  example: { input: { organization_id: 'org_789', period: '30d' } },
})

export const EFFICIENCY = [findWaste, analyseCache, findFailureModes, efficiencyScore] as const
