import { assert, fail, ok, type Picos, picos, type Result, refusal } from '../../kernel/index.ts'
import { amountHeld, holdOtherwise } from '../breaker/count.ts'
import { breakerRefusal } from '../breaker/refusal.ts'
import { admit } from '../budget/admit.ts'
import { changeHeld } from '../budget/count.ts'
import { holdIn, putHold } from '../budget/draft-budgets.ts'
import type { HoldState } from '../budget/hold-state.ts'
import type { Standing } from '../budget/room.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { HoldExtension, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { counterKey } from '../row-keys.ts'
import { limitsIn } from '../wallet/limits.ts'
import { refuseForBudgets } from './budget-exhausted.ts'
import { type Difference, reused } from './difference.ts'
import { notHeld } from './hold-end.ts'

/**
 * Keeps a hold until a later deadline, and for another amount if one is said: it must fit as a new hold must, its own money not counted.
 * Refuses `id_reused`, `not_found`, `already_ended` (posted, given up, expired), `budget_exceeded`, `throttled`, `breaker_open`; the hold then stays as it was.
 */
export function recordHoldExtend(draft: Draft, command: RecordCommand, event: { readonly extension: HoldExtension }): Result<Posted> {
  const { organization } = command
  const { extension } = event
  const first = postedIn(draft, organization, 'hold_extend', extension.id)
  if (first !== undefined) return repeat(first, extension)
  const hold = holdIn(draft, organization, extension.call)
  if (hold === null) return fail(notHeld(draft, organization, extension.call))
  if (hold.expiredAt !== null) {
    return fail(
      refusal('already_ended', `the hold for call "${hold.id}" has expired; ask for it anew under another id`, { path: '/call_id' }),
    )
  }
  const restated = extension.amount !== null || extension.fallback !== null
  const { amount, fallback } = restated ? extension : hold
  const now = Math.max(extension.at, command.recordedAt)
  const standings = limitsIn(draft, hold.scope, hold.at).map((standing) => withoutOwn(standing, hold))
  const admission = admit(standings, { amount, fallback })
  if (restated && !admission.admitted) {
    const about = { call: hold.id, agent: hold.scope.agent, model: hold.scope.model, at: extension.at }
    return fail(refuseForBudgets(draft, command, about, admission.objections, standings))
  }
  if (restated && admission.admitted) {
    const broken = holdOtherwise(draft, hold, amountHeld(extension), now)
    if (broken.length > 0) return fail(breakerRefusal(broken, now))
    for (const { counter, amount: before } of ownIn(standings, hold)) changeHeld(draft, counter, -before)
    for (const { counter, amount: now } of admission.held) changeHeld(draft, counter, now)
  }
  const held = restated && admission.admitted ? admission.held : hold.held
  const meters = extension.meters ?? hold.meters
  putHold(draft, { ...hold, amount, fallback, meters, deadline: Math.max(hold.deadline, extension.deadline), held })
  return post(draft, command, { kind: 'hold_extend', extension: { ...extension, held } })
}

/** How a budget stands for a hold that is part of it: what the hold itself keeps is its own to use. */
function withoutOwn(standing: Standing, hold: HoldState): Standing {
  const own = hold.held.filter(({ counter }) => standing.match.window.some((key) => counterKey(key) === counterKey(counter)))
  return { ...standing, held: own.reduce<Picos>((held, { amount }) => picos(held - amount), standing.held) }
}

/** What the hold keeps in budgets that are still there. */
function ownIn(standings: readonly Standing[], { held }: HoldState): HoldState['held'] {
  const there = new Set(standings.flatMap(({ match }) => match.window.map(counterKey)))
  return held.filter(({ counter }) => there.has(counterKey(counter)))
}

function repeat(first: JournalEntry, again: HoldExtension): Result<Posted> {
  assert(first.event.kind === 'hold_extend', 'an entry is posted under its own kind')
  const difference = extensionDifference(first.event.extension, again)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('extension', again.id, difference))
}

function extensionDifference(first: HoldExtension, again: HoldExtension): Difference | null {
  return first.call === again.call ? null : { path: '/call_id', before: first.call, now: again.call }
}
