import { type Draft, putRun, putSession, runIn, sessionIn } from '../draft.ts'
import type { Attribution, RunState, SessionState } from '../records.ts'

/** Makes sure that a run which is only named so far has a row: a placeholder, to be filled when its start arrives. */
export function mentionRun(draft: Draft, organization: string, id: string | null): void {
  if (id === null || runIn(draft, organization, id) !== undefined) return
  putRun(draft, runPlaceholder(organization, id))
}

export function mentionSession(draft: Draft, organization: string, id: string | null): void {
  if (id === null || sessionIn(draft, organization, id) !== undefined) return
  putSession(draft, sessionPlaceholder(organization, id))
}

function runPlaceholder(organization: string, id: string): RunState {
  return { ...NOTHING_SAID, organization, id, parentRun: null, startedAt: null, endedAt: null, success: null, errorCode: null }
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
