import type { PriceableCall } from '../../../calls/index.ts'
import { sumPicos, ZERO } from '../../../kernel/index.ts'
import { countWords, usdWords } from '../money-words.ts'
import type { CallSaving, Finding } from '../opportunity.ts'
import { type AgentCalls, agentFinding, isAbove, savedBy, savedOtherwise } from './agent-calls.ts'

const CALLS_MIN = 10

/** Calls that nobody waits for, as far as is known, priced on the batch tier of their own model: those that name neither user nor session. */
export function batchTier(of: AgentCalls): Finding[] {
  const savings = of.calls.filter(couldWait).flatMap((call): CallSaving[] => {
    const saving = savedOtherwise(call, of.reprice, { tier: 'batch' })
    return isAbove(saving) ? [{ call, saving }] : []
  })
  if (savings.length < CALLS_MIN) return []
  const outside = savings.filter(({ call }) => call.runId === null)
  const [high, cost] = [savedBy(savings), sumPicos(savings.map(({ call }) => call.cost ?? ZERO))]
  return [
    agentFinding(of, savings, {
      type: 'batch_tier',
      recommendation: `Agent "${of.agent}" made ${countWords(savings.length, 'call')} worth ${usdWords(cost)} that name neither a user nor a session. As a batch they would have cost ${usdWords(high)} less.`,
      assumption: 'Nobody waits for these calls: their answers may come hours later.',
      range: {
        low: savedBy(outside),
        high,
        words: 'from the calls outside of any run to all of them: calls of a run may wait for each other',
      },
      risk: { level: 'low', words: 'Answers are the same and come later, mostly within a day.' },
    }),
  ]
}

function couldWait(call: PriceableCall): boolean {
  return call.success && !call.attended && (call.tier === null || call.tier === 'standard')
}
