import { assert, fail, ok, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { JournalEntry, Posted, RecordCommand } from '../records.ts'
import { transfersOfEscrowEnd } from '../wallet/accounts.ts'
import type { EscrowEnd } from '../wallet/records.ts'

/**
 * Ends an escrow: pays the payee all of it or a part, and gives the rest back. The same end again is a repetition, another one is
 * `already_ended`. Refuses `not_found`, and `invalid_field` when the parts are not the whole.
 */
export function recordEscrowEnd(draft: Draft, command: RecordCommand, event: { readonly end: EscrowEnd }): Result<Posted> {
  const { organization } = command
  const { end } = event
  const first = postedIn(draft, organization, 'escrow_end', end.id)
  if (first !== undefined) return repeat(first, end)
  const opened = postedIn(draft, organization, 'escrow_open', end.id)
  if (opened === undefined) return fail(refusal('not_found', `there is no escrow "${end.id}" here`, { path: '/escrow_id' }))
  assert(opened.event.kind === 'escrow_open', 'an entry is posted under its own kind')
  const { escrow } = opened.event
  if (end.paid < 0n || end.refunded < 0n || end.paid + end.refunded !== escrow.amount) {
    const detail = `the escrow holds $${usdOfPicos(escrow.amount)}; between nothing and all of it can be paid`
    return fail(refusal('invalid_field', detail, { path: '/amount' }))
  }
  return post(draft, command, { kind: 'escrow_end', end }, { transfers: transfersOfEscrowEnd(escrow, end) })
}

function repeat(first: JournalEntry, again: EscrowEnd): Result<Posted> {
  assert(first.event.kind === 'escrow_end', 'an entry is posted under its own kind')
  const { paid, refunded } = first.event.end
  if (paid === again.paid) return ok({ entry: first, replayed: true })
  const detail = `the escrow "${again.id}" has ended: $${usdOfPicos(paid)} was paid and $${usdOfPicos(refunded)} given back`
  return fail(refusal('already_ended', detail, { path: '/escrow_id' }))
}
