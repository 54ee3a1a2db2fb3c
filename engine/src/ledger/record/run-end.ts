import { assert, fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Draft, post, postedIn, putRun, runIn } from '../draft.ts'
import type { JournalEntry, Posted, RecordCommand, RunEnd } from '../records.ts'

/**
 * Ends a run. The first end stands: the same outcome again is a repetition, whenever it is said to have happened; another outcome is
 * refused as `already_ended`; a run that nothing has named is `not_found`.
 */
export function recordRunEnd(draft: Draft, command: RecordCommand, event: { readonly run: RunEnd }): Result<Posted> {
  const { organization } = command
  const { run } = event
  const first = postedIn(draft, organization, 'run_end', run.id)
  if (first !== undefined) return repeat(first, run)
  const known = runIn(draft, organization, run.id)
  if (known === undefined) {
    const detail = `no workflow "${run.id}" is known here; send the end again once its start, or a call that names it, is recorded`
    return fail(refusal('not_found', detail, { path: '/workflow_id' }))
  }
  assert(known.endedAt === null, 'a run that has ended has an entry that says so')
  putRun(draft, { ...known, endedAt: run.at, success: run.success, errorCode: run.errorCode })
  return post(draft, command, { kind: 'run_end', run })
}

function repeat(first: JournalEntry, again: RunEnd): Result<Posted> {
  assert(first.event.kind === 'run_end', 'an entry is posted under its own kind')
  const { success, errorCode } = first.event.run
  if (success === again.success && errorCode === again.errorCode) return ok({ entry: first, replayed: true })
  const outcome = success ? 'succeeded' : `failed${errorCode === null ? '' : ` (${errorCode})`}`
  return fail(
    refusal('already_ended', `workflow "${again.id}" has already ended: it ${outcome}`, {
      path: success === again.success ? '/error' : '/success',
      facts: { id: again.id, success, error: errorCode },
    }),
  )
}
