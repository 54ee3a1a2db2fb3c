import type { ChargeExplained } from '@purser/contract'
import { formatInstant, type Picos, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import type { Charge, ChargeLine } from '../../pricing/index.ts'

export function chargeAnswer(charge: Charge): ChargeExplained {
  const { attested, fx } = charge
  return {
    status: charge.status,
    cost_usd: charge.amount === null ? null : usdNumberOfPicos(charge.amount),
    cost: usdText(charge.amount),
    lines: charge.lines.map(lineAnswer),
    unpriced: charge.unpriced.map(({ inference, model, meter, quantity, reason }) => ({ inference, model, meter, quantity, reason })),
    alternatives: charge.alternatives.map(({ when, amount }) => ({ when, cost: usdOfPicos(amount) })),
    attested:
      attested === undefined
        ? null
        : {
            cost: usdOfPicos(attested.amount),
            by: attested.by,
            computed: usdText(attested.computed),
            variance: usdText(attested.variance),
          },
    fx: fx === undefined ? null : { currency: fx.currency, usd_per_unit: fx.usdPerUnit, as_of: fx.asOf, source: fx.source },
    notes: charge.notes.map(({ code, detail }) => ({ code, detail })),
    known_at: formatInstant(charge.knownAt),
  }
}

/** Exact text, or null for what is not known. */
export function usdText(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}

function lineAnswer(line: ChargeLine): ChargeExplained['lines'][number] {
  return {
    inference: line.inference,
    model: line.model,
    meter: line.meter,
    quantity: line.quantity,
    price: line.price,
    per: line.per,
    currency: line.currency,
    modifiers: [...line.modifiers],
    amount: usdOfPicos(line.amount),
    rate_card: line.cardId,
    rate: line.rate,
  }
}
