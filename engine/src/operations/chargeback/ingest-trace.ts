import { type IngestTrace, ingestTrace, type TraceIngested, type TrackCall } from '@purser/contract'
import { tokenTotals } from '../../calls/index.ts'
import { assert, type Millis, ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import type { Posted } from '../../ledger/index.ts'
import { INPUT_METERS, OUTPUT_METERS, type Usage, usageOfTotal, usageTotal } from '../../usage/index.ts'
import { holdOfCaller } from '../budgets/hold-of-caller.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { draftCall } from '../tracking/call-draft.ts'
import { findOrganization } from '../tracking/organization-of-call.ts'
import { inCamel } from './spelling.ts'

/** Reports one execution of an agent. It is a call like any other; what it said to the model is not kept. */
export const ingestTraceOperation = implement(ingestTrace, async ({ services, caller }, trace): Promise<Result<TraceIngested>> => {
  const report = reportOf(trace)
  const organization = await findOrganization(caller, services.runOrganizations, report)
  if (!organization.ok) return inCamel(organization)
  if (caller.agent !== null && typeof report.call_id === 'string') {
    const hold = await holdOfCaller(services, caller, organization.value, report.call_id)
    if (!hold.ok) return inCamel(hold, { '/call_id': '/traceId' })
  }
  const usageAt = (at: Millis): Result<Usage> => usageOfTrace(trace, at, services)
  const command = draftCall(services, caller, report, { organization: organization.value, now: services.now(), usageAt })
  if (!command.ok) return inCamel(command, PATHS)
  const posted = await services.committer.submit(command.value)
  return posted.ok ? ok(answerOf(posted.value, trace)) : inCamel(posted, PATHS)
})

const PATHS = {
  '/call_id': '/traceId',
  '/total_tokens': '/tokensUsed',
  '/cache_read_tokens': '/cachedInputTokens',
  '/model': '/modelId',
} as const

function reportOf(trace: IngestTrace): TrackCall {
  return {
    call_id: trace.traceId ?? null,
    agent_name: trace.agentId,
    model: trace.modelId ?? null,
    workflow_id: trace.workflowId ?? null,
    workflow_name: trace.workflowName ?? null,
    parent_call_id: trace.parentTraceId ?? null,
    session_id: trace.sessionId ?? null,
    user_id: trace.userId ?? null,
    cost_center: trace.costCenter ?? null,
    project: trace.project ?? null,
    team: trace.team ?? null,
    action: trace.action ?? null,
    tags: trace.tags ?? null,
    latency_ms: trace.durationMs ?? null,
    error: trace.error ?? null,
    timestamp: trace.timestamp ?? null,
    organization_id: trace.organizationId ?? null,
    source: 'trace',
    ...successOf(trace),
  }
}

const FAILED = /^(?:error|failed|failure|timeout)$/i

/** What is not said follows from whether there is an error. */
function successOf({ success, status }: IngestTrace): { success?: boolean } {
  if (typeof success === 'boolean') return { success }
  return typeof status === 'string' && FAILED.test(status) ? { success: false } : {}
}

function usageOfTrace(trace: IngestTrace, at: Millis, { rates }: Pick<Services, 'rates'>): Result<Usage> {
  const model = trace.modelId ?? undefined
  return usageOfTotal({
    at,
    model,
    seller: model === undefined ? (trace.provider ?? undefined) : rates.sellerOf(trace.provider ?? '', model, at),
    totalTokens: trace.tokensUsed ?? undefined,
    inputTokens: trace.inputTokens ?? undefined,
    outputTokens: trace.outputTokens ?? undefined,
    cacheReadTokens: trace.cachedInputTokens ?? undefined,
    reasoningTokens: trace.reasoningTokens ?? undefined,
    costUsd: trace.costUsd ?? undefined,
    costBy: 'trace costUsd',
    inputText: textOf(trace.input),
    outputText: textOf(trace.output),
  })
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function answerOf({ entry, replayed }: Posted, trace: IngestTrace): TraceIngested {
  assert(entry.event.kind === 'call', 'a trace is posted as a call')
  const { call } = entry.event
  const { amount, status, notes } = call.charge
  const cost = amount === null ? null : usdOfPicos(amount)
  const tokens = usageTotal(call.usage, INPUT_METERS) + usageTotal(call.usage, OUTPUT_METERS)
  return {
    traceId: call.id,
    organizationId: entry.organization,
    agentId: call.agent ?? trace.agentId,
    modelId: call.usage.modelServed ?? call.usage.modelRequested,
    costCenter: call.costCenter,
    project: call.project,
    team: call.team,
    tokensUsed: tokens === 0 && tokenTotals(call.usage).evidence === 'missing' ? null : tokens,
    costUsd: cost === null ? null : Number(cost),
    costUsdExact: cost,
    status,
    notes: notes.map(({ detail }) => detail),
    ignored: Object.keys(trace).filter((name) => !Object.hasOwn(ingestTrace.input.properties, name)),
    replayed,
  }
}
