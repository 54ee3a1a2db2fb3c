import type { TrackCall } from '@purser/contract'
import { assert, LIMITS, ok, type Refusal, type Result, usdOfPicos, wellFormedText } from '../../kernel/index.ts'
import type { Posted, RecordCommand } from '../../ledger/index.ts'
import type { Caller, Services } from '../context.ts'
import { draftCall } from '../tracking/call-draft.ts'
import { findOrganization } from '../tracking/organization-of-call.ts'
import type { Ending, PlannedCall } from './passage.ts'

/** A call that was passed on and has ended. */
export interface Settled {
  /** Decimal text in USD; null where no price is known. */
  readonly costUsd: string | null
  readonly status: string
  /** Why it is not posted; null: it is. */
  readonly refused: Refusal | null
  /** Where it is tried again: why it is not posted after all; null: it is by then. Its money stays held until then, or until its deadline. */
  readonly later: Promise<Refusal | null> | null
}

interface Passed {
  readonly call: Pick<PlannedCall, 'said' | 'source' | 'retryOf'> & { readonly fingerprint: string | null }
  readonly callId: string
  readonly organization: string
}

/** Posts a call that has been made. It has been paid for, so what cannot be posted now is posted later, by the same id. */
export async function settlePassage(services: Services, caller: Caller, passed: Passed, ending: Ending): Promise<Settled> {
  const drafted = draftOf(services, caller, passed, ending)
  if (!drafted.ok) return { costUsd: null, status: 'unpriced', refused: drafted.error, later: null }
  assert(drafted.value.event.kind === 'call', 'a call is drafted as a call')
  const { amount, status } = drafted.value.event.call.charge
  const costUsd = amount === null ? null : usdOfPicos(amount)
  const commands = [drafted.value, ...aliasOf(drafted.value, passed.callId, ending.responseId)]
  const posted = await submitted(services, commands)
  const refused = posted.ok ? null : posted.error
  const later = refused !== null && isPassing(refused) ? postLater(services, commands, refused) : null
  return { costUsd, status, refused, later }
}

/** Something that was passed on without a hold and turned out to have used a model: what was used is posted as any report is. */
export async function recordPassed(
  services: Services,
  caller: Caller,
  { said, usage, latencyMs, responseId }: Pick<PlannedCall, 'said'> & Pick<Ending, 'usage' | 'latencyMs' | 'responseId'>,
): Promise<Result<Settled>> {
  const organization = await findOrganization(caller, services.runOrganizations, said)
  if (!organization.ok) return organization
  const passed = {
    call: { said, fingerprint: null, source: 'gateway', retryOf: null },
    callId: services.newId(),
    organization: organization.value,
  }
  return ok(await settlePassage(services, caller, passed, { usage, latencyMs, responseId, errorCode: null }))
}

function draftOf(services: Services, caller: Caller, { call, callId, organization }: Passed, ending: Ending): Result<RecordCommand> {
  const { said, retryOf } = call
  const report: TrackCall = {
    ...said,
    call_id: callId,
    tags: { ...said.tags, ...(retryOf === null ? {} : { retry_of: retryOf.callId, attempt: String(retryOf.attempt) }) },
    latency_ms: Math.min(LIMITS.latencyMsMax, Math.max(0, Math.round(ending.latencyMs))),
    success: ending.errorCode === null,
    source: call.source,
    ...(call.fingerprint === null ? {} : { prompt_fingerprint: call.fingerprint }),
    ...(ending.errorCode === null ? {} : { error: wellFormedText(ending.errorCode).slice(0, LIMITS.nameCharsMax) }),
  }
  return draftCall(services, caller, report, { organization, now: services.now(), usageAt: () => ok(ending.usage) })
}

/** By its provider's name the same call is known when its own telemetry tells of it. */
function aliasOf({ organization, recordedAt }: RecordCommand, call: string, name: string | null): RecordCommand[] {
  if (name === null || name.length > LIMITS.idCharsMax) return []
  return [{ kind: 'record', organization, recordedAt, event: { kind: 'call_alias', alias: { id: name, call, at: recordedAt } } }]
}

/** The outcome of the first command, which is the call. */
async function submitted(services: Services, commands: readonly RecordCommand[]): Promise<Result<Posted>> {
  try {
    const [posted] = await services.committer.submitAll(commands)
    return posted ?? { ok: false, error: { code: 'internal', detail: 'nothing was submitted' } }
  } catch {
    // A committer that is closing takes nothing more; the hold runs out, and verify shows the gap to the provider's bill.
    return { ok: false, error: { code: 'unavailable', detail: 'the ledger is closed' } }
  }
}

function isPassing({ code }: Refusal): boolean {
  return code === 'unavailable' || code === 'overloaded'
}

const LATER_MS = [250, 1_000, 5_000, 15_000, 60_000, 300_000] as const

async function postLater(services: Services, commands: readonly RecordCommand[], first: Refusal): Promise<Refusal | null> {
  let last = first
  for (const waitMs of LATER_MS) {
    await new Promise((resolve) => {
      setTimeout(resolve, waitMs).unref()
    })
    const posted = await submitted(services, commands)
    if (posted.ok) return null
    last = posted.error
    if (!isPassing(last)) break
  }
  return last
}
