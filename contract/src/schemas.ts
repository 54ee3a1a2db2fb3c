import type { TSchema } from '@sinclair/typebox'
import { KeyAnswer } from './administration.ts'
import { AgentStanding, OrganizationStopped } from './agents.ts'
import { ChainNode } from './analytics.ts'
import { Breaker, OpenBreaker } from './breakers.ts'
import { Budget, BudgetStanding } from './budgets.ts'
import { ChargeExplained, UsageExplained } from './pricing.ts'
import { RateCardAnswer } from './rates.ts'

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
  UsageExplained,
]
