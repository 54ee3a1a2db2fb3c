import { type EstimateAnswer, estimateCall } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { estimate } from '../../pricing/index.ts'
import { readScope } from '../authority/scope.ts'
import type { RateContext } from '../context.ts'
import { implement } from '../operation.ts'
import { timeOr } from '../validation/index.ts'
import { chargeAnswer, usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'

/** What a call will cost if it uses what is said of it, and the most it can cost. Nothing is posted or held. */
export const estimateOperation = implement(
  estimateCall,
  async ({ services, caller }: RateContext, input): Promise<Result<EstimateAnswer>> => {
    const scope = readScope(caller, input.organization_id)
    if (!scope.ok) return scope
    const now = services.now()
    const at = timeOr(input.timestamp, '/timestamp', now)
    if (!at.ok) return at
    const knownAt = timeOr(input.known_at, '/known_at', now)
    if (!knownAt.ok) return knownAt
    const cachedInputTokens = input.cache_read_tokens ?? 0
    if (cachedInputTokens > input.input_tokens) {
      return fail(refusal('invalid_field', 'more than all of the input cannot be read from the cache', { path: '/cache_read_tokens' }))
    }
    const { rates } = services
    const seller = rates.sellerOf(input.provider ?? '', input.model, at.value)
    const { expected, worstCase } = estimate(
      {
        model: input.model,
        seller,
        inputTokens: input.input_tokens,
        maxOutputTokens: input.max_output_tokens,
        cachedInputTokens,
        ...(typeof input.service_tier === 'string' ? { tier: input.service_tier } : {}),
        ...(typeof input.region === 'string' ? { region: input.region } : {}),
        organization: 'organization' in scope.value ? scope.value.organization : null,
        at: at.value,
        knownAt: knownAt.value,
        fx: rates.fx(),
      },
      rates.book(),
    )
    return ok({
      model: input.model,
      provider: seller === '' ? null : seller,
      expected: chargeAnswer(expected),
      worst_case_usd: usdNumber(worstCase),
      worst_case: usdText(worstCase),
      rate_cards: rates.cards([...new Set(expected.lines.map((line) => line.cardId))]).map(rateCardAnswer),
    })
  },
)
