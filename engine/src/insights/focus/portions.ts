import { type Decimal, divideHalfEven, type Picos, picos } from '../../kernel/index.ts'
import type { Charge, ChargeLine, RateCard } from '../../pricing/index.ts'
import type { Meter, Usage } from '../../usage/index.ts'
import { decimalOf } from './exact.ts'
import type { ExportRates } from './rates.ts'
import { PRODUCT_DECIMALS_MAX, pricingQuantity, type UnitPrice, unitPriceOf } from './unit-price.ts'

/** A priced line, or the part of one that has one list price. */
export interface Portion {
  readonly line: ChargeLine
  readonly card: RateCard | null
  /** What was billed, in units of the meter, and what was used: a least quantity may be billed for less. */
  readonly quantity: bigint
  readonly consumed: bigint
  readonly amount: Picos
  readonly contracted: UnitPrice
  /** For the same `per` as the contracted price. */
  readonly list: Decimal
  /** `list`: the public price. `contracted`: no public price is known, and the organization's own stands for it. */
  readonly listSource: 'list' | 'contracted'
}

/** The lines of a charge as portions, in the order of its lines; their amounts add up to those of the lines. */
export function portionsOf(usage: Usage, charge: Charge, rates: ExportRates): Portion[] {
  const lines = charge.lines.map((line): Line => {
    const card = rates.card(line.cardId)
    return { line, card, price: unitPriceOf(line, charge.fx, (of, id) => rates.factorsOf(of, id)), consumed: 0n }
  })
  const used = lines.map((line, index) => ({ ...line, consumed: consumedBy(usage, charge.lines, index) }))
  const isOwn = used.some(({ card }) => card !== null && !rates.isListed(card))
  if (!isOwn) return used.map((line) => wholePortion(line, line.price.unitPrice, 'list'))
  const listed = rates.listCharge(usage, charge.knownAt)
  const byMeter = new Map<string, { own: Line[]; listed: Line[] }>()
  for (const line of used) placeOf(byMeter, line.line).own.push(line)
  for (const line of listed.lines) {
    const price = unitPriceOf(line, listed.fx, (of, id) => rates.factorsOf(of, id))
    placeOf(byMeter, line).listed.push({ line, card: null, price, consumed: 0n })
  }
  return [...byMeter.values()].flatMap((place) => sideBySide(place.own, place.listed))
}

interface Line {
  readonly line: ChargeLine
  readonly card: RateCard | null
  readonly price: UnitPrice
  readonly consumed: bigint
}

/** Lines about one meter of one inference stand beside each other; the fee of a router is a matter of its own. */
function placeOf(places: Map<string, { own: Line[]; listed: Line[] }>, { inference, meter, model }: ChargeLine) {
  const key = JSON.stringify([inference, meter, model === 'model-router'])
  const known = places.get(key)
  if (known !== undefined) return known
  const made = { own: [], listed: [] }
  places.set(key, made)
  return made
}

/** What was used of the quantity that a line bills. The last line of a meter takes what the others left. */
function consumedBy(usage: Usage, lines: readonly ChargeLine[], index: number): bigint {
  const line = lines[index]
  if (line === undefined) return 0n
  if (line.model === 'model-router') return BigInt(line.quantity)
  const same = lines.filter((other) => other.inference === line.inference && other.meter === line.meter && other.model === line.model)
  const metered = usage.inferences[line.inference]?.meters[line.meter as Meter] ?? line.quantity
  const before = same.slice(0, same.indexOf(line)).reduce((sum, other) => sum + other.quantity, 0)
  const rest = Math.max(metered - before, 0)
  return BigInt(line === same.at(-1) ? rest : Math.min(line.quantity, rest))
}

function wholePortion({ line, card, price, consumed }: Line, list: Decimal, listSource: Portion['listSource']): Portion {
  return { line, card, quantity: BigInt(line.quantity), consumed, amount: line.amount, contracted: price, list, listSource }
}

/**
 * The organization's lines of a meter beside those of the price list. Where the list changes its price within a line (a bracket), the line is cut there;
 * where it bills another quantity (a least one), its amount is spread over what the organization is billed for.
 */
function sideBySide(own: readonly Line[], listed: readonly Line[]): Portion[] {
  if (listed.length === 0) return own.map((line) => wholePortion(line, line.price.unitPrice, 'contracted'))
  if (quantityOf(own) !== quantityOf(listed)) return own.map((line) => wholePortion(line, spreadPrice(own, listed, line.price.per), 'list'))
  const cuts = listed.map(({ line, price }) => ({ left: BigInt(line.quantity), price }))
  return own.flatMap((line) => cutAtListPrices(line, cuts))
}

function cutAtListPrices(line: Line, cuts: { left: bigint; price: UnitPrice }[]): Portion[] {
  const portions: Portion[] = []
  const whole = BigInt(line.line.quantity)
  let [left, amountLeft, consumedLeft] = [whole, line.line.amount as bigint, line.consumed]
  for (const cut of cuts) {
    if (left === 0n) break
    if (cut.left === 0n) continue
    const quantity = cut.left < left ? cut.left : left
    const isLast = quantity === left
    const amount = isLast ? amountLeft : divideHalfEven(line.line.amount * quantity, whole)
    const consumed = isLast || consumedLeft < quantity ? consumedLeft : quantity
    const list = decimalOf(fractionOf(cut.price, line.price.per), decimalsAllowed(line.price.per)).value
    portions.push({ ...wholePortion(line, list, 'list'), quantity, consumed, amount: picos(amount) })
    cut.left -= quantity
    left -= quantity
    amountLeft -= amount
    consumedLeft -= consumed
  }
  return portions
}

/** A price for another quantity. */
function fractionOf({ unitPrice, per }: UnitPrice, forPer: bigint): { numerator: bigint; denominator: bigint } {
  return { numerator: unitPrice.digits * forPer, denominator: 10n ** BigInt(unitPrice.scale) * per }
}

function spreadPrice(own: readonly Line[], listed: readonly Line[], per: bigint): Decimal {
  const amount = listed.reduce((sum, { line }) => sum + line.amount, 0n)
  return decimalOf({ numerator: amount * per, denominator: quantityOf(own) * 10n ** 12n }, decimalsAllowed(per)).value
}

function decimalsAllowed(per: bigint): number {
  return PRODUCT_DECIMALS_MAX - pricingQuantity(1n, per).scale
}

function quantityOf(lines: readonly Line[]): bigint {
  return lines.reduce((sum, { line }) => sum + BigInt(line.quantity), 0n)
}
