import { assert, fail, ok, type Picos, picos, type Result, refusal } from '../../kernel/index.ts'
import { FUNDING, transfersOfCost } from '../accounts.ts'
import { type Counted, countSpent } from '../budget/count.ts'
import { budgetsIn } from '../budget/draft-budgets.ts'
import { adjustmentsIn, type Draft, post, postedIn } from '../draft.ts'
import type { Adjustment, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { rowKey } from '../row-keys.ts'
import { walletAccount } from '../wallet/accounts.ts'
import { COST_MAX, plannedOf, tooDear } from './call.ts'
import { reused } from './difference.ts'
import { scopeOf } from './hold.ts'

/**
 * Corrects the posted cost of a call by its difference; the call's entry stays as it is. The difference must lead from what is posted to
 * the new amount, so that two corrections made from one state cannot both be posted. Refuses `id_reused`, `not_found`, `invalid_field`.
 */
export function recordAdjustment(draft: Draft, command: RecordCommand, event: { readonly adjustment: Adjustment }): Result<Posted> {
  const { organization } = command
  const { adjustment } = event
  const first = postedIn(draft, organization, 'adjustment', adjustment.id)
  if (first !== undefined) return repeat(first, adjustment)
  const called = postedIn(draft, organization, 'call', adjustment.call)
  if (called === undefined) return fail(refusal('not_found', `no call "${adjustment.call}" is posted here`, { path: '/call_id' }))
  assert(called.event.kind === 'call', 'an entry is posted under its own kind')
  const { amount } = adjustment.charge
  if (amount === null || amount < 0n) {
    return fail(refusal('invalid_field', 'an adjustment needs a known amount that is not negative', { path: '/charge' }))
  }
  if (amount > COST_MAX) return fail(tooDear(amount))
  const posted = postedSoFar(called, adjustmentsIn(draft, organization, adjustment.call))
  if (posted + adjustment.delta !== amount) {
    const detail = `the difference does not lead from the ${posted} picos posted to ${amount}`
    return fail(refusal('invalid_field', detail, { path: '/delta', facts: { posted: String(posted), amount: String(amount) } }))
  }
  const outcome = post(
    draft,
    command,
    { kind: 'adjustment', adjustment },
    {
      transfers: transfersOfCost(called.event.call.usage.seller, adjustment.delta, payerOf(called)),
      ...countedAgain(draft, called, adjustment.delta),
    },
  )
  if (outcome.ok) remember(draft, rowKey(organization, adjustment.call), outcome.value.entry)
  return outcome
}

/** What paid the call pays or is given the difference. */
function payerOf({ wallet }: JournalEntry): string {
  return wallet === undefined ? FUNDING : walletAccount(wallet)
}

/** The difference counts where the call was counted. */
function countedAgain(draft: Draft, { organization, seq, event, settled }: JournalEntry, delta: Picos): Partial<Counted> {
  assert(event.kind === 'call', 'a call is adjusted')
  if (budgetsIn(draft, organization).length === 0) return {}
  return countSpent(draft, scopeOf(draft, organization, plannedOf(event.call), event.call, seq), settled?.at ?? event.call.at, delta)
}

/** What a call has cost so far: its own charge and the adjustments since. Nothing posted counts as nothing. */
export function postedSoFar(call: JournalEntry, adjustments: readonly JournalEntry[]): Picos {
  assert(call.event.kind === 'call', 'the cost of a call')
  let total: bigint = call.event.call.charge.amount ?? 0n
  for (const { event } of adjustments) {
    assert(event.kind === 'adjustment', 'only adjustments change the cost of a call')
    total += event.adjustment.delta
  }
  return picos(total)
}

function remember(draft: Draft, key: string, entry: JournalEntry): void {
  const so = draft.adjustments.get(key)
  if (so === undefined) draft.adjustments.set(key, [entry])
  else so.push(entry)
}

function repeat(first: JournalEntry, again: Adjustment): Result<Posted> {
  assert(first.event.kind === 'adjustment', 'an entry is posted under its own kind')
  const before = first.event.adjustment
  if (before.call !== again.call) return fail(reused('adjustment', again.id, { path: '/call_id', before: before.call, now: again.call }))
  if (before.delta !== again.delta) {
    return fail(reused('adjustment', again.id, { path: '/delta', before: String(before.delta), now: String(again.delta) }))
  }
  return ok({ entry: first, replayed: true })
}
