import { assert, type Millis, type Picos, picos } from '../../kernel/index.ts'
import type { Adjustment, Inherited, JournalEntry, RecordEvent, RunEnd, RunStart, SessionEnd, SessionStart, Transfer } from '../records.ts'
import { decodeAttribution, encodeAttribution } from './attribution.ts'
import { decodeAgentChange, decodeBreakerSetting, decodeTrip, encodeAgentChange, encodeBreakerSetting, encodeTrip } from './breaker.ts'
import {
  decodeCounterKey,
  decodeCrossing,
  decodeExhaustion,
  decodeExtension,
  decodeHold,
  decodeSetting,
  decodeSettled,
  encodeCounterKey,
  encodeCrossing,
  encodeExhaustion,
  encodeExtension,
  encodeHold,
  encodeSetting,
  encodeSettled,
} from './budget.ts'
import { decodeCall, encodeCall } from './call.ts'
import { decodeCharge, encodeCharge } from './charge.ts'
import { amountOf, arrayOf, type Json, nullableText, numberOf, textOf } from './json.ts'
import { decodeWalletEvent, encodeWalletEvent } from './wallet.ts'

/** A journal entry as a store keeps it: a few columns to find it by, and a body of text. */
export interface StoredEntry {
  readonly seq: number
  readonly organization: string
  readonly kind: RecordEvent['kind']
  readonly recordedAt: Millis
  readonly body: string
}

/**
 * The body of an entry: a JSON array `[version, transfers, late, inherited, event]`, positions instead of names and amounts as decimal
 * text. Compact because each byte is written twice (log and table) before a caller is answered. A body is read by the version that wrote it, so
 * a new layout gets a new number and old entries stay readable.
 */
export function encodeEntry(entry: JournalEntry): string {
  return JSON.stringify([
    VERSION,
    entry.transfers.length === 0 ? 0 : entry.transfers.map(encodeTransfer),
    entry.late === true ? 1 : 0,
    entry.inherited ?? 0,
    encodeEvent(entry.event),
    ...(isCounted(entry) ? encodeCounted(entry) : []),
  ])
}

/** The inverse of `encodeEntry`. Throws on a body that this program did not write: the journal is never guessed at. */
export function decodeEntry(stored: StoredEntry): JournalEntry {
  const body = arrayOf(JSON.parse(stored.body))
  assert(body[0] === VERSION, `journal entry ${stored.seq} has the unknown version ${String(body[0])}`)
  const [, transfers, late, inherited, event, settled = 0, counted = 0, crossed = 0, wallet = 0, tripped = 0] = body
  return {
    seq: stored.seq,
    organization: stored.organization,
    recordedAt: stored.recordedAt,
    event: decodeEvent(stored, arrayOf(event)),
    transfers: transfers === 0 ? [] : arrayOf(transfers).map(decodeTransfer),
    ...(late === 1 ? { late: true as const } : {}),
    ...(inherited === 0 ? {} : { inherited: arrayOf(inherited) as Inherited[] }),
    ...(settled === 0 ? {} : { settled: decodeSettled(arrayOf(settled)) }),
    ...(counted === 0 ? {} : { counted: arrayOf(counted).map((key) => decodeCounterKey(key, stored.organization)) }),
    ...(crossed === 0 ? {} : { crossed: arrayOf(crossed).map(decodeCrossing) }),
    ...(wallet === 0 ? {} : { wallet: textOf(wallet) }),
    ...(tripped === 0 ? {} : { tripped: arrayOf(tripped).map(decodeTrip) }),
  }
}

function isCounted({ settled, counted, crossed, wallet, tripped }: JournalEntry): boolean {
  return settled !== undefined || counted !== undefined || crossed !== undefined || wallet !== undefined || tripped !== undefined
}

/** How the entry was counted in budgets and breakers, and which wallet paid; left out where none was. */
function encodeCounted({ settled, counted, crossed, wallet, tripped }: JournalEntry): Json[] {
  return [
    settled === undefined ? 0 : encodeSettled(settled),
    counted === undefined ? 0 : counted.map(encodeCounterKey),
    crossed === undefined ? 0 : crossed.map(encodeCrossing),
    ...(wallet === undefined && tripped === undefined ? [] : [wallet ?? 0]),
    ...(tripped === undefined ? [] : [tripped.map(encodeTrip)]),
  ]
}

const VERSION = 1

function encodeTransfer({ debit, credit, amount }: Transfer): Json {
  return [debit, credit, amount.toString()]
}

function decodeTransfer(value: Json): Transfer {
  const [debit, credit, amount] = arrayOf(value)
  return { debit: textOf(debit), credit: textOf(credit), amount: amountOf(amount) }
}

function encodeEvent(event: RecordEvent): Json {
  switch (event.kind) {
    case 'call':
      return encodeCall(event.call)
    case 'run_start':
      return [event.run.id, event.run.at, event.run.atGiven ? 1 : 0, event.run.parentRun, ...encodeAttribution(event.run)]
    case 'run_end':
      return [event.run.id, event.run.at, event.run.atGiven ? 1 : 0, event.run.success ? 1 : 0, event.run.errorCode]
    case 'session_start':
      return [event.session.id, event.session.at, event.session.atGiven ? 1 : 0, ...encodeAttribution(event.session)]
    case 'session_end':
      return [event.session.id, event.session.at, event.session.atGiven ? 1 : 0]
    case 'adjustment':
      return encodeAdjustment(event.adjustment)
    case 'call_alias':
      return [event.alias.id, event.alias.call, event.alias.at]
    case 'hold':
      return encodeHold(event.hold)
    case 'hold_extend':
      return encodeExtension(event.extension)
    case 'hold_void':
    case 'hold_expire':
      return [event.release.id, event.release.at, event.release.reason]
    case 'budget_set':
      return encodeSetting(event.setting)
    case 'budget_remove':
    case 'breaker_remove':
      return [event.removal.id, event.removal.at]
    case 'budget_exhausted':
      return encodeExhaustion(event.exhaustion)
    case 'breaker_set':
      return encodeBreakerSetting(event.setting)
    case 'breaker_sweep':
      return [event.sweep.id, event.sweep.at]
    case 'agent_state':
      return encodeAgentChange(event.change)
    case 'wallet_open':
    case 'wallet_transfer':
    case 'escrow_open':
    case 'escrow_end':
      return encodeWalletEvent(event)
  }
}

function decodeEvent({ kind, organization }: StoredEntry, values: readonly Json[]): RecordEvent {
  switch (kind) {
    case 'call':
      return { kind, call: decodeCall(values) }
    case 'run_start': {
      const run: RunStart = { ...timed(values), parentRun: nullableText(values[3]), ...decodeAttribution(values, 4) }
      return { kind, run }
    }
    case 'run_end': {
      const run: RunEnd = { ...timed(values), success: values[3] === 1, errorCode: nullableText(values[4]) }
      return { kind, run }
    }
    case 'session_start': {
      const session: SessionStart = { ...timed(values), ...decodeAttribution(values, 3) }
      return { kind, session }
    }
    case 'session_end': {
      const session: SessionEnd = timed(values)
      return { kind, session }
    }
    case 'adjustment':
      return { kind, adjustment: decodeAdjustment(values) }
    case 'call_alias':
      return { kind, alias: { id: textOf(values[0]), call: textOf(values[1]), at: numberOf(values[2]) } }
    case 'hold':
      return { kind, hold: decodeHold(values, organization) }
    case 'hold_extend':
      return { kind, extension: decodeExtension(values, organization) }
    case 'hold_void':
    case 'hold_expire':
      return { kind, release: { id: textOf(values[0]), at: numberOf(values[1]), reason: nullableText(values[2] ?? null) } }
    case 'budget_set':
      return { kind, setting: decodeSetting(values, organization) }
    case 'budget_remove':
    case 'breaker_remove':
      return { kind, removal: { id: textOf(values[0]), at: numberOf(values[1]) } }
    case 'budget_exhausted':
      return { kind, exhaustion: decodeExhaustion(values) }
    case 'breaker_set':
      return { kind, setting: decodeBreakerSetting(values, organization) }
    case 'breaker_sweep':
      return { kind, sweep: { id: textOf(values[0]), at: numberOf(values[1]) } }
    case 'agent_state':
      return { kind, change: decodeAgentChange(values) }
    case 'wallet_open':
    case 'wallet_transfer':
    case 'escrow_open':
    case 'escrow_end':
      return decodeWalletEvent(kind, values)
  }
}

function timed(values: readonly Json[]): SessionEnd {
  return { id: textOf(values[0]), at: numberOf(values[1]), atGiven: values[2] === 1 }
}

function encodeAdjustment({ id, call, delta, charge, reason, at }: Adjustment): Json {
  return [id, call, delta.toString(), encodeCharge(charge), reason, at]
}

function decodeAdjustment([id, call, delta, charge, reason, at]: readonly Json[]): Adjustment {
  return {
    id: textOf(id),
    call: textOf(call),
    delta: amountOf(delta),
    charge: decodeCharge(arrayOf(charge)),
    reason: textOf(reason),
    at: numberOf(at),
  }
}

/** The cost that an entry adds to the journal's sums: a call's amount, an adjustment's difference, nothing for the rest. */
export function costOfEntry(entry: JournalEntry): Picos {
  if (entry.event.kind === 'call') return entry.event.call.charge.amount ?? picos(0n)
  return entry.event.kind === 'adjustment' ? entry.event.adjustment.delta : picos(0n)
}
