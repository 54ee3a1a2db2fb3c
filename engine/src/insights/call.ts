import { assert, type Millis, type Picos, picos, ZERO } from '../kernel/index.ts'
import type { CallRecord, JournalEntry, LedgerStore } from '../ledger/index.ts'
import type { Charge, ChargeLine, Unpriced } from '../pricing/index.ts'
import type { Usage } from '../usage/index.ts'

/** What the journal must be able to say. */
export type CallJournal = Pick<LedgerStore, 'findCall' | 'findAdjustments'>

export interface ExplainedAdjustment {
  readonly id: string
  readonly reason: string
  readonly at: Millis
  readonly recordedAt: Millis
  readonly delta: Picos
  /** What the call cost after it. */
  readonly costAfter: Picos
  readonly charge: Charge
}

/** One call with all that led to its cost. */
export interface ExplainedCall {
  readonly organization: string
  readonly seq: number
  readonly recordedAt: Millis
  readonly call: CallRecord
  /** As the provider reported it, with the evidence for every meter. */
  readonly usage: Usage
  /** Lines, unpriced meters and status of the charge that holds today: the last adjustment's, else the one posted with the call. */
  readonly charge: Charge
  readonly lines: readonly ChargeLine[]
  readonly unpriced: readonly Unpriced[]
  /** Posted then, and now. Null: not known, which is not zero. */
  readonly costPosted: Picos | null
  readonly cost: Picos | null
  /** Oldest first. */
  readonly adjustments: readonly ExplainedAdjustment[]
}

/** Why did this call cost what it cost? Null when the organization has no such call. */
export async function callExplained(journal: CallJournal, organization: string | null, callId: string): Promise<ExplainedCall | null> {
  const entry = await journal.findCall(organization, callId)
  if (entry === null) return null
  return explainCall(entry, await journal.findAdjustments(entry.organization, callId))
}

export function explainCall(entry: JournalEntry, adjustments: readonly JournalEntry[]): ExplainedCall {
  assert(entry.event.kind === 'call', 'a call is explained from the entry that posted it')
  const { call } = entry.event
  const explained = explainAdjustments(call, adjustments)
  const charge = explained.at(-1)?.charge ?? call.charge
  return {
    organization: entry.organization,
    seq: entry.seq,
    recordedAt: entry.recordedAt,
    call,
    usage: call.usage,
    charge,
    lines: charge.lines,
    unpriced: charge.unpriced,
    costPosted: call.charge.amount,
    cost: explained.at(-1)?.costAfter ?? call.charge.amount,
    adjustments: explained,
  }
}

function explainAdjustments(call: CallRecord, entries: readonly JournalEntry[]): ExplainedAdjustment[] {
  let cost = call.charge.amount ?? ZERO
  return entries.map((entry) => {
    assert(entry.event.kind === 'adjustment' && entry.event.adjustment.call === call.id, 'an adjustment names the call it corrects')
    const { id, reason, at, delta, charge } = entry.event.adjustment
    cost = picos(cost + delta)
    return { id, reason, at, recordedAt: entry.recordedAt, delta, costAfter: cost, charge }
  })
}
