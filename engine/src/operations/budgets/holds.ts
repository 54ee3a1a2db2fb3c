import { extendHold, type HoldExtended, type HoldVoided, voidHold } from '@purser/contract'
import { assert, fail, formatInstant, ok, type Picos, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import type { HoldState, RecordCommand } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { worstCase } from './worst-case.ts'

/** Keeps the money of a call that takes longer, or needs more. */
export const extendHoldOperation = implement(extendHold, async ({ services, caller }, input): Promise<Result<HoldExtended>> => {
  const found = await holdOf(services, caller, input)
  if (!found.ok) return found
  const { organization, hold } = found.value
  const now = services.now()
  const amount = hold === null ? null : newAmount(services, hold, input, now)
  const posted = await services.committer.submit(
    commandOf(organization, now, {
      kind: 'hold_extend',
      extension: {
        id: input.extension_id ?? services.newId(),
        call: input.call_id,
        deadline: now + (input.ttl_seconds ?? TTL_SECONDS) * 1_000,
        amount,
        at: now,
        held: [],
      },
    }),
  )
  if (!posted.ok) return posted
  const { event } = posted.value.entry
  assert(event.kind === 'hold_extend', 'an extension is posted as an extension')
  const held = event.extension.amount ?? hold?.amount ?? null
  return ok({
    call_id: event.extension.call,
    organization_id: organization,
    held_usd: held === null ? null : usdOfPicos(held),
    expires_at: formatInstant(Math.max(event.extension.deadline, hold?.deadline ?? 0)),
    replayed: posted.value.replayed,
  })
})

/** Gives the money of a call back that is not made. */
export const voidHoldOperation = implement(voidHold, async ({ services, caller }, input): Promise<Result<HoldVoided>> => {
  const found = await holdOf(services, caller, input)
  if (!found.ok) return found
  const now = services.now()
  const release = { id: input.call_id, at: now, reason: input.reason ?? null }
  const posted = await services.committer.submit(commandOf(found.value.organization, now, { kind: 'hold_void', release }))
  if (!posted.ok) return posted
  return ok({ call_id: input.call_id, organization_id: found.value.organization, replayed: posted.value.replayed })
})

const TTL_SECONDS = 600

/** The organization that the hold is in: the key's, the one that is said, else the only one that holds for such a call. */
async function holdOf(
  services: Services,
  caller: Caller,
  { call_id, organization_id }: { readonly call_id: string; readonly organization_id?: string | null },
): Promise<Result<{ readonly organization: string; readonly hold: HoldState | null }>> {
  const said = organization_id ?? caller.organization
  const holds = await services.ledger.findHolds(said, call_id)
  const [hold = null] = holds
  if (holds.length > 1) {
    return fail(refusal('missing_field', 'more than one organization has a call of this id: say which', { path: '/organization_id' }))
  }
  const organization = organizationOf(caller, said ?? hold?.organization)
  return organization.ok ? ok({ organization: organization.value, hold }) : organization
}

/** Null when no tokens are said: as much as before. */
function newAmount(
  services: Services,
  { organization, scope, meters }: HoldState,
  asked: { readonly input_tokens?: number; readonly max_output_tokens?: number },
  now: number,
): Picos | null {
  if (asked.input_tokens === undefined && asked.max_output_tokens === undefined) return null
  const call = {
    model: scope.model ?? '',
    provider: scope.seller,
    input_tokens: asked.input_tokens ?? meters.input ?? 0,
    max_output_tokens: asked.max_output_tokens ?? meters.output ?? 0,
  }
  return worstCase(services, organization, call, now)
}

function commandOf(organization: string, recordedAt: number, event: RecordCommand['event']): RecordCommand {
  return { kind: 'record', organization, recordedAt, event }
}
