import { endWorkflow, startWorkflow, type WorkflowEnded, type WorkflowStarted } from '@purser/contract'
import { assert, formatInstant, ok, type Result } from '../../kernel/index.ts'
import type { CommandEvent, Committer, LedgerStore, Posted, RunStart } from '../../ledger/index.ts'
import type { Caller } from '../context.ts'
import { implement } from '../operation.ts'
import { reportedTime } from '../validation/index.ts'
import { findOrganization } from './organization-of-call.ts'

/** One execution of a workflow begins. */
export const startWorkflowOperation = implement(startWorkflow, async ({ services, caller }, input): Promise<Result<WorkflowStarted>> => {
  const { workflow_id: _, ...belonging } = input
  const organization = await findOrganization(caller, services.runOrganizations, belonging)
  if (!organization.ok) return organization
  const now = services.now()
  const time = typeof input.timestamp === 'string' ? reportedTime(input.timestamp, now) : null
  if (time !== null && !time.ok) return time
  const run: RunStart = {
    id: input.workflow_id ?? services.newId(),
    parentRun: input.parent_workflow_id ?? null,
    at: time === null ? now : time.value,
    atGiven: time !== null,
    agent: caller.agent ?? input.agent_name ?? null,
    user: input.user_id ?? null,
    session: input.session_id ?? null,
    workflow: input.workflow_name,
    team: input.team ?? null,
    project: input.project ?? null,
    costCenter: input.cost_center ?? null,
    action: input.action ?? null,
    tags: input.tags ?? {},
  }
  const posted = await record(services.committer, caller, organization.value, now, { kind: 'run_start', run })
  services.runOrganizations.forget('run', run.id)
  if (!posted.ok) return posted
  const { event } = posted.value.entry
  assert(event.kind === 'run_start', 'a start is posted as a start')
  return ok({
    workflow_id: event.run.id,
    workflow_name: event.run.workflow ?? input.workflow_name,
    organization_id: posted.value.entry.organization,
    started_at: formatInstant(event.run.at),
    status: await statusOf(services.ledger, posted.value),
    ...(posted.value.entry.late === true && event.run.parentRun !== null ? { notes: [LATE_BELOW] } : {}),
    replayed: posted.value.replayed,
  })
})

const LATE_BELOW =
  'calls of this run were posted before this start: budgets on the runs above do not count them, since nothing said then that the run hangs below; start a run before its calls'

/** A run may have ended before its start is said, when a call had named it; one that nothing had named before is running. */
async function statusOf(ledger: LedgerStore, { entry, replayed }: Posted): Promise<WorkflowStarted['status']> {
  assert(entry.event.kind === 'run_start', 'a start is posted as a start')
  if (entry.late !== true && !replayed) return 'running'
  const [run] = await ledger.findRuns(entry.organization, entry.event.run.id)
  if (run === undefined || run.success === null) return 'running'
  return run.success ? 'succeeded' : 'failed'
}

/** An execution ends, with its outcome. One that was never started may end too: its calls are there. */
export const endWorkflowOperation = implement(endWorkflow, async ({ services, caller }, input): Promise<Result<WorkflowEnded>> => {
  const organization = await findOrganization(caller, services.runOrganizations, input)
  if (!organization.ok) return organization
  const now = services.now()
  const time = typeof input.timestamp === 'string' ? reportedTime(input.timestamp, now) : null
  if (time !== null && !time.ok) return time
  const errorCode = input.error ?? null
  const posted = await record(services.committer, caller, organization.value, now, {
    kind: 'run_end',
    run: {
      id: input.workflow_id,
      at: time === null ? now : time.value,
      atGiven: time !== null,
      success: input.success ?? errorCode === null,
      errorCode,
    },
  })
  if (!posted.ok) return posted
  const { event } = posted.value.entry
  assert(event.kind === 'run_end', 'an end is posted as an end')
  return ok({
    workflow_id: event.run.id,
    organization_id: posted.value.entry.organization,
    ended_at: formatInstant(event.run.at),
    status: event.run.success ? 'succeeded' : 'failed',
    replayed: posted.value.replayed,
  })
})

/** Submits one event with what the caller's key gives to it. */
export function record(
  committer: Committer,
  caller: Caller,
  organization: string,
  now: number,
  event: CommandEvent,
): ReturnType<Committer['submit']> {
  return committer.submit({
    kind: 'record',
    organization,
    recordedAt: now,
    event,
    ...(caller.defaults === null ? {} : { keyAttribution: caller.defaults }),
  })
}
