import type { Millis } from '../../kernel/index.ts'
import type { CallRecord } from '../../ledger/index.ts'
import { type Described, type Facts, textFact } from '../../usage/index.ts'
import type { Attributed } from './attribution.ts'
import { priced } from './charge.ts'
import type { CallDraft } from './records.ts'
import type { Request } from './request.ts'

/** A response id this long is one of a kind; local servers number theirs, and those come again. */
const TELLING_CHARS_MIN = 16
const ID_CHARS_MAX = 256

/** The id that the provider gave to its response, if there will be no other like it. */
export function tellingId(facts: Facts): string | null {
  const id = textFact(facts, 'responseId')
  return id !== null && id.length >= TELLING_CHARS_MIN && id.length < ID_CHARS_MAX ? id : null
}

export interface Place {
  readonly organization: string
  readonly at: Millis
  readonly atGiven: boolean
  readonly latencyMs: number | null
  readonly attributed: Attributed
  readonly run: string | null
  readonly parentCall: string | null
  readonly source: string
}

/** The call that a description comes to, priced by the rates known now. */
export function draftOf(
  request: Request,
  described: Described,
  ids: { readonly id: string; readonly otherId: string },
  place: Place,
): CallDraft {
  const { usage, charge } = priced(described, request.receiver.services.rates, place.organization, request.now)
  return {
    organization: place.organization,
    call: callOf(request, ids.id, place, usage, charge),
    otherId: ids.otherId,
    metered: described.metered,
    items: 1,
    dropped: false,
  }
}

/** The record of a call of any kind. */
export function callOf(request: Request, id: string, place: Place, usage: CallRecord['usage'], charge: CallRecord['charge']): CallRecord {
  const { attributed } = place
  return {
    id,
    run: place.run,
    parentCall: place.parentCall === id ? null : place.parentCall,
    key: request.caller.keyId,
    at: place.at,
    atGiven: place.atGiven,
    latencyMs: place.latencyMs,
    success: usage.outcome.ok,
    errorCode: usage.outcome.ok ? null : usage.outcome.code,
    fingerprint: null,
    source: place.source,
    agent: attributed.agent,
    user: attributed.user,
    session: attributed.session,
    workflow: attributed.workflow,
    team: attributed.team,
    project: attributed.project,
    costCenter: attributed.costCenter,
    action: attributed.action,
    tags: attributed.tags,
    usage,
    charge,
  }
}
