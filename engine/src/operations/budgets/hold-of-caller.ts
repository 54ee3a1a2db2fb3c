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

/** Of an id that is taken, a key of one agent learns that and nothing else: it may be another agent's, whose name and call the refusal would tell. */
export function withoutAnother({ agent }: Caller, refused: Refusal, tells: '/agent_name' | '/call_id', path: string): Refusal {
  if (agent === null || refused.code !== 'id_reused' || refused.path !== tells) return refused
  return refusal('id_reused', 'the id is taken; choose another', { path })
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
