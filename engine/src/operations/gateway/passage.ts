import type { AuthorizeCall, CallAuthorized } from '@purser/contract'
import { fail, LIMITS, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import type { RecordCommand } from '../../ledger/index.ts'
import { canonicalSeller, type Meters, type ServiceTier, type Usage } from '../../usage/index.ts'
import { permits } from '../authority/grants.ts'
import { holdForCall } from '../budgets/authorize.ts'
import { dearestCase, type Foreseen, worstCase } from '../budgets/worst-case.ts'
import type { Caller, Services } from '../context.ts'
import { findOrganization } from '../tracking/organization-of-call.ts'
import { roomAfter, type TightestBudget, tightestOf } from './room.ts'
import { type Settled, settlePassage } from './settle.ts'

/** Who and what a call is for, as its request says, in the spelling of a report. */
export type Said = Pick<
  AuthorizeCall,
  | 'organization_id'
  | 'agent_name'
  | 'user_id'
  | 'session_id'
  | 'workflow_id'
  | 'workflow_name'
  | 'team'
  | 'project'
  | 'cost_center'
  | 'action'
  | 'tags'
>

/** A call on its way to a provider, before it is let through. Tokens. */
export interface PlannedCall {
  readonly said: Said
  readonly seller: string
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** The request states no limit for its output: hold for what fits, if that is worth having. */
  readonly clamp: boolean
  readonly cacheWrites: 'none' | '5m' | '1h' | 'unknown'
  readonly others: Meters
  readonly tier: ServiceTier | null
  readonly fingerprint: string
  /** `gateway`, or what in it makes the call. */
  readonly source: string
  /** Of a call that repeats one that failed: the call and how often it has been tried before. */
  readonly retryOf: { readonly callId: string; readonly attempt: number } | null
}

/** How a call ended. */
export interface Ending {
  readonly usage: Usage
  readonly latencyMs: number
  /** Why it failed; null: it did not. */
  readonly errorCode: string | null
  /** What the provider calls its answer; null where it has no name. */
  readonly responseId: string | null
}

/** A call that was let through: its money is held until it is settled or given up. */
export interface Passage {
  readonly callId: string
  readonly organization: string
  /** Decimal text; null where no price is known. */
  readonly heldUsd: string | null
  readonly maxOutputTokens: number
  readonly clamped: boolean
  /** The hard budget with the least left after the hold; null where none limits the call. */
  readonly tightest: TightestBudget | null
  /** Holds for more output; refused as a hold is. */
  extend(outputTokens: number): Promise<Result<null>>
  /** Keeps the money as long again: the call goes on. */
  keep(): Promise<void>
  /** Posts what the call cost and frees the rest. Never throws: what cannot be posted now is tried again. */
  settle(ending: Ending): Promise<Settled>
  /** What is left of the tightest budget when the call has cost so much. */
  leftAfter(cost: string | null): string | null
}

/** Shorter answers than this are not worth their input. */
const CLAMP_FLOOR_TOKENS = 256

/** Whether a key may use the gateway at all, also for what is not metered: the provider's key that it goes with is the server's. */
export function mayCall(caller: Caller): Result<null> {
  if (permits(caller, 'report', 'gateway')) return ok(null)
  return fail(refusal('forbidden', 'this key may not make calls; it needs the permission report'))
}

/** Lets a call through to a provider, with its worst case held in every budget that matches; refuses what the ledger refuses. */
export async function beginPassage(services: Services, caller: Caller, call: PlannedCall): Promise<Result<Passage>> {
  const may = mayCall(caller)
  if (!may.ok) return may
  const organization = await findOrganization(caller, services.runOrganizations, call.said)
  if (!organization.ok) return organization
  const callId = services.newId()
  const planned = { ...(call.cacheWrites === 'unknown' ? {} : { cacheWrites: CACHE_WRITES[call.cacheWrites] }), others: call.others }
  const held = await holdForCall({
    services,
    caller,
    organization: organization.value,
    id: callId,
    planned,
    leastOutputTokens: CLAMP_FLOOR_TOKENS,
    input: {
      ...call.said,
      model: call.model,
      provider: canonicalSeller(call.seller),
      input_tokens: call.inputTokens,
      max_output_tokens: call.outputTokens,
      clamp: call.clamp,
      ttl_seconds: LIMITS.gatewayHoldMs / 1_000,
      prompt_fingerprint: call.fingerprint,
      ...(call.tier === null ? {} : { service_tier: call.tier }),
    },
  })
  return held.ok ? { ok: true, value: passageOf(services, caller, call, planned, held.value) } : held
}

/** As which meters the input of a request may be written to a cache. */
export const CACHE_WRITES = { none: [], '5m': ['input.cache_write_5m'], '1h': ['input.cache_write_5m', 'input.cache_write_1h'] } as const

function passageOf(
  services: Services,
  caller: Caller,
  call: PlannedCall,
  planned: Pick<Foreseen, 'cacheWrites' | 'others'>,
  held: CallAuthorized,
): Passage {
  const { call_id: callId, organization_id: organization } = held
  const tightest = tightestOf(held.budgets)
  return {
    callId,
    organization,
    heldUsd: held.held_usd,
    maxOutputTokens: held.max_output_tokens,
    clamped: held.clamped,
    tightest,
    async extend(outputTokens) {
      const at = services.now()
      const foreseen: Foreseen = {
        ...planned,
        model: call.model,
        provider: canonicalSeller(call.seller),
        input_tokens: call.inputTokens,
        max_output_tokens: outputTokens,
        service_tier: call.tier,
      }
      const amount = worstCase(services, organization, foreseen, at)
      const fallback = amount === null ? dearestCase(services, foreseen, at) : null
      const meters = { input: call.inputTokens, output: outputTokens, ...call.others }
      const done = await services.committer.submit(extension(services, organization, { callId, at, amount, fallback, meters }))
      return done.ok ? { ok: true, value: null } : done
    },
    async keep() {
      const at = services.now()
      await services.committer.submit(extension(services, organization, { callId, at, amount: null, fallback: null, meters: null }))
    },
    settle: (ending) => settlePassage(services, caller, { call, callId, organization }, ending),
    leftAfter: (cost) => roomAfter(tightest, held.held_usd, cost),
  }
}

type Extension = Extract<RecordCommand['event'], { kind: 'hold_extend' }>['extension']

function extension(
  services: Services,
  organization: string,
  { callId, at, ...rest }: Pick<Extension, 'amount' | 'fallback' | 'meters'> & { readonly callId: string; readonly at: Millis },
): RecordCommand {
  const kept = { id: services.newId(), call: callId, deadline: at + LIMITS.gatewayHoldMs, at, held: [], ...rest }
  return { kind: 'record', organization, recordedAt: at, event: { kind: 'hold_extend', extension: kept } }
}
