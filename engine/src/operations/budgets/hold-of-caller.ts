import { fail, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import type { HoldState } from '../../ledger/index.ts'
import type { Caller, Services } from '../context.ts'

/**
 * What is held for a call, as far as the caller may know: a key of one agent sees, changes and settles holds of that agent only. Refuses `not_found`
 * for another agent's, as if nothing were held.
 */
export async function holdOfCaller(
  { ledger }: Pick<Services, 'ledger'>,
  { agent }: Caller,
  organization: string,
  call: string,
): Promise<Result<HoldState | null>> {
  const [hold = null] = await ledger.findHolds(organization, call)
  return agent === null || hold === null || hold.scope.agent === agent ? ok(hold) : fail(nothingHeld(call))
}

export function nothingHeld(call: string): Refusal {
  return refusal('not_found', `nothing is held for a call "${call}" here`, { path: '/call_id' })
}
