import type { TSchema } from '@sinclair/typebox'
import { KeyAnswer } from './administration.ts'
import { AgentStanding, OrganizationStopped } from './agents.ts'
import { ChainNode } from './analytics.ts'
import { Breaker, OpenBreaker } from './breakers.ts'
import { Budget, BudgetStanding } from './budgets.ts'
import { Service } from './market.ts'
import { ChargeExplained, UsageExplained } from './pricing.ts'
import { RateCardAnswer } from './rates.ts'
import { Wallet } from './wallets.ts'

/** Schemas that others refer to by their `$id`; a validator is given all of them. */
export const REFERRED: readonly TSchema[] = [
  AgentStanding,
  Breaker,
  Budget,
  BudgetStanding,
  ChainNode,
  ChargeExplained,
  KeyAnswer,
  OpenBreaker,
  OrganizationStopped,
  RateCardAnswer,
  Service,
  UsageExplained,
  Wallet,
]
