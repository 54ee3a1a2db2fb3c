import type { EfficiencyQuery } from '@purser/contract'
import type { Static } from '@sinclair/typebox'
import { exactFrom, type PriceOf, type ReadExact } from '../../insights/index.ts'
import { ok, type Picos, type Result } from '../../kernel/index.ts'
import type { Context, Services } from '../context.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'
import { type Question, questionOf } from '../wire/question.ts'

export type EfficiencyInput = Static<typeof EfficiencyQuery>

/** A question and how many calls it may look at. */
export function efficiencyQuestion(
  context: Context,
  { examine, ...input }: EfficiencyInput,
): Result<Question & { readonly examine: { examineMax?: number } }> {
  const question = questionOf(context, input)
  return question.ok ? ok({ ...question.value, examine: examine === undefined ? {} : { examineMax: examine } }) : question
}

/** What is needed to price calls again: their usage out of the journal, and the rates known now. */
export function pricingCalls(services: Services): { readonly readExact: ReadExact; readonly price: PriceOf } {
  const knownAt = services.now()
  return { readExact: exactFrom(services.ledger), price: (usage, organization) => services.rates.price(usage, organization, knownAt) }
}

type AmountAnswer<Name extends string> = { [Key in Name]: number | null } & { [Key in `${Name}_exact`]: string | null }

/** An amount as a number and as exact text. */
export function amountAnswer<Name extends string>(name: Name, amount: Picos | null): AmountAnswer<Name> {
  return { [name]: usdNumber(amount), [`${name}_exact`]: usdText(amount) } as AmountAnswer<Name>
}
