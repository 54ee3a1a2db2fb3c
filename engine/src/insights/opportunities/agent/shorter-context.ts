import type { PriceableCall } from '../../../calls/index.ts'
import { countWords, usdWords } from '../money-words.ts'
import type { CallSaving, Finding } from '../opportunity.ts'
import { type AgentCalls, agentFinding, isAbove, savedBy, savedOtherwise } from './agent-calls.ts'

const CALLS_MIN = 20
/** So many times as long as is usual for the agent, and so long at least, is too long. */
const USUAL_TIMES = 4
const INPUT_TOKENS_MIN = 8_000

/** Calls whose input is far longer than is usual for the agent, priced as if it had been cut to what is long but not unusual. */
export function shorterContext(of: AgentCalls): Finding[] {
  const known = of.calls.filter((call) => call.usageEvidence !== 'missing')
  if (known.length < CALLS_MIN) return []
  const usual = medianOf(known.map(({ inputTokens }) => inputTokens))
  const longest = Math.max(USUAL_TIMES * usual, INPUT_TOKENS_MIN)
  const long = known.filter(({ inputTokens, success }) => success && inputTokens > longest)
  const savings = cutTo(longest, long, of)
  if (savings.length === 0) return []
  const [low, high] = [savedBy(savings), savedBy(cutTo(Math.max(usual, 1), long, of))]
  return [
    agentFinding(of, savings, {
      type: 'shorter_context',
      recommendation: `Agent "${of.agent}" sent ${countWords(savings.length, 'call')} with more than ${longest.toLocaleString('en-US')} tokens in, where ${usual.toLocaleString('en-US')} are usual. Cut to that length they would have cost ${usdWords(low)} less: look for logs, files or histories that are sent whole.`,
      assumption: `The work can be done with ${longest.toLocaleString('en-US')} tokens in, and the answer stays as long.`,
      range: { low, high, words: 'from a cut to the longest that is not unusual to a cut to the usual length' },
      risk: { level: 'medium', words: 'What is left out may be what the answer needs.' },
    }),
  ]
}

function cutTo(tokens: number, calls: readonly PriceableCall[], { reprice }: AgentCalls): CallSaving[] {
  return calls.flatMap((call) => {
    const saving = savedOtherwise(call, reprice, cut(call, tokens))
    return isAbove(saving) ? [{ call, saving }] : []
  })
}

/** Each kind of input is cut in proportion: what is cached of a long context is cached of a short one. */
function cut({ inputTokens, cacheReadTokens, cacheWriteTokens }: PriceableCall, tokens: number) {
  const part = (count: number): number => Math.floor((count * tokens) / inputTokens)
  return { inputTokens: tokens, cacheReadTokens: part(cacheReadTokens), cacheWriteTokens: part(cacheWriteTokens) }
}

function medianOf(counts: readonly number[]): number {
  return [...counts].sort((a, b) => a - b)[Math.floor((counts.length - 1) / 2)] ?? 0
}
