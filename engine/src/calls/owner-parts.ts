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
  /** Whether the client stated the time of the start; false: it is the time at which the start reached us. Null in the part of an end. */
  readonly startGiven: boolean | null
  readonly endedAt: Millis | null
  /** The same of the time of the end. Null in the part of a start. */
  readonly endGiven: boolean | null
  readonly success: boolean | null
  readonly errorCode: string | null
}

export interface SessionPart {
  readonly seq: number
  readonly organization: string
  readonly sessionId: string
  readonly userId: string | null
  readonly startedAt: Millis | null
  /** Whether the client stated the time of the start; false: it is the time at which the start reached us. Null in the part of an end. */
  readonly startGiven: boolean | null
  readonly endedAt: Millis | null
  /** The same of the time of the end. Null in the part of a start. */
  readonly endGiven: boolean | null
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
    startGiven: run.atGiven,
    endedAt: null,
    endGiven: null,
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
    startGiven: null,
    endedAt: run.at,
    endGiven: run.atGiven,
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
    startGiven: session.atGiven,
    endedAt: null,
    endGiven: null,
  }
}

export function sessionEndPart(entry: JournalEntry, session: SessionEnd): SessionPart {
  return {
    seq: entry.seq,
    organization: entry.organization,
    sessionId: session.id,
    userId: null,
    startedAt: null,
    startGiven: null,
    endedAt: session.at,
    endGiven: session.atGiven,
  }
}

/**
 * When a run or session started. A time that the client stated stands. Ours, taken when the start reached us, gives way to anything of
 * it that is known to be earlier: its end or its first call. The meaning of a start, which a store does in SQL.
 */
export function startOf(known: Pick<SessionPart, 'startedAt' | 'startGiven' | 'endedAt'>, firstCallAt: Millis | null): Millis | null {
  if (known.startedAt === null || known.startGiven !== false) return known.startedAt
  return Math.min(known.startedAt, known.endedAt ?? known.startedAt, firstCallAt ?? known.startedAt)
}

/**
 * Whether a start and an end tell how long something lasted. Where neither time was stated both are those at which the reports reached us,
 * and calls that lie outside of them have been told after the fact: so has all of it, and nothing says how long it took.
 */
export function isDurationKnown(
  known: Pick<SessionPart, 'startedAt' | 'startGiven' | 'endedAt' | 'endGiven'>,
  calls: { readonly firstAt: Millis | null; readonly lastAt: Millis | null },
): boolean {
  const { startedAt, endedAt } = known
  if (startedAt === null || endedAt === null || known.startGiven !== false || known.endGiven !== false) return true
  return startedAt <= endedAt && (calls.firstAt ?? startedAt) >= startedAt && (calls.lastAt ?? endedAt) <= endedAt
}
