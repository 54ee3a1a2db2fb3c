import { parseDecimal } from '../../kernel/index.ts'
import { METERS } from '../../usage/index.ts'
import { canonicalJson } from '../book/card-id.ts'
import type { Rate, RateCard } from '../records.ts'
import { timeOfDay } from '../select/window.ts'

/** What is wrong with a card, and where (a JSON pointer into it). */
export interface CardProblem {
  readonly code:
    | 'no_rates'
    | 'unreadable_price'
    | 'wrong_per'
    | 'unknown_meter'
    | 'overlapping_rates'
    | 'wrong_window'
    | 'wrong_bracket'
    | 'wrong_span'
    | 'wrong_factor'
  readonly path: string
}

const PRICE = /^(0|[1-9]\d*)(\.\d{1,18})?$/

/** Checks a card by itself. Two rates for one meter under the same condition are an error of the card: selection could not choose between them. */
export function cardProblems(card: RateCard): readonly CardProblem[] {
  const problems: CardProblem[] = []
  if (card.rates.length === 0 && card.modifiers.length === 0) problems.push({ code: 'no_rates', path: '/rates' })
  if (card.validTo !== null && card.validTo <= card.validFrom) problems.push({ code: 'wrong_span', path: '/validTo' })
  const seen = new Set<string>()
  for (const [index, rate] of card.rates.entries()) {
    const path = `/rates/${index}`
    problems.push(...rateProblems(rate, path))
    const key = `${rate.meter} ${canonicalJson(rate.when ?? {})}`
    if (seen.has(key)) problems.push({ code: 'overlapping_rates', path })
    seen.add(key)
  }
  for (const [index, { factor }] of card.modifiers.entries()) {
    const whole = Number.isSafeInteger(factor.num) && Number.isSafeInteger(factor.den)
    if (!whole || factor.num < 0 || factor.den <= 0) problems.push({ code: 'wrong_factor', path: `/modifiers/${index}/factor` })
  }
  return problems
}

function rateProblems(rate: Rate, path: string): readonly CardProblem[] {
  const problems: CardProblem[] = []
  if (!(METERS as readonly string[]).includes(rate.meter)) problems.push({ code: 'unknown_meter', path: `${path}/meter` })
  if (!PRICE.test(rate.price) || parseDecimal(rate.price) === null) problems.push({ code: 'unreadable_price', path: `${path}/price` })
  if (!Number.isSafeInteger(rate.per) || rate.per <= 0) problems.push({ code: 'wrong_per', path: `${path}/per` })
  const window = rate.when?.window
  if (window !== undefined && (timeOfDay(window.from) === null || timeOfDay(window.to) === null || !isZone(window.zone))) {
    problems.push({ code: 'wrong_window', path: `${path}/when/window` })
  }
  const at = rate.when?.bracket?.at
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 0)) problems.push({ code: 'wrong_bracket', path: `${path}/when/bracket/at` })
  return problems
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
