import { assert, fail, ok, type Result } from '../../kernel/index.ts'
import { type Draft, post, postedIn, putSession, sessionIn } from '../draft.ts'
import type { Posted, RecordCommand, SessionStart } from '../records.ts'
import { attributionDifference, reused, timeDifference } from './difference.ts'
import { inherit } from './inherit.ts'

/** Starts a session. Its row keeps what was said; what it lacks comes from the key alone. Refuses `id_reused`. */
export function recordSessionStart(draft: Draft, command: RecordCommand, event: { readonly session: SessionStart }): Result<Posted> {
  const { organization } = command
  const { session } = event
  const first = postedIn(draft, organization, 'session_start', session.id)
  if (first !== undefined) {
    assert(first.event.kind === 'session_start', 'an entry is posted under its own kind')
    const before = first.event.session
    const difference = attributionDifference(before, session, first.inherited ?? []) ?? timeDifference(before, session)
    return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('session', session.id, difference))
  }
  const known = sessionIn(draft, organization, session.id)
  const { atGiven: _, at, ...said } = session
  putSession(draft, { ...said, organization, startedAt: at, endedAt: known?.endedAt ?? null })
  const { attribution, inherited } = inherit(draft, command, session, { run: null, session: null })
  const filled: SessionStart = { ...session, ...attribution }
  return post(draft, command, { kind: 'session_start', session: filled }, { inherited, late: known !== undefined })
}
