import type { TrackCall } from '@purser/contract'
import { fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import type { CallRecord, RecordCommand } from '../../ledger/index.ts'
import type { Usage } from '../../usage/index.ts'
import type { Caller, Services } from '../context.ts'
import { isTooDeep, reportedTime, tooDeep } from '../validation/index.ts'
import { usageOfInput } from '../wire/usage-of-input.ts'

const NO_TAGS: Readonly<Record<string, string>> = Object.freeze({})

interface Draft {
  readonly organization: string
  readonly now: Millis
  /** Used when the report gives none. */
  readonly id?: string
  /** Reads what was consumed at a time, where that is said in other fields than a report's. */
  readonly usageAt?: (at: Millis) => Result<Usage>
}

/**
 * A checked report → the command that posts it: times read, usage normalised, priced by the rates known now. Synchronous, because
 * a batch runs it for every item.
 */
export function draftCall(services: Services, caller: Caller, report: TrackCall, where: Draft): Result<RecordCommand> {
  const { organization, now } = where
  if (where.usageAt === undefined && saysNothing(report))
    return fail(refusal('missing_field', "say the model, or give the provider's response, or cost_usd", { path: '/model' }))
  if (report.response !== undefined && isTooDeep(report.response)) return fail(tooDeep('/response'))
  const time = typeof report.timestamp === 'string' ? reportedTime(report.timestamp, now) : null
  if (time !== null && !time.ok) return time
  const at = time === null ? now : time.value
  const usage = where.usageAt === undefined ? usageOfInput(report, at, services.rates) : where.usageAt(at)
  if (!usage.ok) return usage
  const charge = services.rates.price(usage.value, organization, now)
  const errorCode = report.error ?? (usage.value.outcome.ok ? null : usage.value.outcome.code)
  const call: CallRecord = {
    id: report.call_id ?? where.id ?? services.newId(),
    run: report.workflow_id ?? null,
    parentCall: report.parent_call_id ?? null,
    key: caller.keyId,
    at,
    atGiven: time !== null,
    latencyMs: report.latency_ms ?? null,
    success: report.success ?? errorCode === null,
    errorCode,
    fingerprint: report.prompt_fingerprint ?? null,
    source: report.source ?? 'api',
    agent: caller.agent ?? report.agent_name ?? null,
    user: report.user_id ?? null,
    session: report.session_id ?? null,
    workflow: report.workflow_name ?? null,
    team: report.team ?? null,
    project: report.project ?? null,
    costCenter: report.cost_center ?? null,
    action: report.action ?? null,
    tags: report.tags ?? NO_TAGS,
    usage: usage.value,
    charge,
  }
  return ok({
    kind: 'record',
    organization,
    recordedAt: now,
    event: { kind: 'call', call },
    ...(caller.defaults === null ? {} : { keyAttribution: caller.defaults }),
  })
}

/** A report of nothing is a mistake of the program that sent it, not a call. */
function saysNothing(report: TrackCall): boolean {
  return typeof report.model !== 'string' && report.response === undefined && (report.cost_usd === undefined || report.cost_usd === null)
}
