import { mergeAdjustments } from '../adjusted.ts'
import type { CallRow, PriceableCall } from '../records.ts'

/** Latest posting first, each call with the rows that adjust it. */
export function lastPostedOf(rows: readonly CallRow[], limit: number): PriceableCall[] {
  return mergeAdjustments(rows)
    .sort((left, right) => right.seq - left.seq)
    .slice(0, limit)
    .map(priceable)
}

function priceable(call: CallRow): PriceableCall {
  const { seq, organization, callId, runId, at, agent, action, sessionId, model, seller, tier, success, usageEvidence, cost, fingerprint } =
    call
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = call
  const attended = call.sessionId !== null || call.userId !== null
  const tokens = { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens }
  const who = { seq, organization, callId, runId, at, agent, action, sessionId }
  return { ...who, model, seller, tier, success, ...tokens, usageEvidence, cost, fingerprint, attended }
}
