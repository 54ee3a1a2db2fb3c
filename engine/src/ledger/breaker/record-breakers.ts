import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { Posted, RecordCommand } from '../records.ts'
import { breakersIn, forgetRows, putBreaker, removeBreaker } from './draft-breakers.ts'
import type { BreakerRemoval, BreakerRule, BreakerSetting, BreakerSweep } from './rule.ts'

/**
 * Sets a breaker; it begins with nothing seen. A known one changes its name, limit, action and cooldown and goes on with what it has seen. Refuses
 * `invalid_field` for a change of what it watches, and `not_found` for one that was removed.
 */
export function recordBreakerSet(draft: Draft, command: RecordCommand, event: { readonly setting: BreakerSetting }): Result<Posted> {
  const { organization } = command
  const { rule, id } = event.setting
  const first = postedIn(draft, organization, 'breaker_set', id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const known = breakersIn(draft, organization).find((other) => other.id === rule.id)
  if (known !== undefined && !watchesTheSame(known, rule)) {
    const detail = 'what a breaker watches cannot be changed; remove it and set another'
    return fail(refusal('invalid_field', detail, { path: '/measure', facts: { breaker_id: rule.id } }))
  }
  if (postedIn(draft, organization, 'breaker_remove', rule.id) !== undefined) {
    return fail(refusal('not_found', `breaker "${rule.id}" was removed; set one under another id`, { path: '/breaker_id' }))
  }
  const kept = known === undefined ? rule : { ...rule, createdAt: known.createdAt }
  putBreaker(draft, kept)
  return post(draft, command, { kind: 'breaker_set', setting: { id, rule: kept } })
}

/** Whether two rules count the same things over the same window. */
export function watchesTheSame(a: Omit<BreakerRule, 'id'>, b: Omit<BreakerRule, 'id'>): boolean {
  return a.dimension === b.dimension && a.value === b.value && a.measure === b.measure && a.windowMs === b.windowMs
}

/** Takes a breaker away with all it has seen. Agents that it paused stay paused. Again is a repetition. Refuses `not_found`. */
export function recordBreakerRemove(draft: Draft, command: RecordCommand, event: { readonly removal: BreakerRemoval }): Result<Posted> {
  const { organization } = command
  const { removal } = event
  const first = postedIn(draft, organization, 'breaker_remove', removal.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const rule = breakersIn(draft, organization).find(({ id }) => id === removal.id)
  if (rule === undefined) return fail(refusal('not_found', `there is no breaker "${removal.id}" here`, { path: '/breaker_id' }))
  removeBreaker(draft, rule)
  return post(draft, command, { kind: 'breaker_remove', removal })
}

/** Forgets what says nothing any more. */
export function recordBreakerSweep(draft: Draft, command: RecordCommand, event: { readonly sweep: BreakerSweep }): Result<Posted> {
  const { organization } = command
  const { sweep } = event
  const first = postedIn(draft, organization, 'breaker_sweep', sweep.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  forgetRows(draft, organization, sweep.at)
  return post(draft, command, { kind: 'breaker_sweep', sweep })
}
