import {
  type CallRow,
  type CallStore,
  type ReferenceData,
  type RunFacts,
  referenceStore,
  type SessionFacts,
} from '../../engine/src/calls/index.ts'
import { type Picos, picos, picosOfUsd } from '../../engine/src/kernel/index.ts'

/** A call as a truth table writes it: what matters to the case, `cost` as USD text. An entry with `adjusts` corrects an earlier call. */
export type CallFact = Partial<Omit<CallRow, 'cost'>> & { readonly cost?: string | null; readonly adjusts?: string }

export interface WorldFacts {
  readonly calls?: readonly CallFact[]
  readonly runs?: readonly (Partial<RunFacts> & { readonly runId: string })[]
  readonly sessions?: readonly (Partial<SessionFacts> & { readonly sessionId: string })[]
}

export const ORGANIZATION = 'org_789'
/** 2026-01-05, a Monday, 00:00 UTC. */
export const START = Date.UTC(2026, 0, 5)

/** The whole history of the organization of the truth tables. */
export const EVERYTHING = { scope: { organization: ORGANIZATION }, atLeast: 0 } as const

export function worldStore(facts: WorldFacts): CallStore {
  return referenceStore(worldData(facts))
}

/** Fills what a case leaves out: calls a second apart, priced and successful unless it says otherwise. */
export function worldData(facts: WorldFacts): ReferenceData {
  const calls: CallRow[] = []
  for (const fact of facts.calls ?? []) {
    calls.push(rowOf(fact, calls))
    if (fact.adjusts === undefined || fact.cost === undefined || fact.cost === null) continue
    // As the projector does: how sure a cost is today stands on the call's earlier rows too.
    calls.forEach((row, index) => {
      if (row.callId === fact.adjusts && row.status === 'unpriced') calls[index] = { ...row, status: 'exact' }
    })
  }
  return {
    calls,
    runs: (facts.runs ?? []).map((run) => ({ ...EMPTY_RUN, ...run })),
    sessions: (facts.sessions ?? []).map((session) => ({ ...EMPTY_SESSION, ...session })),
  }
}

export function usd(text: string): Picos {
  const amount = picosOfUsd(text)
  if (amount === null) throw new TypeError(`"${text}" is not an amount`)
  return picos(amount)
}

function rowOf({ cost, adjusts, ...fact }: CallFact, before: readonly CallRow[]): CallRow {
  const seq = before.length + 1
  const amount = cost === null || cost === undefined ? null : usd(cost)
  if (adjusts !== undefined) {
    const corrected = before.find((row) => row.calls === 1 && row.callId === adjusts)
    if (corrected === undefined) throw new TypeError(`no call "${adjusts}" to adjust`)
    const zeros = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0, uncertain: 0 }
    return { ...corrected, seq, calls: 0, ...zeros, unpriced: corrected.cost === null ? -1 : 0, cost: amount, ...fact }
  }
  const isPriced = amount !== null
  return {
    ...EMPTY_CALL,
    seq,
    callSeq: seq,
    callId: `call_${seq}`,
    at: START + seq * 1000,
    recordedAt: START + seq * 1000,
    status: isPriced ? 'exact' : 'unpriced',
    unpriced: isPriced ? 0 : 1,
    cost: amount,
    ...fact,
  }
}

const EMPTY_CALL: Omit<CallRow, 'seq' | 'callSeq' | 'callId' | 'at' | 'recordedAt' | 'status' | 'unpriced' | 'cost'> = {
  organization: ORGANIZATION,
  calls: 1,
  parentCallId: null,
  runId: null,
  agent: null,
  model: null,
  modelRequested: null,
  seller: 'openai',
  workflow: null,
  sessionId: null,
  userId: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
  keyId: null,
  tags: {},
  source: 'api',
  success: true,
  errorCode: null,
  latencyMs: null,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  usageEvidence: 'reported',
  uncertain: 0,
  tier: null,
  fingerprint: null,
}

const EMPTY_RUN: Omit<RunFacts, 'runId'> = {
  organization: ORGANIZATION,
  parentRunId: null,
  workflow: null,
  sessionId: null,
  userId: null,
  team: null,
  project: null,
  costCenter: null,
  startedAt: null,
  endedAt: null,
  success: null,
  errorCode: null,
}

const EMPTY_SESSION: Omit<SessionFacts, 'sessionId'> = { organization: ORGANIZATION, userId: null, startedAt: null, endedAt: null }
