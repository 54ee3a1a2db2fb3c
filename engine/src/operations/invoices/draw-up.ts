import type { IssuedInvoice, IssueInvoice } from '@purser/contract'
import { type CallQuery, type Dimension, knownCost, knownTokens } from '../../calls/index.ts'
import { type AllocationRule, chargeback, ownCalls } from '../../insights/index.ts'
import {
  type Decimal,
  decimalOfNumber,
  fail,
  formatInstant,
  type Millis,
  ok,
  type Picos,
  periodAt,
  type Result,
  refusal,
  sumPicos,
} from '../../kernel/index.ts'
import { allocationRules } from '../chargeback/rules.ts'
import type { Context } from '../context.ts'
import { usdText } from '../wire/charge-answer.ts'
import { dimensionOf, questionOf } from '../wire/question.ts'
import { type Currency, currencyAt, inUnits, unitsText } from './currency.ts'

/** What an invoice is drawn up from. */
export interface Billing {
  readonly query: CallQuery & { readonly from: Millis; readonly to: Millis }
  readonly zone: string
  readonly dimension: Dimension
  readonly linesBy: Dimension
  readonly currency: Currency
}

const NONE: Decimal = { digits: 0n, scale: 0 }
const LAST_MONTH = 'last_month'

/** Reads what is to be billed: whose calls, of which time, in which currency. */
export function billingOf(context: Context, organization: string, input: IssueInvoice): Result<Billing> {
  const dimension = dimensionOf(input.bill_to.dimension, '/bill_to/dimension')
  if (!dimension.ok) return dimension
  const linesBy = dimensionOf(input.lines_by ?? 'model', '/lines_by')
  if (!linesBy.ok) return linesBy
  const { period, from, to, zone } = input
  const now = context.services.now()
  const lastMonth = period === LAST_MONTH || (period === undefined && from === undefined && to === undefined)
  const question = questionOf(context, {
    organization_id: organization,
    ...(zone === undefined ? {} : { zone }),
    ...(lastMonth || period === undefined ? {} : { period }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  if (!question.ok) return question
  const span = lastMonth ? monthBefore(now, question.value.zone) : ok({ from: question.value.query.from, to: question.value.query.to })
  if (!span.ok) return span
  if (span.value.from === undefined || span.value.to === undefined) {
    return fail(
      refusal('invalid_period', 'an invoice needs a time with a beginning and an end', {
        path: span.value.from === undefined ? '/from' : '/to',
      }),
    )
  }
  const currency = currencyAt(input.currency ?? 'USD', context.services.rates.fx(), now)
  if (!currency.ok) return currency
  const query = { ...question.value.query, from: span.value.from, to: span.value.to }
  return ok({ query, zone: question.value.zone, dimension: dimension.value, linesBy: linesBy.value, currency: currency.value })
}

function monthBefore(now: Millis, zone: string): Result<{ from?: Millis; to?: Millis }> {
  const current = periodAt({ unit: 'month' }, now, zone)
  if (!current.ok) return current
  const before = periodAt({ unit: 'month' }, current.value.start - 1, zone)
  return before.ok ? ok({ from: before.value.start, to: before.value.end }) : before
}

type Line = IssuedInvoice['lines'][number]

/** What is owed for a billing, without a number: a line for each model (or what lines are by), and one for each shared cost that is borne. */
export async function drawUp(context: Context, organization: string, input: IssueInvoice, billing: Billing): Promise<IssuedInvoice> {
  const { query, zone, dimension, currency } = billing
  const { party, value } = input.bill_to
  const markup = decimalOfNumber(input.markup_pct ?? 0) ?? NONE
  const owed = await owedFor(context, organization, value, billing)
  const lines = owed.map((line, index) => ({ ...line, position: index + 1 }))
  const units = lines.map(({ cost }) => (cost === null ? null : inUnits(cost, currency, markup)))
  const known = lines.flatMap((line) => line.cost ?? [])
  // Over no lines at all nothing is owed; over lines of which nothing is known, what is owed is not known.
  const cost = lines.length > 0 && known.length === 0 ? null : sumPicos(known)
  const total = cost === null ? null : units.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n)
  const subtotal = cost === null ? null : inUnits(cost, currency, NONE)
  const text = (amount: bigint | null): string | null => (amount === null ? null : unitsText(amount, currency.decimals))
  return {
    number: null,
    kind: 'invoice',
    status: 'preview',
    organization_id: organization,
    credits: null,
    credited_by: [],
    reason: null,
    bill_to: { dimension, value, party: party ?? null },
    issuer: input.issuer ?? null,
    issued_at: null,
    due_at: null,
    period: { from: formatInstant(query.from), to: formatInstant(query.to), zone },
    currency: currency.code,
    exchange_rate: currency.rate,
    lines: lines.map(({ cost: exact, unpriced: _, ...line }, index): Line => {
      return { ...line, cost_usd: usdText(exact), amount: text(units[index] ?? null) }
    }),
    cost_usd: usdText(cost),
    markup_pct: input.markup_pct ?? 0,
    subtotal: text(subtotal),
    markup: total === null || subtotal === null ? null : text(total - subtotal),
    total: text(total),
    unpriced_calls: lines.reduce((sum, { unpriced }) => sum + unpriced, 0),
    note: input.note ?? null,
  }
}

interface Owed {
  readonly description: string
  readonly calls: number | null
  readonly tokens: number | null
  readonly cost: Picos | null
  readonly unpriced: number
}

async function owedFor(context: Context, organization: string, value: string, billing: Billing): Promise<Owed[]> {
  const { query, dimension, linesBy } = billing
  const { calls } = context.services
  const rules = await allocationRules(context.services, organization)
  const own = await ownCalls(calls, { ...query, dimension, value, by: linesBy, rules })
  const lines = own.map(
    ({ value: name, sums }): Owed => ({
      description: name ?? `Calls without ${linesBy.replaceAll('_', ' ')}`,
      calls: sums.calls,
      tokens: knownTokens(sums),
      cost: knownCost(sums),
      unpriced: sums.unpriced,
    }),
  )
  return [...lines, ...(await sharesOf(context, value, billing, rules))]
}

async function sharesOf(context: Context, value: string, { query, dimension }: Billing, rules: readonly AllocationRule[]): Promise<Owed[]> {
  if (rules.every((rule) => rule.dimension !== dimension)) return []
  const { pools } = await chargeback(context.services.calls, { ...query, groupBy: dimension, rules })
  return pools.flatMap(({ rule, parts }) => {
    const part = parts.find((one) => one.value === value)
    if (part === undefined) return []
    const name = rules.find(({ id }) => id === rule)?.name ?? rule
    return [{ description: `Shared cost: ${name}`, calls: null, tokens: null, cost: part.amount, unpriced: 0 }]
  })
}
