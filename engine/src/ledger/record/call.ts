import { assert, fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { transfersOfCost } from '../accounts.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { Attribution, CallRecord, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { attributionDifference, type Difference, reused, timeDifference } from './difference.ts'
import { inherit } from './inherit.ts'
import { mentionRunOfCall, mentionSession } from './mention.ts'
import { usageDifference } from './usage-difference.ts'

/**
 * Posts a call: fills what it inherits, debits the seller's expense, credits the funding. An unpriced call moves nothing and is
 * posted all the same. Its run, session and parent may arrive later. Refuses `id_reused`, `cycle`, `invalid_field`, in this order.
 */
export function recordCall(draft: Draft, command: RecordCommand, event: { readonly call: CallRecord }): Result<Posted> {
  const { organization } = command
  const { call } = event
  const first = postedIn(draft, organization, 'call', call.id)
  if (first !== undefined) return repeat(first, call)
  if (call.parentCall === call.id) {
    return fail(refusal('cycle', `call "${call.id}" cannot be its own parent`, { path: '/parent_call_id' }))
  }
  const { amount } = call.charge
  if (amount !== null && amount < 0n) {
    return fail(refusal('invalid_field', 'the cost of a call cannot be negative', { path: '/cost_usd' }))
  }
  const late = mentionRunOfCall(draft, organization, call)
  const { attribution, inherited } = inherit(draft, command, call, { run: call.run })
  mentionSession(draft, organization, attribution.session)
  const filled = inherited.length === 0 ? call : withAttribution(call, attribution)
  return post(
    draft,
    command,
    { kind: 'call', call: filled },
    { transfers: amount === null ? [] : transfersOfCost(call.usage.seller, amount), inherited, late },
  )
}

function repeat(first: JournalEntry, again: CallRecord): Result<Posted> {
  assert(first.event.kind === 'call', 'an entry is posted under its own kind')
  const difference = callDifference(first.event.call, again, first)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('call', again.id, difference))
}

/**
 * The first thing that the caller says otherwise now. What we made of it is not compared: the charge (rates may be known better now), the
 * evidence and notes of the usage, the key and source it came through, and times that were ours.
 */
function callDifference(first: CallRecord, again: CallRecord, entry: JournalEntry): Difference | null {
  return (
    attributionDifference(first, again, entry.inherited ?? []) ??
    usageDifference(first.usage, again.usage) ??
    plainDifference(first, again) ??
    timeDifference(first, again)
  )
}

function plainDifference(first: CallRecord, again: CallRecord): Difference | null {
  for (const [field, path] of PLAIN_FIELDS) {
    if (first[field] !== again[field]) return { path, before: first[field], now: again[field] }
  }
  return null
}

const PLAIN_FIELDS = [
  ['run', '/workflow_id'],
  ['parentCall', '/parent_call_id'],
  ['latencyMs', '/latency_ms'],
  ['success', '/success'],
  ['errorCode', '/error'],
  ['fingerprint', '/prompt_fingerprint'],
] as const satisfies readonly (readonly [keyof CallRecord, string])[]

/** Written out: a spread of this many fields costs more than the rest of the decision. */
function withAttribution(call: CallRecord, to: Attribution): CallRecord {
  return {
    id: call.id,
    run: call.run,
    parentCall: call.parentCall,
    key: call.key,
    at: call.at,
    atGiven: call.atGiven,
    latencyMs: call.latencyMs,
    success: call.success,
    errorCode: call.errorCode,
    fingerprint: call.fingerprint,
    source: call.source,
    agent: to.agent,
    user: to.user,
    session: to.session,
    workflow: to.workflow,
    team: to.team,
    project: to.project,
    costCenter: to.costCenter,
    action: to.action,
    tags: to.tags,
    usage: call.usage,
    charge: call.charge,
  }
}
