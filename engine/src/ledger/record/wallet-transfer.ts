import { assert, fail, ok, type Picos, picos, type Refusal, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { JournalEntry, Posted, RecordCommand } from '../records.ts'
import { balanceOf, transfersOf } from '../wallet/accounts.ts'
import type { WalletTransfer } from '../wallet/records.ts'
import { availableIn, walletIn } from '../wallet/standing.ts'
import { type Difference, reused } from './difference.ts'

/**
 * Moves money into a wallet, out of it, or between two. What leaves must be there and not held for a call. Refuses `id_reused`,
 * `invalid_field`, `not_found` (no such wallet), `insufficient_funds`.
 */
export function recordWalletTransfer(draft: Draft, command: RecordCommand, event: { readonly transfer: WalletTransfer }): Result<Posted> {
  const { organization } = command
  const { transfer } = event
  const first = postedIn(draft, organization, 'wallet_transfer', transfer.id)
  if (first !== undefined) return repeat(first, transfer)
  const objection = objectionTo(transfer) ?? walletMissing(draft, organization, transfer.agent, '/agent_name')
  if (objection !== null) return fail(objection)
  if (transfer.to !== null) {
    const missing = walletMissing(draft, organization, transfer.to, '/to_agent')
    if (missing !== null) return fail(missing)
  }
  const amount = amountOf(draft, organization, transfer)
  if (takesOut(transfer) && amount > 0n) {
    const short = shortOf(draft, organization, transfer.agent, amount)
    if (short !== null) return fail(short)
  }
  const moved = { ...transfer, amount }
  return post(draft, command, { kind: 'wallet_transfer', transfer: moved }, { transfers: amount === 0n ? [] : transfersOf(moved) })
}

/** What it moves: as much as is said, or what the other agent lacks of what it is to have. */
function amountOf(draft: Draft, organization: string, { amount, to, upTo }: WalletTransfer): Picos {
  if (upTo === undefined || to === null) return amount
  const account = walletIn(draft, organization, to)
  assert(account !== null, 'the wallet was looked for before')
  const lacking = upTo - availableIn(draft, account, to)
  return picos(lacking > 0n ? lacking : 0n)
}

/** Why an amount cannot leave a wallet; null when it can. */
export function shortOf(draft: Draft, organization: string, agent: string, amount: Picos): Refusal | null {
  const account = walletIn(draft, organization, agent)
  assert(account !== null, 'the wallet was looked for before')
  const available = availableIn(draft, account, agent)
  if (amount <= available) return null
  const balance = balanceOf(account)
  const held = picos(balance - available)
  const detail =
    `the wallet of "${agent}" has $${usdOfPicos(available)} to spend ` +
    `($${usdOfPicos(balance)} less $${usdOfPicos(held)} held for calls under way); $${usdOfPicos(amount)} is asked for`
  const facts = {
    wallet_id: agent,
    balance_usd: usdOfPicos(balance),
    available_usd: usdOfPicos(available),
    requested_usd: usdOfPicos(amount),
  }
  return refusal('insufficient_funds', detail, { path: '/amount', facts })
}

export function walletMissing(draft: Draft, organization: string, agent: string, path: string): Refusal | null {
  return walletIn(draft, organization, agent) === null ? refusal('not_found', `agent "${agent}" has no wallet here`, { path }) : null
}

function takesOut({ type }: WalletTransfer): boolean {
  return type === 'withdraw' || type === 'fund' || type === 'pay'
}

function objectionTo({ type, agent, to, amount, upTo }: WalletTransfer): Refusal | null {
  assert(upTo === undefined || type === 'fund', 'only what is given has to fill a wallet up')
  if ((upTo ?? amount) <= 0n) return refusal('invalid_field', 'an amount to move is above zero', { path: '/amount' })
  const between = type === 'fund' || type === 'pay'
  assert(between === (to !== null), 'money moves to another agent when it is given or paid, and only then')
  return to === agent ? refusal('invalid_field', 'an agent cannot pay itself', { path: '/to_agent' }) : null
}

function repeat(first: JournalEntry, again: WalletTransfer): Result<Posted> {
  assert(first.event.kind === 'wallet_transfer', 'an entry is posted under its own kind')
  const difference = transferDifference(first.event.transfer, again)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('transfer', again.id, difference))
}

function transferDifference(first: WalletTransfer, again: WalletTransfer): Difference | null {
  // What was lacking the first time is ours; what the wallet was to have was said, but where an earlier program wrote it.
  if (again.upTo !== undefined && first.upTo !== undefined && again.upTo !== first.upTo) {
    return { path: '/amount', before: shown(first.upTo), now: shown(again.upTo) }
  }
  for (const [field, path] of FIELDS) {
    if (field === 'amount' && again.upTo !== undefined) continue
    if (first[field] !== again[field]) return { path, before: shown(first[field]), now: shown(again[field]) }
  }
  return null
}

function shown(value: string | Picos | null): string | null {
  return typeof value === 'bigint' ? usdOfPicos(value) : value
}

const FIELDS = [
  ['type', '/type'],
  ['agent', '/agent_name'],
  ['to', '/to_agent'],
  ['amount', '/amount'],
  ['memo', '/memo'],
] as const satisfies readonly (readonly [keyof WalletTransfer, string])[]
