import { type Picos, usdOfPicos } from '../kernel/index.ts'
import type { CardBook } from './book/book.ts'
import type { Charge, RateSource } from './records.ts'

/** A charge in plain text, for a terminal or a reader of the bill. All amounts are exact USD text. */
export interface Explanation {
  readonly status: Charge['status']
  readonly totalUsd: string | null
  readonly lines: readonly ExplainedLine[]
  readonly unpriced: readonly {
    readonly model: string
    readonly meter: string
    readonly quantity: number | null
    readonly reason: string
  }[]
  readonly alternatives: readonly { readonly when: string; readonly usd: string }[]
  readonly attested?: {
    readonly by: string
    readonly usd: string
    readonly computedUsd: string | null
    readonly varianceUsd: string | null
  }
  readonly notes: readonly { readonly code: string; readonly detail: string }[]
}

export interface ExplainedLine {
  readonly model: string
  readonly meter: string
  readonly quantity: number
  /** E.g. `2.5 USD per 1000000`. */
  readonly rate: string
  readonly modifiers: readonly string[]
  readonly usd: string
  readonly cardId: string
  /** Where the number comes from; absent when the card is not in the book that explains. */
  readonly source?: RateSource
}

/** Says line by line how an amount came about. With a book, each line also names its source. */
export function explain(charge: Charge, book?: CardBook): Explanation {
  const cards = new Map(book?.cards.map((card) => [card.id, card]) ?? [])
  const lines = charge.lines.map((line): ExplainedLine => {
    const source = cards.get(line.cardId)?.source
    return {
      model: line.model,
      meter: line.meter,
      quantity: line.quantity,
      rate: `${line.price} ${line.currency} per ${line.per}`,
      modifiers: line.modifiers,
      usd: usdOfPicos(line.amount),
      cardId: line.cardId,
      ...(source === undefined ? {} : { source }),
    }
  })
  const attested = charge.attested
  return {
    status: charge.status,
    totalUsd: usdOrNull(charge.amount),
    lines,
    unpriced: charge.unpriced.map(({ model, meter, quantity, reason }) => ({ model, meter, quantity, reason })),
    alternatives: charge.alternatives.map(({ when, amount }) => ({ when, usd: usdOfPicos(amount) })),
    ...(attested === undefined
      ? {}
      : {
          attested: {
            by: attested.by,
            usd: usdOfPicos(attested.amount),
            computedUsd: usdOrNull(attested.computed),
            varianceUsd: usdOrNull(attested.variance),
          },
        }),
    notes: charge.notes.map(({ code, detail }) => ({ code, detail })),
  }
}

function usdOrNull(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}
