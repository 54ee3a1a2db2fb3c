import { fail, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import { giveBack } from '../budget/count.ts'
import { endHold, holdIn, putHold } from '../budget/draft-budgets.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { HoldRelease, Posted, RecordCommand } from '../records.ts'

/** Gives a hold up: the call is not made. Again is a repetition. Refuses `not_found`, and `already_ended` when the call was posted. */
export function recordHoldVoid(draft: Draft, command: RecordCommand, event: { readonly release: HoldRelease }): Result<Posted> {
  const { organization } = command
  const { release } = event
  const first = postedIn(draft, organization, 'hold_void', release.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const hold = holdIn(draft, organization, release.id)
  if (hold === null) return fail(notHeld(draft, organization, release.id))
  giveBack(draft, hold)
  endHold(draft, hold)
  return post(draft, command, { kind: 'hold_void', release })
}

/** Takes back what is held past its deadline. Refuses as giving up does, and with `invalid_time` while the deadline is still to come. */
export function recordHoldExpire(draft: Draft, command: RecordCommand, event: { readonly release: HoldRelease }): Result<Posted> {
  const { organization } = command
  const { release } = event
  const first = postedIn(draft, organization, 'hold_expire', release.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const hold = holdIn(draft, organization, release.id)
  if (hold === null) return fail(notHeld(draft, organization, release.id))
  if (hold.deadline > release.at) return fail(refusal('invalid_time', `the hold for call "${release.id}" has not expired yet`))
  giveBack(draft, hold)
  putHold(draft, { ...hold, held: [], expiredAt: release.at })
  return post(draft, command, { kind: 'hold_expire', release })
}

/** Why nothing is held for a call: it has ended, or nothing ever was. */
export function notHeld(draft: Draft, organization: string, id: string): Refusal {
  const posted = postedIn(draft, organization, 'call', id) !== undefined
  if (posted || postedIn(draft, organization, 'hold_void', id) !== undefined) {
    const detail = `nothing is held for call "${id}" any more: ${posted ? 'it has been posted' : 'the hold was given up'}`
    return refusal('already_ended', detail, { path: '/call_id' })
  }
  return refusal('not_found', `nothing is held for a call "${id}" here`, { path: '/call_id' })
}
