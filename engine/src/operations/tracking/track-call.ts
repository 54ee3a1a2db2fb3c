import { type CallTracked, settleCall, type TrackCall, trackCall } from '@purser/contract'
import { tokenTotals } from '../../calls/index.ts'
import { assert, ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import type { Posted } from '../../ledger/index.ts'
import { INPUT_METERS, OUTPUT_METERS, type Usage, usageTotal } from '../../usage/index.ts'
import { holdOfCaller } from '../budgets/hold-of-caller.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { overrunAnswer } from '../wire/overrun-answer.ts'
import { draftCall } from './call-draft.ts'
import { findOrganization, organizationOfReport } from './organization-of-call.ts'

/** Reports one call. It is in the ledger when this resolves. */
export const trackCallOperation = implement(trackCall, track)

/** The same, for a call that was authorized. */
export const settleCallOperation = implement(settleCall, track)

async function track({ services, caller }: Context, report: TrackCall): Promise<Result<CallTracked>> {
  const organization =
    organizationOfReport(caller, services.runOrganizations, report) ?? (await findOrganization(caller, services.runOrganizations, report))
  if (!organization.ok) return organization
  if (caller.agent !== null && typeof report.call_id === 'string') {
    const hold = await holdOfCaller(services, caller, organization.value, report.call_id)
    if (!hold.ok) return hold
  }
  const command = draftCall(services, caller, report, { organization: organization.value, now: services.now() })
  if (!command.ok) return command
  const posted = await services.committer.submit(command.value)
  if (!posted.ok) return posted
  const overrun = overrunAnswer(services, posted.value.entry)
  return ok(overrun === undefined ? trackedAnswer(posted.value) : { ...trackedAnswer(posted.value), overrun })
}

function trackedAnswer({ entry, replayed }: Posted): CallTracked {
  assert(entry.event.kind === 'call', 'a call is posted as a call')
  const { call } = entry.event
  const { amount, status, notes } = call.charge
  const cost = amount === null ? null : usdOfPicos(amount)
  return {
    call_id: call.id,
    organization_id: entry.organization,
    workflow_id: call.run,
    model: call.usage.modelServed ?? call.usage.modelRequested,
    total_tokens: totalTokens(call.usage),
    cost_usd: cost === null ? null : Number(cost),
    cost,
    status,
    notes: notes.map((note) => note.detail),
    replayed,
  }
}

/** Null when the call did not report its tokens. */
function totalTokens(usage: Usage): number | null {
  const total = usageTotal(usage, INPUT_METERS) + usageTotal(usage, OUTPUT_METERS)
  return total === 0 && tokenTotals(usage).evidence === 'missing' ? null : total
}
