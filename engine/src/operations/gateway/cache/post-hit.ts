import type { TrackCall } from '@purser/contract'
import { fail, LIMITS, type Millis, ok, type Refusal, type Result, refusal, usdOfPicos, ZERO } from '../../../kernel/index.ts'
import type { CallRecord, RecordCommand } from '../../../ledger/index.ts'
import type { Charge } from '../../../pricing/index.ts'
import type { Usage } from '../../../usage/index.ts'
import { permits } from '../../authority/grants.ts'
import type { Caller, Services } from '../../context.ts'
import { draftCall } from '../../tracking/call-draft.ts'
import type { PlannedCall } from '../passage.ts'
import { withTags } from '../with-tags.ts'
import type { CachedAnswer } from './response-cache.ts'

/** A call that is answered from the cache. */
export interface CacheHit {
  readonly organization: string
  readonly call: Pick<PlannedCall, 'said' | 'model' | 'seller' | 'fingerprint'>
  readonly answer: CachedAnswer
  readonly match: 'exact' | 'semantic'
  readonly startedAt: Millis
}

export interface PostedHit {
  readonly callId: string
  /** What the answer would have cost at the rates of now; null where no price is known. Decimal text in USD. */
  readonly savedUsd: string | null
}

/** Who says that it cost nothing, and what the call is known by. */
const SOURCE = 'gateway:cache'
const HOLD_MS = 60_000

/**
 * Posts a call that the cache has answered: a call of its own that costs nothing, which is known, with the usage that it has spared. Nothing is credited: what was
 * saved is told by the call and summed by whoever asks. Agents that are paused and breakers refuse it as any call; a budget that is used up does not, for nothing is
 * spent.
 */
export async function postCacheHit(services: Services, caller: Caller, hit: CacheHit): Promise<Result<PostedHit>> {
  if (!permits(caller, 'report', 'gateway'))
    return fail(refusal('forbidden', 'this key may not make calls; it needs the permission report'))
  const callId = services.newId()
  const drafted = draftHit(services, caller, hit, callId)
  if (!drafted.ok) return drafted
  const { command, call } = drafted.value
  const held = await services.committer.submit(holdOfNothing(services, command, call, hit))
  if (!held.ok && !isOfMoney(held.error)) return held
  const posted = await services.committer.submit(command)
  if (!posted.ok) return posted
  const saved = call.charge.attested?.computed ?? null
  return ok({ callId, savedUsd: saved === null ? null : usdOfPicos(saved) })
}

function draftHit(
  services: Services,
  caller: Caller,
  { call: { said, fingerprint }, organization, answer, match, startedAt }: CacheHit,
  callId: string,
): Result<{ readonly command: RecordCommand; readonly call: CallRecord }> {
  const now = services.now()
  const report: TrackCall = {
    ...withTags(said, { cache: 'hit', cache_match: match, cache_of: answer.callId }),
    call_id: callId,
    latency_ms: Math.min(LIMITS.latencyMsMax, Math.max(0, Math.round(now - startedAt))),
    success: true,
    source: SOURCE,
    prompt_fingerprint: fingerprint,
  }
  const drafted = draftCall(services, caller, report, { organization, now, usageAt: (at) => ok(sparedUsage(answer.usage, at)) })
  if (!drafted.ok) return drafted
  const { event, ...command } = drafted.value
  if (event.kind !== 'call') return fail(refusal('internal', 'a report is drafted as a call'))
  const call: CallRecord = { ...event.call, charge: chargeOfNothing(event.call.charge) }
  return ok({ command: { ...command, event: { kind: 'call', call } }, call })
}

/** What the answer had consumed, as of now, at a stated price of nothing. Fees that are due once, such as containers, are not spared again. */
function sparedUsage({ context, attested: _, ...usage }: Usage, at: Millis): Usage {
  const { containerIds: __, ...rest } = context
  return { ...usage, at, context: rest, attested: { amount: '0', currency: 'USD', by: SOURCE } }
}

/** Nothing was bought, so there are no lines; what it would have cost stands beside the amount. */
function chargeOfNothing({ alternatives: _, unpriced: __, ...charge }: Charge): Charge {
  return { ...charge, lines: [], unpriced: [], alternatives: [] }
}

function holdOfNothing(services: Services, command: RecordCommand, call: CallRecord, { call: { model, seller } }: CacheHit): RecordCommand {
  const { id, run, key, fingerprint, agent, user, session, workflow, team, project, costCenter, action, tags, at } = call
  return {
    ...command,
    provisional: true,
    event: {
      kind: 'hold',
      hold: {
        ...{ id, run, key, fingerprint, agent, user, session, workflow, team, project, costCenter, action, tags, at },
        model,
        seller: services.rates.sellerOf(seller, model, at),
        meters: {},
        asked: {},
        deadline: at + HOLD_MS,
        amount: ZERO,
        fallback: null,
        tier: null,
        region: null,
        held: [],
      },
    },
  }
}

function isOfMoney({ code }: Refusal): boolean {
  return code === 'budget_exceeded' || code === 'price_unknown'
}
