import { assert, fail, ok, type Result } from '../../kernel/index.ts'
import { type Draft, nextSeq, post, postedIn, putRun, runIn } from '../draft.ts'
import type { JournalEntry, Posted, RecordCommand, RunStart, RunState } from '../records.ts'
import { checkParent } from './ancestry.ts'
import { attributionDifference, type Difference, reused, timeDifference } from './difference.ts'
import { inherit } from './inherit.ts'
import { mentionRun, mentionSession } from './mention.ts'

/**
 * Starts a run. Its row keeps what was said, so that a parent which starts later still gives its descendants what they lack; its entry
 * carries the filled values. The name of the workflow is not inherited: a nested run is not another execution of its parent's workflow.
 * Refuses `id_reused`, `cycle`, `too_deep`, in this order.
 */
export function recordRunStart(draft: Draft, command: RecordCommand, event: { readonly run: RunStart }): Result<Posted> {
  const { organization } = command
  const { run } = event
  const first = postedIn(draft, organization, 'run_start', run.id)
  if (first !== undefined) return repeat(first, run)
  const parent = checkParent(draft, organization, run.id, run.parentRun)
  if (!parent.ok) return parent
  const known = runIn(draft, organization, run.id)
  mentionRun(draft, organization, run.parentRun)
  putRun(draft, started(organization, run, known, nextSeq(draft)))
  const { attribution, inherited } = inherit(draft, command, run, { run: run.parentRun, except: 'workflow' })
  mentionSession(draft, organization, attribution.session)
  const filled: RunStart = { ...run, ...attribution }
  return post(draft, command, { kind: 'run_start', run: filled }, { inherited, late: known !== undefined })
}

function started(organization: string, run: RunStart, known: RunState | undefined, startedSeq: number): RunState {
  const { atGiven: _, at, ...said } = run
  return {
    ...said,
    organization,
    startedAt: at,
    startedSeq,
    endedAt: known?.endedAt ?? null,
    success: known?.success ?? null,
    errorCode: known?.errorCode ?? null,
  }
}

function repeat(first: JournalEntry, again: RunStart): Result<Posted> {
  assert(first.event.kind === 'run_start', 'an entry is posted under its own kind')
  const difference = runDifference(first.event.run, again, first)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('workflow', again.id, difference))
}

function runDifference(first: RunStart, again: RunStart, entry: JournalEntry): Difference | null {
  const attribution = attributionDifference(first, again, entry.inherited ?? [])
  if (attribution !== null) return attribution
  if (first.parentRun !== again.parentRun) return { path: '/parent_workflow_id', before: first.parentRun, now: again.parentRun }
  return timeDifference(first, again)
}
