import { explainCall } from '@purser/contract'
import { callExplained } from '../../insights/index.ts'
import { fail, formatInstant, ok, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { chargeAnswer, usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'
import { overrunAnswer } from '../wire/overrun-answer.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'
import { usageAnswer } from '../wire/usage-answer.ts'

/** One call, explained to the last line: usage with evidence, rate cards and where they came from, transfers, adjustments. */
export const explainCallOperation = implement(explainCall, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const explained = await callExplained(services.ledger, organization, input.call_id)
  if (explained === null) return fail(refusal('not_found', `no call "${input.call_id}" is posted here`, { path: '/call_id' }))
  const entry = await services.ledger.findCall(explained.organization, input.call_id)
  const { call, charge, usage } = explained
  const settled = entry?.settled
  const overrun = entry === null ? undefined : overrunAnswer(services, entry)
  const [run] = call.run === null ? [] : await services.ledger.findRuns(explained.organization, call.run)
  return ok({
    call_id: call.id,
    organization_id: explained.organization,
    seq: explained.seq,
    recorded_at: formatInstant(explained.recordedAt),
    timestamp: formatInstant(call.at),
    agent_name: call.agent,
    model: usage.modelServed ?? usage.modelRequested,
    workflow_id: call.run,
    workflow_name: run?.workflow ?? call.workflow,
    parent_call_id: call.parentCall,
    session_id: call.session,
    user_id: call.user,
    team: call.team,
    project: call.project,
    cost_center: call.costCenter,
    action: call.action,
    tags: { ...call.tags },
    key_id: call.key,
    source: call.source,
    success: call.success,
    error: call.errorCode,
    latency_ms: call.latencyMs,
    cost_usd: usdNumber(explained.cost),
    cost: usdText(explained.cost),
    usage: usageAnswer(usage),
    charge: chargeAnswer(charge),
    rate_cards: services.rates.cards([...new Set(charge.lines.map((line) => line.cardId))]).map(rateCardAnswer),
    transfers: (entry?.transfers ?? []).map(({ debit, credit, amount }) => ({ debit, credit, amount: usdOfPicos(amount) })),
    hold: settled === undefined ? null : { at: formatInstant(settled.at), held_usd: usdText(settled.amount) },
    ...(overrun === undefined ? {} : { overrun }),
    adjustments: explained.adjustments.map((adjustment) => ({
      id: adjustment.id,
      at: formatInstant(adjustment.at),
      recorded_at: formatInstant(adjustment.recordedAt),
      reason: adjustment.reason,
      delta: usdOfPicos(adjustment.delta),
      cost_after: usdOfPicos(adjustment.costAfter),
      charge: chargeAnswer(adjustment.charge),
    })),
  })
})
