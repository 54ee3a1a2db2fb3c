import { type CallsTracked, TrackCall, trackCalls } from '@purser/contract'
import { assert, ok, type Picos, picos, type Refusal, type Result, usdNumberOfPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import type { Posted, RecordCommand } from '../../ledger/index.ts'
import { holdOfCaller } from '../budgets/hold-of-caller.ts'
import type { Caller, Context, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { compileCheck } from '../validation/index.ts'
import { draftCall } from './call-draft.ts'
import { findOrganization, organizationOfReport } from './organization-of-call.ts'

const check = compileCheck(TrackCall)

/**
 * Reports many calls in one pass: check, meter, price, then one submission of all that are good. Items that are refused are listed by
 * their index and change nothing.
 */
export const trackCallsOperation = implement(trackCalls, async ({ services, caller }: Context, batch): Promise<Result<CallsTracked>> => {
  const commands: RecordCommand[] = []
  const drafts: (Refusal | null)[] = []
  const now = services.now()
  for (const item of batch.calls) {
    const drafted = draftItem(services, caller, item, now)
    const command = drafted instanceof Promise ? await drafted : drafted
    if (command.ok) commands.push(command.value)
    drafts.push(command.ok ? null : command.error)
  }
  const outcomes = await services.committer.submitAll(commands)
  return ok(summarised(drafts, outcomes))
})

/** A promise only where the organization of a run or session must be loaded: a batch of a thousand calls makes none. */
function draftItem(services: Services, caller: Caller, item: unknown, now: number): Result<RecordCommand> | Promise<Result<RecordCommand>> {
  if (!check.accepts(item)) return { ok: false, error: check.explain(item) }
  const organization = organizationOfReport(caller, services.runOrganizations, item)
  if (organization === null) {
    return findOrganization(caller, services.runOrganizations, item).then((found) =>
      found.ok ? draftOwn(services, caller, item, { organization: found.value, now }) : found,
    )
  }
  if (!organization.ok) return organization
  return draftOwn(services, caller, item, { organization: organization.value, now })
}

/** What another agent holds is not for a key of one agent to settle. */
function draftOwn(
  services: Services,
  caller: Caller,
  item: TrackCall,
  where: { readonly organization: string; readonly now: number },
): Result<RecordCommand> | Promise<Result<RecordCommand>> {
  if (caller.agent === null || typeof item.call_id !== 'string') return draftCall(services, caller, item, where)
  return holdOfCaller(services, caller, where.organization, item.call_id).then((hold) =>
    hold.ok ? draftCall(services, caller, item, where) : hold,
  )
}

function summarised(drafts: readonly (Refusal | null)[], outcomes: readonly Result<Posted, Refusal>[]): CallsTracked {
  const results: CallsTracked['results'] = []
  const sums = { accepted: 0, replayed: 0, unpriced: 0, cost: ZERO as Picos }
  let next = 0
  for (let index = 0; index < drafts.length; index++) {
    const refused = drafts[index]
    if (refused !== null && refused !== undefined) {
      results.push(refusedItem(index, refused))
      continue
    }
    const outcome = outcomes[next++]
    assert(outcome !== undefined, 'every submitted item is answered')
    results.push(outcome.ok ? postedItem(index, outcome.value, sums) : refusedItem(index, outcome.error))
  }
  return {
    accepted: sums.accepted,
    replayed: sums.replayed,
    refused: drafts.length - sums.accepted,
    cost_usd: usdNumberOfPicos(sums.cost),
    cost: usdOfPicos(sums.cost),
    unpriced: sums.unpriced,
    results,
  }
}

function postedItem(
  index: number,
  { entry, replayed }: Posted,
  sums: { accepted: number; replayed: number; unpriced: number; cost: Picos },
): CallsTracked['results'][number] {
  assert(entry.event.kind === 'call', 'a call is posted as a call')
  const { id, charge } = entry.event.call
  sums.accepted += 1
  if (replayed) sums.replayed += 1
  if (charge.amount === null) sums.unpriced += 1
  else sums.cost = picos(sums.cost + charge.amount)
  const cost = charge.amount === null ? null : usdOfPicos(charge.amount)
  return replayed ? { index, call_id: id, cost, status: charge.status, replayed } : { index, call_id: id, cost, status: charge.status }
}

function refusedItem(index: number, { code, detail, path }: Refusal): CallsTracked['results'][number] {
  return path === undefined ? { index, code, detail } : { index, code, detail, path: `/calls/${index}${path}` }
}
