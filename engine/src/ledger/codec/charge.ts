import type { Charge, ChargeLine } from '../../pricing/index.ts'
import { amountOf, arrayOf, type Json, nullableAmount, numberOf, orZero, shaped, textOf } from './json.ts'

/**
 * `[status, amount, cards, lines, unpriced, alternatives, attested, fx, notes, knownAt]`. Card ids are 64 characters and the same for most
 * lines, so lines point into a list of them; likewise the models.
 */
export function encodeCharge(charge: Charge): Json {
  const cards: string[] = []
  const models: string[] = []
  const lines = charge.lines.map((line) => encodeLine(line, cards, models))
  return [
    charge.status,
    charge.amount === null ? null : charge.amount.toString(),
    cards,
    models,
    lines,
    charge.unpriced.length === 0 ? 0 : shaped<Json>(charge.unpriced as unknown as Json),
    charge.alternatives.length === 0 ? 0 : charge.alternatives.map(({ when, amount }) => [when, amount.toString()]),
    charge.attested === undefined ? 0 : encodeAttested(charge.attested),
    charge.fx === undefined ? 0 : shaped<Json>(charge.fx as unknown as Json),
    orZero(charge.notes),
    charge.knownAt,
  ]
}

export function decodeCharge(values: readonly Json[]): Charge {
  const [status, amount, cards, models, lines, unpriced, alternatives, attested, fx, notes, knownAt] = values
  const cardIds = shaped<readonly string[]>(arrayOf(cards))
  const modelIds = shaped<readonly string[]>(arrayOf(models))
  return {
    status: shaped<Charge['status']>(status),
    amount: nullableAmount(amount),
    lines: arrayOf(lines).map((line) => decodeLine(arrayOf(line), cardIds, modelIds)),
    unpriced: unpriced === 0 ? [] : shaped<Charge['unpriced']>(unpriced),
    alternatives: alternatives === 0 ? [] : arrayOf(alternatives).map((item) => decodeAlternative(arrayOf(item))),
    ...(attested === 0 ? {} : { attested: decodeAttested(arrayOf(attested)) }),
    ...(fx === 0 ? {} : { fx: shaped<NonNullable<Charge['fx']>>(fx) }),
    notes: notes === 0 ? [] : shaped<Charge['notes']>(notes),
    knownAt: numberOf(knownAt),
  }
}

function encodeLine(line: ChargeLine, cards: string[], models: string[]): Json {
  return [
    line.inference,
    placeIn(models, line.model),
    line.meter,
    line.quantity,
    line.price,
    line.per,
    line.currency === 'USD' ? 0 : line.currency,
    orZero(line.modifiers),
    placeIn(cards, line.cardId),
    line.rate,
    line.amount.toString(),
  ]
}

function decodeLine(values: readonly Json[], cards: readonly string[], models: readonly string[]): ChargeLine {
  const [inference, model, meter, quantity, price, per, currency, modifiers, card, rate, amount] = values
  return {
    inference: numberOf(inference),
    model: textOf(models[numberOf(model)]),
    meter: shaped<ChargeLine['meter']>(meter),
    quantity: numberOf(quantity),
    price: textOf(price),
    per: numberOf(per),
    currency: currency === 0 ? 'USD' : textOf(currency),
    modifiers: modifiers === 0 ? [] : shaped<readonly string[]>(modifiers),
    cardId: textOf(cards[numberOf(card)]),
    rate: numberOf(rate),
    amount: amountOf(amount),
  }
}

/** Position of a value in a list that grows by what it lacks. The lists have one or two members. */
function placeIn(list: string[], value: string): number {
  const place = list.indexOf(value)
  return place === -1 ? list.push(value) - 1 : place
}

function encodeAttested({ amount, by, computed, variance }: NonNullable<Charge['attested']>): Json {
  return [amount.toString(), by, computed === null ? null : computed.toString(), variance === null ? null : variance.toString()]
}

function decodeAttested([amount, by, computed, variance]: readonly Json[]): NonNullable<Charge['attested']> {
  return { amount: amountOf(amount), by: textOf(by), computed: nullableAmount(computed), variance: nullableAmount(variance) }
}

function decodeAlternative([when, amount]: readonly Json[]): Charge['alternatives'][number] {
  return { when: textOf(when), amount: amountOf(amount) }
}
