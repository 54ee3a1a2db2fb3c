import { type Draft, putRun, putSession, runIn, sessionIn } from '../draft.ts'
import type { Attribution, CallRecord, RunState, SessionState } from '../records.ts'

/** Makes sure that a run which is only named so far has a row: a placeholder, to be filled when its start arrives. */
export function mentionRun(draft: Draft, organization: string, id: string | null): void {
  if (id === null || runIn(draft, organization, id) !== undefined) return
  putRun(draft, runPlaceholder(organization, id))
}

/**
 * The same for the run of a call. The first call to say a workflow names a run that has not started, until its start does. True when
 * the run had been mentioned before that: calls posted before then lack the name, or have another one from their session.
 */
export function mentionRunOfCall(draft: Draft, organization: string, { run: id, workflow }: Pick<CallRecord, 'run' | 'workflow'>): boolean {
  if (id === null) return false
  const known = runIn(draft, organization, id)
  if (known !== undefined && (known.startedAt !== null || known.workflow !== null || workflow === null)) return false
  putRun(draft, { ...(known ?? runPlaceholder(organization, id)), workflow })
  return known !== undefined
}

export function mentionSession(draft: Draft, organization: string, id: string | null): void {
  if (id === null || sessionIn(draft, organization, id) !== undefined) return
  putSession(draft, sessionPlaceholder(organization, id))
}

function runPlaceholder(organization: string, id: string): RunState {
  return {
    ...NOTHING_SAID,
    organization,
    id,
    parentRun: null,
    startedAt: null,
    startedSeq: null,
    endedAt: null,
    success: null,
    errorCode: null,
  }
}

function sessionPlaceholder(organization: string, id: string): SessionState {
  return { ...NOTHING_SAID, organization, id, startedAt: null, endedAt: null }
}

const NOTHING_SAID: Attribution = {
  agent: null,
  user: null,
  session: null,
  workflow: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
  tags: {},
}
