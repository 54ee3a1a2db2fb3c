import type { CounterKey, RecordEvent } from '../../src/ledger/index.ts'
import { plainText } from '../plain-text.ts'
import { nameOf } from './books.ts'

/** The same things in one order: in which they come says nothing, because it says nothing which budget is looked at first. */
export function sorted<T>(things: readonly T[]): T[] {
  return [...things].sort((a, b) => (plainText(a) < plainText(b) ? -1 : 1))
}

export function nameOfCounter({ organization, budget, value, start }: CounterKey): string {
  return nameOf(organization, budget, value, start)
}

/** An event with what it says of budgets in one order; counters that open at nothing say nothing. */
export function inOrder(event: RecordEvent): RecordEvent {
  switch (event.kind) {
    case 'hold':
      return { ...event, hold: { ...event.hold, held: sorted(event.hold.held) } }
    case 'hold_extend':
      return { ...event, extension: { ...event.extension, held: sorted(event.extension.held) } }
    case 'budget_set':
      return { ...event, setting: { ...event.setting, opening: sorted(event.setting.opening.filter(({ spent }) => spent !== 0n)) } }
    case 'budget_exhausted':
      return { ...event, exhaustion: { ...event.exhaustion, budgets: sorted(event.exhaustion.budgets) } }
    default:
      return event
  }
}

/** What a refusal tells of the budgets and the breakers. */
export function sortedFacts({ refused_by, most_that_fits_usd, untold, breakers }: Readonly<Record<string, unknown>>): unknown {
  return {
    refused_by: Array.isArray(refused_by) ? sorted(refused_by) : null,
    most_that_fits_usd,
    untold: untold === true,
    breakers: Array.isArray(breakers) ? sorted(breakers.map(factsOfOne)) : null,
  }
}

/** What is judged of what a refusal tells of a breaker. */
function factsOfOne(of: Readonly<Record<string, unknown>>): unknown {
  return { breaker_id: of.breaker_id, value: of.value, counted: of.counted_usd ?? of.counted, available_at: of.available_at }
}
