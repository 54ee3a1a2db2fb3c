import type { AuthorizeCall, SessionEnd, SessionStart, TrackCall, WorkflowEnd, WorkflowStart } from '@purser/contract'
import type { GuardInput } from './guard/guard.ts'
import type {
  AgentCallInput,
  Attribution,
  SessionEndInput,
  SessionStartInput,
  When,
  WorkflowEndInput,
  WorkflowStartInput,
} from './inputs.ts'
import { type Facts, withoutContent } from './redact.ts'

/** `POST /v1/finops/workflows/start` */
export function workflowStartBody(input: WorkflowStartInput, workflowId: string, now: number): WorkflowStart {
  return said<WorkflowStart>({
    workflow_id: workflowId,
    workflow_name: input.workflowName,
    parent_workflow_id: input.parentWorkflowId,
    agent_name: input.agentName,
    action: input.action,
    timestamp: timeText(input.timestamp, now),
    ...attribution(input),
  })
}

/** `POST /v1/finops/workflows/end` */
export function workflowEndBody(input: WorkflowEndInput, now: number): WorkflowEnd {
  return said<WorkflowEnd>({
    workflow_id: input.workflowId,
    success: input.success ?? input.error === undefined,
    error: shortened(input.error),
    timestamp: timeText(input.timestamp, now),
    organization_id: input.organizationId,
  })
}

/** `POST /v1/finops/sessions/start` */
export function sessionStartBody(input: SessionStartInput, sessionId: string, now: number): SessionStart {
  return said<SessionStart>({ timestamp: timeText(input.timestamp, now), ...attribution(input), session_id: sessionId })
}

/** `POST /v1/finops/sessions/{session_id}/end` */
export function sessionEndBody(input: SessionEndInput, now: number): SessionEnd {
  return said<SessionEnd>({
    session_id: input.sessionId,
    timestamp: timeText(input.timestamp, now),
    organization_id: input.organizationId,
  })
}

/** One item of `POST /v1/finops/calls/batch` */
export function callBody(input: AgentCallInput, callId: string, now: number): TrackCall {
  return said<TrackCall>({
    call_id: callId,
    agent_name: input.agentName,
    model: input.model,
    provider: input.provider,
    input_tokens: input.inputTokens,
    output_tokens: input.outputTokens,
    cache_read_tokens: input.cacheReadTokens,
    cache_write_tokens: input.cacheWriteTokens,
    cache_write_1h_tokens: input.cacheWrite1hTokens,
    reasoning_tokens: input.reasoningTokens,
    input_audio_tokens: input.inputAudioTokens,
    output_audio_tokens: input.outputAudioTokens,
    web_searches: input.webSearches,
    response: responseFacts(input),
    service_tier: input.serviceTier,
    region: input.region,
    cost_usd: input.costUsd,
    latency_ms: input.latencyMs,
    success: input.success ?? input.error === undefined,
    error: shortened(input.error),
    workflow_id: input.workflowId,
    workflow_name: input.workflowName,
    parent_call_id: input.parentCallId,
    action: input.action,
    prompt_fingerprint: input.promptFingerprint,
    timestamp: timeText(input.timestamp, now),
    source: input.source ?? 'sdk',
    ...attribution(input),
  })
}

/** `POST /v1/finops/calls/authorize` */
export function authorizeBody(input: GuardInput, callId: string): AuthorizeCall {
  return said<AuthorizeCall>({
    call_id: callId,
    model: input.model,
    provider: input.provider,
    input_tokens: input.inputTokens,
    max_output_tokens: input.maxOutputTokens,
    service_tier: input.serviceTier,
    region: input.region,
    ttl_seconds: input.ttlSeconds,
    clamp: input.clamp,
    agent_name: input.agentName,
    workflow_id: input.workflowId,
    workflow_name: input.workflowName,
    action: input.action,
    prompt_fingerprint: input.promptFingerprint,
    ...attribution(input),
  })
}

function attribution(
  input: Attribution,
): Unsaid<Pick<TrackCall, 'organization_id' | 'user_id' | 'session_id' | 'team' | 'project' | 'cost_center' | 'tags'>> {
  return {
    organization_id: input.organizationId,
    user_id: input.userId,
    session_id: input.sessionId,
    team: input.team,
    project: input.project,
    cost_center: input.costCenter,
    tags: input.tags,
  }
}

const COUNTERS = ['inputTokens', 'outputTokens', 'costUsd'] as const

/** The response without its text. Where nothing of it can be read and counters are given, the counters speak: the server prefers a response. */
function responseFacts(input: AgentCallInput): Facts | undefined {
  if (input.response === undefined || input.response === null) return undefined
  const facts = withoutContent(typeof input.response === 'string' ? parsed(input.response) : input.response)
  const isEmpty = Object.keys(facts).length === 0
  return isEmpty && COUNTERS.some((key) => input[key] !== undefined) ? undefined : facts
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** RFC 3339 of a time; a time that cannot be read is taken as now, because a late answer must not lose the call. */
function timeText(when: When | undefined, now: number): string {
  if (typeof when === 'string') return when
  const ms = when instanceof Date ? when.getTime() : (when ?? now)
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? new Date(now).toISOString() : date.toISOString()
}

function shortened(error: string | undefined): string | undefined {
  return error === undefined ? undefined : String(error).slice(0, 256)
}

type Unsaid<T> = { [K in keyof T]: T[K] | undefined }

/** Leaves out what was not said, so that the server's inheritance applies. */
function said<T extends object>(fields: Unsaid<T>): T {
  const kept: Partial<T> = {}
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key] as T[typeof key]
  return kept as T
}
