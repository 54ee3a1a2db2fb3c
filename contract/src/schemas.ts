import type { TSchema } from '@sinclair/typebox'
import { Advice } from './advice.ts'
import { AgentStanding, OrganizationStopped } from './agents.ts'
import { WebhookAnswer } from './alerts.ts'
import { ChainNode } from './analytics.ts'
import { Breaker, OpenBreaker } from './breakers.ts'
import { Budget, BudgetStanding, Overrun } from './budgets.ts'
import { AllocationRuleAnswer, CostBudget, CostBudgetStatus } from './chargeback/index.ts'
import { GatewayPolicyAnswer } from './gateway/index.ts'
import { IssuedInvoice } from './invoices.ts'
import { KeyAnswer } from './keys.ts'
import { Service } from './market.ts'
import { ActiveAnomaly, BurnBaseline, BurnRate, ValuationRate } from './monitoring/index.ts'
import { ChargeExplained, UsageExplained } from './pricing.ts'
import { RateCardAnswer } from './rates.ts'
import { DailyAlert, DailyScore } from './reporting/answers.ts'
import { DailyCustomer } from './reporting/register.ts'
import { Wallet } from './wallets.ts'

/** Schemas that others refer to by their `$id`; a validator is given all of them. */
export const REFERRED: readonly TSchema[] = [
  ActiveAnomaly,
  Advice,
  AgentStanding,
  AllocationRuleAnswer,
  Breaker,
  Budget,
  BudgetStanding,
  BurnBaseline,
  BurnRate,
  ChainNode,
  ChargeExplained,
  CostBudget,
  CostBudgetStatus,
  DailyAlert,
  DailyCustomer,
  DailyScore,
  GatewayPolicyAnswer,
  IssuedInvoice,
  KeyAnswer,
  Overrun,
  OpenBreaker,
  OrganizationStopped,
  RateCardAnswer,
  Service,
  UsageExplained,
  ValuationRate,
  Wallet,
  WebhookAnswer,
]
