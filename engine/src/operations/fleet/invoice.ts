import { customerInvoice, type Invoice } from '@purser/contract'
import { knownCost, type Measures, ZERO_MEASURES } from '../../calls/index.ts'
import { decimalOfNumber, divideHalfEven, ok, type Picos, picos, type Result, sumPicos } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { timeText } from '../wire/measures-answer.ts'
import { questionOf } from '../wire/question.ts'

/** What a customer owes for the calls of its agents. Each line is rounded to the cent, and the total is their sum, as on paper. */
export const customerInvoiceOperation = implement(customerInvoice, async (context, input): Promise<Result<Invoice>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const { customer_id, agents, markup_pct, ...asked } = input
  const period = input.period ?? (input.from === undefined && input.to === undefined ? 'month' : 'all')
  const question = questionOf(context, { ...asked, period, organization_id: organization.value })
  if (!question.ok) return question
  const { query } = question.value
  const markup = markup_pct ?? 0
  return answering(async () => {
    const wanted = [...new Set(agents)]
    const rows = await context.services.calls.aggregate({ ...query, where: [{ dimension: 'agent', in: wanted }], groupBy: ['agent'] })
    const found = new Map(rows.map((row): [string, Measures] => [row.keys[0] ?? '', row]))
    const lines = wanted.map((agent) => lineOf(agent, found.get(agent) ?? ZERO_MEASURES, markup))
    const cost = sumKnown(lines.map((line) => line.cost))
    const total = sumKnown(lines.map((line) => line.amount))
    return ok({
      customer_id,
      organization_id: organization.value,
      from: timeText(query.from),
      to: timeText(query.to),
      line_items: lines.map((line) => line.answer),
      cost_usd: usdText(cost),
      markup_pct: markup,
      markup_usd: cost === null || total === null ? null : usdText(picos(total - toCent(cost))),
      total_usd: usdText(total),
      unpriced_calls: lines.reduce((sum, line) => sum + line.answer.unpriced_calls, 0),
    })
  })
})

/** Of an agent of whose calls no price is known, neither the cost nor the amount is known. */
function lineOf(agent_name: string, sums: Measures, markup: number) {
  const cost = knownCost(sums)
  const amount = cost === null ? null : toCent(withMarkup(cost, markup))
  const { calls, unpriced } = sums
  const answer = { agent_name, calls, unpriced_calls: unpriced, cost_usd: usdText(cost), amount_usd: usdText(amount) }
  return { cost, amount, answer }
}

/** Of what is known; null when nothing is. */
function sumKnown(amounts: readonly (Picos | null)[]): Picos | null {
  const known = amounts.filter((amount) => amount !== null)
  return known.length === 0 ? null : sumPicos(known)
}

/** A percentage is the decimal that was written, so that 17.5 % is exact. */
function withMarkup(cost: Picos, percent: number): Picos {
  const { digits, scale } = decimalOfNumber(percent) ?? { digits: 0n, scale: 0 }
  const hundred = 100n * 10n ** BigInt(scale)
  return picos(divideHalfEven(cost * (hundred + digits), hundred))
}

const PICOS_PER_CENT = 10_000_000_000n

/** Half to even, as everything that is rounded here. */
function toCent(amount: Picos): Picos {
  return picos(divideHalfEven(amount, PICOS_PER_CENT) * PICOS_PER_CENT)
}
