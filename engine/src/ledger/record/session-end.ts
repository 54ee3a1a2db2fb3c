import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Draft, post, postedIn, putSession, sessionIn } from '../draft.ts'
import type { Posted, RecordCommand, SessionEnd } from '../records.ts'

/** Ends a session. It has no outcome, so a second end is always a repetition of the first. Refuses `not_found`. */
export function recordSessionEnd(draft: Draft, command: RecordCommand, event: { readonly session: SessionEnd }): Result<Posted> {
  const { organization } = command
  const { session } = event
  const first = postedIn(draft, organization, 'session_end', session.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const known = sessionIn(draft, organization, session.id)
  if (known === undefined) {
    const detail = `no session "${session.id}" is known here; send the end again once its start, or a call that names it, is recorded`
    return fail(refusal('not_found', detail, { path: '/session_id' }))
  }
  putSession(draft, { ...known, endedAt: session.at })
  return post(draft, command, { kind: 'session_end', session })
}
