import type { CounterKey } from './budget/rule.ts'
import type { RecordEvent } from './records.ts'

/**
 * Key of a run, session, account or call in a map of rows. The organization's length goes first, so that no choice of names in one
 * organization can make the key of another.
 */
export function rowKey(organization: string, id: string): string {
  return `${organization.length}:${organization}${id}`
}

/** Key of an event's id in a map of posted entries. */
export function eventKey(organization: string, kind: RecordEvent['kind'], id: string): string {
  return `${organization.length}:${organization}${kind}:${id}`
}

/** Key of a counter in a map of rows. */
export function counterKey(counter: CounterKey): string {
  return rememberedKeys.get(counter) ?? keyOfCounter(counter)
}

/** A counter that will be looked up many times: its key is made once. */
export function rememberKey(counter: CounterKey): CounterKey {
  rememberedKeys.set(counter, keyOfCounter(counter))
  return counter
}

const rememberedKeys = new WeakMap<CounterKey, string>()

function keyOfCounter({ organization, budget, value, start }: CounterKey): string {
  return `${start} ${organization.length}:${organization}${budget.length}:${budget}${value}`
}

/** The id an event is known by, unique per organization and kind. */
export function idOfEvent(event: RecordEvent): string {
  switch (event.kind) {
    case 'call':
      return event.call.id
    case 'run_start':
    case 'run_end':
      return event.run.id
    case 'session_start':
    case 'session_end':
      return event.session.id
    case 'adjustment':
      return event.adjustment.id
    case 'call_alias':
      return event.alias.id
    case 'hold':
      return event.hold.id
    case 'hold_extend':
      return event.extension.id
    case 'hold_void':
    case 'hold_expire':
      return event.release.id
    case 'budget_set':
      return event.setting.id
    case 'budget_remove':
    case 'breaker_remove':
      return event.removal.id
    case 'budget_exhausted':
      return event.exhaustion.id
    case 'breaker_set':
      return event.setting.id
    case 'breaker_sweep':
      return event.sweep.id
    case 'agent_state':
      return event.change.id
    case 'wallet_open':
      return event.wallet.id
    case 'wallet_transfer':
      return event.transfer.id
    case 'escrow_open':
      return event.escrow.id
    case 'escrow_end':
      return event.end.id
  }
}
