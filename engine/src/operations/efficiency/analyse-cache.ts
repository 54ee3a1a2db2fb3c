import { analyseCache as analyseCacheEndpoint, type CacheAnswer } from '@purser/contract'
import { knownTokens } from '../../calls/index.ts'
import { analyseCache, type CacheAnalysis, type CacheScenario } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { periodAnswer, rounded, timeText } from '../wire/measures-answer.ts'
import { amountAnswer, efficiencyQuestion, pricingCalls } from './pricing-calls.ts'

/** How well are caches used, and what would another lifetime have cost? */
export const analyseCacheOperation = implement(analyseCacheEndpoint, async (context, input): Promise<Result<CacheAnswer>> => {
  const question = efficiencyQuestion(context, input)
  if (!question.ok) return question
  const { query, examine } = question.value
  return answering(async () => {
    const analysis = await analyseCache(context.services.calls, { ...query, ...examine, ...pricingCalls(context.services) })
    const { total, inputCost, overlap } = analysis
    return ok({
      period: periodAnswer(query),
      total_calls: total.calls,
      unmetered_calls: total.unmetered,
      input_tokens: knownTokens(total, total.inputTokens),
      cache_read_tokens: knownTokens(total, total.cacheReadTokens),
      cache_write_tokens: knownTokens(total, total.cacheWriteTokens),
      hit_rate: rounded(analysis.hitRate, 6),
      write_token_share: rounded(analysis.writeTokenShare, 6),
      is_used: analysis.isUsed,
      ...examinedAnswer(analysis),
      input_cost: {
        calls: inputCost.calls,
        ...amountAnswer('input', inputCost.calls === 0 ? null : inputCost.input),
        ...amountAnswer('cache_writes', inputCost.calls === 0 ? null : inputCost.cacheWrites),
        ...amountAnswer('cache_reads', inputCost.calls === 0 ? null : inputCost.cacheReads),
        write_share: rounded(inputCost.writeShare, 6),
      },
      session_overlap: {
        sessions: overlap.sessions,
        requests: overlap.requests,
        seen_before: overlap.seenBefore,
        share: rounded(overlap.share, 6),
        by_session: overlap.bySession.map(({ sessionId, requests, seenBefore }) => ({
          session_id: sessionId,
          requests,
          seen_before: seenBefore,
        })),
      },
      scenarios: analysis.scenarios.map(scenarioAnswer),
      missing: [...analysis.missing],
    })
  })
})

function examinedAnswer({
  examined,
  cold,
  warmth,
  reuse,
}: CacheAnalysis): Pick<CacheAnswer, 'examined' | 'cold_calls' | 'warmth' | 'reuse'> {
  const reuseAnswer = ({ observed, expected, low }: CacheAnalysis['reuse']['session']): CacheAnswer['reuse']['session'] => {
    return { observed_calls: observed, expected: rounded(expected, 6), low: Number(low.toFixed(6)) }
  }
  return {
    examined: { calls: examined.calls, from_journal: examined.exact, from: timeText(examined.from), to: timeText(examined.to) },
    cold_calls: {
      calls: cold.calls,
      input_tokens: cold.inputTokens,
      written_tokens: cold.writtenTokens,
      ...amountAnswer('cost', cold.calls > 0 && cold.unpriced === cold.calls ? null : cold.cost),
      unpriced_calls: cold.unpriced,
      by_reason: { ...cold.byReason },
      call_ids: [...cold.callIds],
    },
    warmth: warmth.map((bucket) => ({
      gap: bucket.gap,
      warm_with: [...bucket.warmWith],
      calls: bucket.calls,
      input_tokens: bucket.inputTokens,
      cached_tokens: bucket.cachedTokens,
      hit_rate: rounded(bucket.hitRate, 6),
      read_nothing: bucket.readNothing,
    })),
    reuse: { session: reuseAnswer(reuse.session), agent: reuseAnswer(reuse.agent) },
  }
}

function scenarioAnswer({ name, saving, range, reason, calls, assumption, advice }: CacheScenario): CacheAnswer['scenarios'][number] {
  return {
    name,
    ...amountAnswer('saving', saving),
    ...amountAnswer('saving_low', range?.low ?? null),
    ...amountAnswer('saving_high', range?.high ?? null),
    reason,
    calls: { concerned: calls.concerned, repriced: calls.repriced, call_ids: [...calls.callIds] },
    assumption,
    advice,
  }
}
