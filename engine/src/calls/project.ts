import { ZERO } from '../kernel/index.ts'
import type { Adjustment, Attribution, CallRecord, JournalEntry } from '../ledger/index.ts'
import type { ChargeStatus } from '../pricing/index.ts'
import { type RunPart, runEndPart, runStartPart, type SessionPart, sessionEndPart, sessionStartPart } from './owner-parts.ts'
import type { CallRow } from './records.ts'
import { tokenTotals } from './token-totals.ts'

/** What one journal entry changes in the projection, in the order it must be applied. */
export type ProjectionChange =
  | { readonly kind: 'row'; readonly row: CallRow }
  /** All rows of the call take this status. */
  | { readonly kind: 'status'; readonly callSeq: number; readonly status: ChargeStatus }
  | { readonly kind: 'run'; readonly run: RunPart }
  | { readonly kind: 'session'; readonly session: SessionPart }
  | { readonly kind: 'fill'; readonly fill: Fill }

/**
 * Attribution that a run or session gives to the calls that named it before it came: only what they lack, but for the name of the
 * workflow, which a run gives to its own calls whatever they said. The first call to name the workflow of a run gives that name alone.
 */
export interface Fill {
  /** Seq of the late entry: rows after it were filled by the ledger when they were posted. */
  readonly seq: number
  readonly by: 'run' | 'session'
  readonly organization: string
  readonly id: string
  readonly values: FillValues
  /** The name that a run gives to its own calls, whatever they said; null where its start says none, and for a session. */
  readonly ownWorkflow: string | null
  readonly tags: Readonly<Record<string, string>>
}

export const FILLED_FIELDS = ['agent', 'workflow', 'sessionId', 'userId', 'team', 'project', 'costCenter', 'action'] as const
export type FillValues = { readonly [F in (typeof FILLED_FIELDS)[number]]: string | null }

/**
 * A journal entry → its changes. Pure: the same journal gives the same projection, however it is cut into batches.
 * `callOf` finds the call row that an adjustment corrects, with the status it has by now; null where it is gone (archived and pruned),
 * and then the difference stands without attribution rather than being lost.
 */
export function projectEntry(entry: JournalEntry, callOf: (organization: string, callId: string) => CallRow | null): ProjectionChange[] {
  const { event } = entry
  switch (event.kind) {
    case 'call':
      return [{ kind: 'row', row: callRow(entry, event.call) }, ...fillOfName(entry, event.call)]
    case 'adjustment':
      return adjustmentChanges(entry, event.adjustment, callOf(entry.organization, event.adjustment.call))
    case 'run_start':
      return [{ kind: 'run', run: runStartPart(entry, event.run) }, ...fills(entry, 'run', event.run)]
    case 'run_end':
      return [{ kind: 'run', run: runEndPart(entry, event.run) }]
    case 'session_start':
      return [{ kind: 'session', session: sessionStartPart(entry, event.session) }, ...fills(entry, 'session', event.session)]
    case 'session_end':
      return [{ kind: 'session', session: sessionEndPart(entry, event.session) }]
    case 'call_alias':
    case 'hold':
    case 'hold_extend':
    case 'hold_void':
    case 'hold_expire':
    case 'budget_set':
    case 'budget_remove':
    case 'budget_exhausted':
    case 'breaker_set':
    case 'breaker_remove':
    case 'breaker_sweep':
    case 'agent_state':
    case 'wallet_open':
    case 'wallet_transfer':
    case 'escrow_open':
    case 'escrow_end':
      return NO_CHANGES
  }
}

/** What is held, and what budgets and wallets say, is the ledger's to answer. */
const NO_CHANGES: ProjectionChange[] = []

/** The ids of the calls that entries adjust, so that a store can look them up together. */
export function adjustedCall(entry: JournalEntry): string | null {
  return entry.event.kind === 'adjustment' ? entry.event.adjustment.call : null
}

function callRow(entry: JournalEntry, call: CallRecord): CallRow {
  const { charge, usage } = call
  const tokens = tokenTotals(usage)
  // Written out: spreading an object of this size costs more than the rest of the projection.
  return {
    seq: entry.seq,
    callSeq: entry.seq,
    organization: entry.organization,
    calls: 1,
    callId: call.id,
    parentCallId: call.parentCall,
    runId: call.run,
    at: call.at,
    recordedAt: entry.recordedAt,
    agent: call.agent,
    model: usage.modelServed ?? usage.modelRequested,
    modelRequested: usage.modelRequested,
    seller: usage.seller,
    workflow: call.workflow,
    sessionId: call.session,
    userId: call.user,
    team: call.team,
    project: call.project,
    costCenter: call.costCenter,
    action: call.action,
    keyId: call.key,
    tags: sortedTags(call.tags),
    source: call.source,
    success: call.success,
    errorCode: call.errorCode,
    latencyMs: call.latencyMs === null ? null : Math.round(call.latencyMs),
    inputTokens: tokens.inputTokens,
    cacheReadTokens: tokens.cacheReadTokens,
    cacheWriteTokens: tokens.cacheWriteTokens,
    outputTokens: tokens.outputTokens,
    reasoningTokens: tokens.reasoningTokens,
    usageEvidence: tokens.evidence,
    status: charge.status,
    cost: charge.amount,
    unpriced: isUnpriced(charge.status),
    uncertain: isUncertain(charge.status),
    tier: usage.context.tier ?? null,
    fingerprint: call.fingerprint,
  }
}

function adjustmentChanges(entry: JournalEntry, adjustment: Adjustment, call: CallRow | null): ProjectionChange[] {
  const { charge } = adjustment
  const base = call ?? orphan(entry, adjustment)
  const row: CallRow = {
    ...base,
    seq: entry.seq,
    calls: 0,
    recordedAt: entry.recordedAt,
    latencyMs: null,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    status: charge.status,
    cost: adjustment.delta,
    unpriced: isUnpriced(charge.status) - isUnpriced(base.status),
    uncertain: isUncertain(charge.status) - isUncertain(base.status),
  }
  const changes: ProjectionChange[] = [{ kind: 'row', row }]
  if (call !== null && call.status !== charge.status) changes.push({ kind: 'status', callSeq: call.callSeq, status: charge.status })
  return changes
}

/** An adjustment whose call the projection does not know: attributed to nobody, with the status unchanged by it. */
function orphan(entry: JournalEntry, adjustment: Adjustment): CallRow {
  return {
    seq: entry.seq,
    callSeq: entry.seq,
    organization: entry.organization,
    calls: 0,
    callId: adjustment.call,
    parentCallId: null,
    runId: null,
    at: adjustment.at,
    recordedAt: entry.recordedAt,
    agent: null,
    model: null,
    modelRequested: null,
    seller: null,
    workflow: null,
    sessionId: null,
    userId: null,
    team: null,
    project: null,
    costCenter: null,
    action: null,
    keyId: null,
    tags: {},
    source: 'adjustment',
    success: true,
    errorCode: null,
    latencyMs: null,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    usageEvidence: 'reported',
    status: adjustment.charge.status,
    cost: ZERO,
    unpriced: 0,
    uncertain: 0,
    tier: null,
    fingerprint: null,
  }
}

/** A call that names the workflow of a run without a start: the calls before it are of that workflow too. */
function fillOfName(entry: JournalEntry, { run, workflow }: CallRecord): ProjectionChange[] {
  if (entry.late !== true || run === null) return []
  const values: FillValues = { ...NOTHING, workflow }
  return [
    {
      kind: 'fill',
      fill: { seq: entry.seq, by: 'run', organization: entry.organization, id: run, values, ownWorkflow: workflow, tags: {} },
    },
  ]
}

const NOTHING: FillValues = {
  agent: null,
  workflow: null,
  sessionId: null,
  userId: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
}

function fills(entry: JournalEntry, by: Fill['by'], given: Attribution & { readonly id: string }): ProjectionChange[] {
  if (entry.late !== true) return []
  const values: FillValues = {
    agent: given.agent,
    workflow: given.workflow,
    sessionId: by === 'run' ? given.session : null,
    userId: given.user,
    team: given.team,
    project: given.project,
    costCenter: given.costCenter,
    action: given.action,
  }
  const ownWorkflow = by === 'run' && entry.inherited?.includes('workflow') !== true ? given.workflow : null
  const tags = sortedTags(given.tags)
  return [{ kind: 'fill', fill: { seq: entry.seq, by, organization: entry.organization, id: given.id, values, ownWorkflow, tags } }]
}

function isUnpriced(status: ChargeStatus): 0 | 1 {
  return status === 'unpriced' ? 1 : 0
}

function isUncertain(status: ChargeStatus): 0 | 1 {
  return status === 'estimated' || status === 'ambiguous' || status === 'partial' ? 1 : 0
}

/** Names in one order, so that a rebuilt row is equal to the byte. */
function sortedTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(tags)
  return entries.length < 2 ? { ...tags } : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
