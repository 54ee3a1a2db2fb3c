import { fail, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import type { HoldState, LedgerStore } from '../../ledger/index.ts'
import type { Caller, Services } from '../context.ts'

/**
 * What is held for a call, as far as the caller may know: a key of one agent sees, changes and settles holds of that agent only. Refuses `not_found`
 * for another agent's, as if nothing were held, and just so for one that has ended: given up, or its call posted.
 */
export async function holdOfCaller(
  { ledger }: Pick<Services, 'ledger'>,
  { agent }: Caller,
  organization: string,
  call: string,
): Promise<Result<HoldState | null>> {
  const [hold = null] = await ledger.findHolds(organization, call)
  if (agent === null) return ok(hold)
  const owners = hold === null ? await ownersOnceHeld(ledger, organization, call) : [hold.scope.agent]
  return owners.every((owner) => owner === agent) ? ok(hold) : fail(nothingHeld(call))
}

/** Whose the hold was that nothing is left of, and whose the call is that was posted: none, one or both. */
async function ownersOnceHeld(ledger: LedgerStore, organization: string, call: string): Promise<(string | null)[]> {
  const entries = await Promise.all([ledger.findEntry(organization, 'hold', call), ledger.findCall(organization, call)])
  return entries.flatMap((entry) => {
    if (entry?.event.kind === 'hold') return [entry.event.hold.agent]
    return entry?.event.kind === 'call' ? [entry.event.call.agent] : []
  })
}

function nothingHeld(call: string): Refusal {
  return refusal('not_found', `nothing is held for a call "${call}" here`, { path: '/call_id' })
}
