import {
  AnomaliesAnswer,
  AnomaliesQuery,
  AnomalyRule,
  AnomalyRuleNamed,
  AnomalyRuleRemoved,
  AnomalyRuleSet,
  AnomalyRulesAnswer,
  AnomalyRulesQuery,
  LearnedBaselinesAnswer,
  LearnedBaselinesQuery,
} from '../anomalies.ts'
import { endpoint } from './endpoint.ts'

const family = 'Anomalies'

export const findAnomalies = endpoint({
  operation: 'find_anomalies',
  method: 'GET',
  path: '/v1/finops/anomalies',
  input: AnomaliesQuery,
  answer: AnomaliesAnswer,
  permission: 'read',
  family,
  summary: 'Spend that its own history does not explain',
  description:
    'By agent unless said otherwise, compared with what was learned for each hour of the week. One finding for an episode, with its likely cause: the change against the same hours of the weeks before, divided into parts that add up exactly, and the calls behind it.',
  example: { input: { organization_id: 'org_789', period: '7d' } },
})

export const listLearnedBaselines = endpoint({
  operation: 'list_learned_baselines',
  method: 'GET',
  path: '/v1/finops/baselines',
  input: LearnedBaselinesQuery,
  answer: LearnedBaselinesAnswer,
  permission: 'read',
  family,
  summary: 'What agents usually spend in an hour, as learned from their last weeks',
  example: { input: { organization_id: 'org_789' } },
})

export const setAnomalyRule = endpoint({
  operation: 'set_anomaly_rule',
  method: 'PUT',
  path: '/v1/finops/anomaly-rules',
  input: AnomalyRuleSet,
  answer: AnomalyRule,
  permission: 'manage',
  family,
  summary: 'Say what is done when an agent spends what is not normal for it',
  description: 'One rule for all agents of an organization, and one for each agent that is to be treated otherwise. Audited.',
  example: { input: { organization_id: 'org_789', action: 'alert', severity_min: 'medium' } },
})

export const listAnomalyRules = endpoint({
  operation: 'list_anomaly_rules',
  method: 'GET',
  path: '/v1/finops/anomaly-rules',
  input: AnomalyRulesQuery,
  answer: AnomalyRulesAnswer,
  permission: 'read',
  family,
  summary: 'The rules, and what was done by them',
  example: { input: {} },
})

export const removeAnomalyRule = endpoint({
  operation: 'remove_anomaly_rule',
  method: 'POST',
  path: '/v1/finops/anomaly-rules/remove',
  input: AnomalyRuleNamed,
  answer: AnomalyRuleRemoved,
  permission: 'manage',
  family,
  summary: 'Remove a rule: nothing more is done by it',
  example: { input: { organization_id: 'org_789' } },
})

export const ANOMALIES = [findAnomalies, listLearnedBaselines, setAnomalyRule, listAnomalyRules, removeAnomalyRule] as const
