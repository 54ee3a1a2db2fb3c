import { extendHold, type HoldExtended, type HoldVoided, voidHold } from '@purser/contract'
import { assert, fail, formatInstant, ok, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import type { HoldExtension, HoldState, RecordCommand } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { holdOfCaller, withoutAnother } from './hold-of-caller.ts'
import { dearestCase, type Foreseen, worstCase } from './worst-case.ts'

/** Keeps the money of a call that takes longer, or needs more. */
export const extendHoldOperation = implement(extendHold, async ({ services, caller }, input): Promise<Result<HoldExtended>> => {
  const found = await holdOf(services, caller, input)
  if (!found.ok) return found
  const { organization, hold } = found.value
  const now = services.now()
  const worst = hold === null ? ok(AS_BEFORE) : newWorstCase(services, hold, input, now)
  if (!worst.ok) return worst
  const posted = await services.committer.submit(
    commandOf(organization, now, {
      kind: 'hold_extend',
      extension: {
        id: input.extension_id ?? services.newId(),
        call: input.call_id,
        deadline: now + (input.ttl_seconds ?? TTL_SECONDS) * 1_000,
        ...worst.value,
        at: now,
        held: [],
      },
    }),
  )
  if (!posted.ok) return fail(withoutAnother(caller, posted.error, '/call_id', '/extension_id'))
  const { event } = posted.value.entry
  assert(event.kind === 'hold_extend', 'an extension is posted as an extension')
  const { amount, fallback } = event.extension
  const held = amount === null && fallback === null ? (hold?.amount ?? null) : amount
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
  const scope = organizationOf(caller, said)
  if (!scope.ok) return scope
  const holds = await services.ledger.findHolds(said, call_id)
  if (holds.length > 1) {
    return fail(refusal('missing_field', 'more than one organization has a call of this id: say which', { path: '/organization_id' }))
  }
  const organization = said ?? holds[0]?.organization ?? scope.value
  const hold = await holdOfCaller(services, caller, organization, call_id)
  return hold.ok ? ok({ organization, hold: hold.value }) : hold
}

const AS_BEFORE: Pick<HoldExtension, 'amount' | 'fallback' | 'meters'> = { amount: null, fallback: null, meters: null }

/**
 * The worst case of the tokens that are said, at the tier and in the region that were asked for; as before when none are said. Where no price is
 * known any more, what stands in for it; refuses `price_unknown` when nothing does: the old amount would be for another call.
 */
function newWorstCase(
  services: Services,
  { organization, scope, meters, tier, region }: HoldState,
  asked: { readonly input_tokens?: number; readonly max_output_tokens?: number },
  now: number,
): Result<Pick<HoldExtension, 'amount' | 'fallback' | 'meters'>> {
  if (asked.input_tokens === undefined && asked.max_output_tokens === undefined) return ok(AS_BEFORE)
  const call: Foreseen = {
    model: scope.model ?? '',
    provider: scope.seller,
    input_tokens: asked.input_tokens ?? meters.input ?? 0,
    max_output_tokens: asked.max_output_tokens ?? meters.output ?? 0,
    service_tier: tier,
    region,
  }
  const amount = worstCase(services, organization, call, now)
  const fallback = amount === null ? dearestCase(services, call, now) : null
  if (amount === null && fallback === null) {
    return fail(refusal('price_unknown', `no price is known for "${call.model}" any more; extend the time only, or set a rate`))
  }
  return ok({ amount, fallback, meters: { ...meters, input: call.input_tokens, output: call.max_output_tokens } })
}

function commandOf(organization: string, recordedAt: number, event: RecordCommand['event']): RecordCommand {
  return { kind: 'record', organization, recordedAt, event }
}
