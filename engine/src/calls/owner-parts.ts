import type { Millis } from '../kernel/index.ts'
import type { JournalEntry, RunEnd, RunStart, SessionEnd, SessionStart } from '../ledger/index.ts'

/** What the start or the end of a run says about it; the parts of a run are joined, the start giving what the end does not. */
export interface RunPart {
  readonly seq: number
  readonly organization: string
  readonly runId: string
  readonly parentRunId: string | null
  readonly workflow: string | null
  readonly sessionId: string | null
  readonly userId: string | null
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
  readonly success: boolean | null
  readonly errorCode: string | null
}

export interface SessionPart {
  readonly seq: number
  readonly organization: string
  readonly sessionId: string
  readonly userId: string | null
  readonly startedAt: Millis | null
  readonly endedAt: Millis | null
}

export function runStartPart(entry: JournalEntry, run: RunStart): RunPart {
  return {
    seq: entry.seq,
    organization: entry.organization,
    runId: run.id,
    parentRunId: run.parentRun,
    workflow: run.workflow,
    sessionId: run.session,
    userId: run.user,
    team: run.team,
    project: run.project,
    costCenter: run.costCenter,
    startedAt: run.at,
    endedAt: null,
    success: null,
    errorCode: null,
  }
}

export function runEndPart(entry: JournalEntry, run: RunEnd): RunPart {
  return {
    seq: entry.seq,
    organization: entry.organization,
    runId: run.id,
    parentRunId: null,
    workflow: null,
    sessionId: null,
    userId: null,
    team: null,
    project: null,
    costCenter: null,
    startedAt: null,
    endedAt: run.at,
    success: run.success,
    errorCode: run.errorCode,
  }
}

export function sessionStartPart(entry: JournalEntry, session: SessionStart): SessionPart {
  return {
    seq: entry.seq,
    organization: entry.organization,
    sessionId: session.id,
    userId: session.user,
    startedAt: session.at,
    endedAt: null,
  }
}

export function sessionEndPart(entry: JournalEntry, session: SessionEnd): SessionPart {
  return {
    seq: entry.seq,
    organization: entry.organization,
    sessionId: session.id,
    userId: null,
    startedAt: null,
    endedAt: session.at,
  }
}
