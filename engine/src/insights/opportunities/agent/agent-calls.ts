import type { Measures, PriceableCall } from '../../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../../kernel/index.ts'
import type { CallSaving, Finding, Opportunity, Repricer } from '../opportunity.ts'
import { priorityOf } from '../priority.ts'
import { shownIds } from '../swap.ts'

/** An agent with a large share of the cost, and its calls that are looked at one by one, latest first. */
export interface AgentCalls {
  readonly agent: string
  /** Over all its calls. */
  readonly sums: Measures
  readonly total: Picos
  readonly calls: readonly PriceableCall[]
  readonly reprice: Repricer
}

type Words = Pick<Opportunity, 'type' | 'recommendation' | 'assumption' | 'range' | 'risk'>

/** The opportunity of an agent that saves something on some of its calls. */
export function agentFinding({ agent, sums, total, calls }: AgentCalls, savings: readonly CallSaving[], words: Words): Finding {
  const saving = savedBy(savings)
  const opportunity: Opportunity = {
    ...words,
    id: `${words.type}:${agent}`,
    priority: priorityOf(saving, sums.cost, total),
    subject: agent,
    currentCost: sums.cost,
    calls: {
      count: sums.calls,
      unpriced: sums.unpriced,
      examined: calls.length,
      saving: savings.length,
      callIds: shownIds(savings, calls),
    },
    alternativeModels: [],
    potentialSavings: saving,
  }
  return { opportunity, byCall: savings, byRepeat: [], byRun: [] }
}

export function savedBy(savings: readonly CallSaving[]): Picos {
  return sumPicos(savings.map(({ saving }) => saving))
}

/** What a call would save if it were made otherwise on its own model; null where that cannot be said. */
export function savedOtherwise(
  call: PriceableCall,
  reprice: Repricer,
  otherwise: Parameters<NonNullable<ReturnType<Repricer>>>[1],
): Picos | null {
  if (call.cost === null || call.model === null) return null
  const cost = reprice(call)?.(call.model, otherwise) ?? null
  return cost === null ? null : picos(call.cost - cost)
}

export function isAbove(amount: Picos | null): amount is Picos {
  return amount !== null && amount > ZERO
}
