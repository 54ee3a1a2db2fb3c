import { assert, fail, ok, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { JournalEntry, Posted, RecordCommand } from '../records.ts'
import { transfersOfEscrow } from '../wallet/accounts.ts'
import type { EscrowOpening } from '../wallet/records.ts'
import { type Difference, reused } from './difference.ts'
import { shortOf, walletMissing } from './wallet-transfer.ts'

/**
 * Sets money of one agent aside for a service of another. Refuses `id_reused`, `invalid_field`, `not_found` (one of them has no wallet),
 * `insufficient_funds`.
 */
export function recordEscrowOpen(draft: Draft, command: RecordCommand, event: { readonly escrow: EscrowOpening }): Result<Posted> {
  const { organization } = command
  const { escrow } = event
  const first = postedIn(draft, organization, 'escrow_open', escrow.id)
  if (first !== undefined) return repeat(first, escrow)
  if (escrow.amount <= 0n) return fail(refusal('invalid_field', 'an amount to set aside is above zero', { path: '/amount' }))
  if (escrow.payer === escrow.payee) return fail(refusal('invalid_field', 'an agent cannot pay itself', { path: '/payee' }))
  const objection =
    walletMissing(draft, organization, escrow.payer, '/payer') ??
    walletMissing(draft, organization, escrow.payee, '/payee') ??
    shortOf(draft, organization, escrow.payer, escrow.amount)
  if (objection !== null) return fail(objection)
  return post(draft, command, { kind: 'escrow_open', escrow }, { transfers: transfersOfEscrow(escrow) })
}

function repeat(first: JournalEntry, again: EscrowOpening): Result<Posted> {
  assert(first.event.kind === 'escrow_open', 'an entry is posted under its own kind')
  const difference = escrowDifference(first.event.escrow, again)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('escrow', again.id, difference))
}

function escrowDifference(first: EscrowOpening, again: EscrowOpening): Difference | null {
  for (const [field, path] of [
    ['payer', '/payer'],
    ['payee', '/payee'],
    ['memo', '/memo'],
  ] as const) {
    if (first[field] !== again[field]) return { path, before: first[field], now: again[field] }
  }
  if (first.amount === again.amount) return null
  return { path: '/amount', before: usdOfPicos(first.amount), now: usdOfPicos(again.amount) }
}
