import {
  AuthorizeCall,
  BudgetRemove,
  BudgetRemoved,
  BudgetSet,
  BudgetsAnswer,
  BudgetsQuery,
  BudgetWasSet,
  CallAuthorized,
  ExtendHold,
  HoldExtended,
  HoldVoided,
  VoidHold,
} from '../budgets.ts'
import { CallTracked, TrackCall } from '../tracking.ts'
import { endpoint } from './endpoint.ts'

const family = 'Budgets'

export const authorizeCall = endpoint({
  operation: 'authorize_call',
  method: 'POST',
  path: '/v1/finops/calls/authorize',
  input: AuthorizeCall,
  answer: CallAuthorized,
  permission: 'report',
  family,
  idempotencyField: 'call_id',
  summary: 'Ask before a call is made, and hold the most that it can cost',
  description:
    'Granted only if every budget that the call counts in has room for its worst case; then nothing else can spend that money. A refusal is a 402 that names each budget that refuses.',
  example: { input: { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1200, max_output_tokens: 800 } },
})

export const settleCall = endpoint({
  operation: 'settle_call',
  method: 'POST',
  path: '/v1/finops/calls/{call_id}/settle',
  input: TrackCall,
  answer: CallTracked,
  permission: 'report',
  family,
  summary: 'Report an authorized call as it was',
  description: 'The same as reporting a call with that call_id: what was held is given back, and what it cost is posted in full.',
  example: { input: { call_id: 'call_1', model: 'gpt-4o', input_tokens: 1187, output_tokens: 412 } },
})

export const extendHold = endpoint({
  operation: 'extend_hold',
  method: 'POST',
  path: '/v1/finops/calls/{call_id}/extend',
  input: ExtendHold,
  answer: HoldExtended,
  permission: 'report',
  family,
  summary: 'Keep the money of a call that takes longer',
  example: { input: { call_id: 'call_1', ttl_seconds: 900 } },
})

export const voidHold = endpoint({
  operation: 'void_hold',
  method: 'POST',
  path: '/v1/finops/calls/{call_id}/void',
  input: VoidHold,
  answer: HoldVoided,
  permission: 'report',
  family,
  summary: 'Give back the money of a call that is not made',
  example: { input: { call_id: 'call_1', reason: 'cancelled' } },
})

export const setBudget = endpoint({
  operation: 'set_budget',
  method: 'PUT',
  path: '/v1/finops/budgets',
  input: BudgetSet,
  answer: BudgetWasSet,
  permission: 'manage',
  family,
  summary: 'Set a limit on spending',
  description:
    'It counts everything spent since its period began, also before it was set. The same dimension, value, period and zone name the same budget; it is then changed.',
  example: { input: { organization_id: 'org_789', dimension: 'agent', value: 'researcher', period: 'day', limit_usd: '1' } },
})

export const listBudgets = endpoint({
  operation: 'list_budgets',
  method: 'GET',
  path: '/v1/finops/budgets',
  input: BudgetsQuery,
  answer: BudgetsAnswer,
  permission: 'read',
  family,
  summary: 'Budgets and how they stand',
  example: { input: { dimension: 'agent' } },
})

export const removeBudget = endpoint({
  operation: 'remove_budget',
  method: 'POST',
  path: '/v1/finops/budgets/{budget_id}/remove',
  input: BudgetRemove,
  answer: BudgetRemoved,
  permission: 'manage',
  family,
  summary: 'Remove a budget',
  example: { input: { budget_id: 'budget_1' } },
})

export const BUDGETS = [authorizeCall, settleCall, extendHold, voidHold, setBudget, listBudgets, removeBudget] as const
