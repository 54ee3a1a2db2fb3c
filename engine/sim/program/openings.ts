import type { Books } from '../auditor/books.ts'
import { openingThrough } from '../auditor/budget-rules.ts'
import type { Delivery, Parcel } from '../records.ts'

/**
 * Fills in what budgets open with when they are set, as the program does that reads the journal before it sets one. When the setting is decided, the
 * journal has grown, and what was read may be older still.
 */
export function withOpenings(books: Books, parcels: readonly Parcel[]): readonly Parcel[] {
  return parcels.map((parcel) => ({ ...parcel, deliveries: parcel.deliveries.map((delivery) => opened(books, delivery)) }))
}

function opened(books: Books, delivery: Delivery): Delivery {
  const { command, openedBack = 0 } = delivery
  const { event } = command
  if (event.kind !== 'budget_set') return delivery
  const throughSeq = Math.max(0, books.postings.length - openedBack)
  const opening = openingThrough(books, event.setting.rule, throughSeq)
  return { ...delivery, command: { ...command, event: { kind: 'budget_set', setting: { ...event.setting, opening, throughSeq } } } }
}
