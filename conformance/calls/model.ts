import {
  type CallRow,
  type Fill,
  fillConcerns,
  fillRow,
  isDurationKnown,
  projectEntry,
  type ReferenceData,
  type RunPart,
  type SessionPart,
  startOf,
} from '../../engine/src/calls/index.ts'
import type { JournalEntry } from '../../engine/src/ledger/index.ts'

type RunFacts = Omit<RunPart, 'seq'>
type SessionFacts = Omit<SessionPart, 'seq'>

/** The projection of a journal over plain arrays, one entry after the other: what a columnar store must come to, however it batches. */
export function projectJournal(entries: readonly JournalEntry[]): ReferenceData {
  const calls: CallRow[] = []
  const runs = new Map<string, RunFacts>()
  const sessions = new Map<string, SessionFacts>()
  for (const entry of entries) {
    const callOf = (organization: string, id: string): CallRow | null =>
      calls.find((row) => row.calls === 1 && row.organization === organization && row.callId === id) ?? null
    for (const change of projectEntry(entry, callOf)) {
      if (change.kind === 'row') calls.push(change.row)
      else if (change.kind === 'status')
        replace(
          calls,
          (row) => row.callSeq === change.callSeq,
          (row) => ({ ...row, status: change.status }),
        )
      else if (change.kind === 'run') joinRun(runs, change.run)
      else if (change.kind === 'session') {
        const { seq: _, ...part } = change.session
        const known = sessions.get(`${part.organization} ${part.sessionId}`)
        sessions.set(`${part.organization} ${part.sessionId}`, known === undefined ? part : joined(known, part))
      } else fill(calls, runs, change.fill)
    }
  }
  nameSessions(sessions, calls)
  return {
    calls,
    runs: [...runs.values()].map(({ startGiven, endGiven, ...run }) => {
      const own = calls.filter((call) => call.organization === run.organization && call.runId === run.runId)
      return { ...run, ...timesOf({ ...run, startGiven, endGiven }, own) }
    }),
    sessions: [...sessions.values()].map(({ startGiven, endGiven, ...session }) => {
      const own = calls.filter((call) => call.organization === session.organization && call.sessionId === session.sessionId)
      return { ...session, ...timesOf({ ...session, startGiven, endGiven }, own) }
    }),
  }
}

function timesOf(
  facts: Pick<RunFacts, 'startedAt' | 'startGiven' | 'endedAt' | 'endGiven'>,
  calls: readonly CallRow[],
): { readonly startedAt: number | null; readonly durationKnown: boolean } {
  const times = calls.map(({ at }) => at).sort((left, right) => left - right)
  const [firstAt = null, lastAt = null] = [times[0], times.at(-1)]
  return { startedAt: startOf(facts, firstAt), durationKnown: isDurationKnown(facts, { firstAt, lastAt }) }
}

/** A session that nobody started belongs to the first of its calls that says a user. */
function nameSessions(sessions: Map<string, SessionFacts>, calls: readonly CallRow[]): void {
  const unsaid = new Set<string>()
  for (const { organization, sessionId, userId } of calls) {
    if (sessionId === null) continue
    const key = `${organization} ${sessionId}`
    const known = sessions.get(key)
    if (known === undefined) unsaid.add(key)
    if (known === undefined || (unsaid.has(key) && known.userId === null)) {
      sessions.set(key, { organization, sessionId, userId, startedAt: null, startGiven: null, endedAt: null, endGiven: null })
    }
  }
}

function joinRun(runs: Map<string, RunFacts>, { seq: _, ...part }: RunPart): void {
  const key = `${part.organization} ${part.runId}`
  const known = runs.get(key)
  runs.set(key, known === undefined ? part : joined(known, part))
}

/** What either part says; no fact is said by both. */
function joined<T extends object>(known: T, part: T): T {
  const said = Object.entries(part).filter(([, value]) => value !== null)
  return { ...known, ...Object.fromEntries(said) }
}

function fill(calls: CallRow[], runs: Map<string, RunFacts>, given: Fill): void {
  const below = new Set([given.id])
  for (let before = 0; given.by === 'run' && before < below.size; ) {
    before = below.size
    for (const run of runs.values()) {
      if (run.organization === given.organization && run.parentRunId !== null && below.has(run.parentRunId)) below.add(run.runId)
    }
  }
  for (const [key, run] of runs) {
    const concerned = given.by === 'run' ? below.has(run.runId) : run.sessionId === given.id
    if (run.organization !== given.organization || !concerned) continue
    const { sessionId, userId, team, project, costCenter } = given.values
    runs.set(key, {
      ...run,
      sessionId: run.sessionId ?? sessionId,
      userId: run.userId ?? userId,
      team: run.team ?? team,
      project: run.project ?? project,
      costCenter: run.costCenter ?? costCenter,
    })
  }
  const concerns = (row: CallRow): boolean =>
    given.by === 'session' ? fillConcerns(given, row) : [...below].some((id) => fillConcerns({ ...given, id }, row))
  replace(calls, concerns, (row) => fillRow(given, row))
}

function replace(rows: CallRow[], matches: (row: CallRow) => boolean, change: (row: CallRow) => CallRow): void {
  rows.forEach((row, index) => {
    if (matches(row)) rows[index] = change(row)
  })
}
