import type { PriceableCall } from '../../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../../kernel/index.ts'
import { countWords, usdWords } from '../money-words.ts'
import type { CallSaving, Finding } from '../opportunity.ts'
import { type AgentCalls, agentFinding, savedBy, savedOtherwise } from './agent-calls.ts'

/** How long a seller keeps what was written to its cache; each use begins it anew. */
const KEPT_MS = 5 * 60_000
/** Shorter beginnings are not kept by any seller. */
const PREFIX_TOKENS_MIN = 1_024
const CALLS_MIN = 10

/**
 * Calls of one model that use no cache, priced as if they began with the same tokens: no more of them than the shortest of these calls has. What writing them
 * costs more is taken off what reading them saves, in the order of time.
 */
export function promptCaching(of: AgentCalls): Finding[] {
  const savings = byModel(of.calls).flatMap((calls) => withCache(calls, of))
  const high = savedBy(savings)
  if (savings.length === 0 || high <= ZERO) return []
  const models = new Set(savings.map(({ call }) => call.model))
  return [
    agentFinding(of, savings, {
      type: 'prompt_caching',
      recommendation: `Agent "${of.agent}" sends ${countWords(savings.length, 'call')} to ${[...models].join(', ')} within five minutes of another, and none of it is cached. If they begin alike, caching what they share would have saved up to ${usdWords(high)}, after what writing it costs.`,
      assumption:
        'The calls begin with the same tokens, as many as the shortest of them has: instructions, tools, examples. Text is not kept here, so only you can tell.',
      range: { low: ZERO, high, words: 'from nothing, if no two calls begin alike, to all that the shortest call could share' },
      risk: {
        level: 'low',
        words: 'Answers do not change. Calls that share nothing would cost a little more for what is written and never read.',
      },
    }),
  ]
}

function byModel(calls: readonly PriceableCall[]): PriceableCall[][] {
  const models = new Map<string, PriceableCall[]>()
  for (const call of calls) {
    const key = `${call.seller}\n${call.model}`
    models.set(key, [...(models.get(key) ?? []), call])
  }
  return [...models.values()]
}

function withCache(calls: readonly PriceableCall[], { reprice }: AgentCalls): CallSaving[] {
  const usable = calls.filter((call) => call.success && call.cost !== null && call.usageEvidence !== 'missing')
  const prefix = Math.min(...usable.map(({ inputTokens }) => inputTokens))
  if (
    usable.length < CALLS_MIN ||
    prefix < PREFIX_TOKENS_MIN ||
    usable.some((call) => call.cacheReadTokens > 0 || call.cacheWriteTokens > 0)
  )
    return []
  const savings: CallSaving[] = []
  let [last, owed]: [number, Picos] = [Number.NEGATIVE_INFINITY, ZERO]
  for (const call of [...usable].sort((a, b) => a.at - b.at)) {
    const isKept = call.at - last <= KEPT_MS
    last = call.at
    const saved = savedOtherwise(call, reprice, isKept ? { cacheReadTokens: prefix } : { cacheWriteTokens: prefix })
    if (saved === null) return []
    const net = picos(saved + owed)
    if (net > ZERO) savings.push({ call, saving: net })
    owed = belowZero(net)
  }
  // What is owed in the end was written and not read any more: it comes off the last saving, and so on.
  return paidOff(savings, owed)
}

function paidOff(savings: readonly CallSaving[], owed: Picos): CallSaving[] {
  let rest = owed
  const kept: CallSaving[] = []
  for (const { call, saving } of [...savings].reverse()) {
    const net = picos(saving + rest)
    if (net > ZERO) kept.push({ call, saving: net })
    rest = belowZero(net)
  }
  return kept.sort((a, b) => (a.saving === b.saving ? a.call.seq - b.call.seq : a.saving > b.saving ? -1 : 1))
}

function belowZero(amount: Picos): Picos {
  if (amount < ZERO) return amount
  return ZERO
}
