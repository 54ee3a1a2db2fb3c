import { getInvoice, type IssuedInvoice, listInvoices } from '@purser/contract'
import { type Options, stringify } from 'csv-stringify/sync'
import { chargeback, knownCharge } from '../../insights/index.ts'
import { fail, ok, picos, picosOfUsd, type Result, refusal, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { organizationOf } from '../authority/scope.ts'
import { allocationRules } from '../chargeback/rules.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { Streamed, streamedCsv } from '../streamed.ts'
import { dimensionOf } from '../wire/question.ts'
import { keptInvoice, keptInvoices } from './kept.ts'
import { invoicePage } from './page.ts'

const INVOICES_MAX = 100

export const listInvoicesOperation = implement(listInvoices, async ({ services, caller }, input) => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const kept = await keptInvoices(services.documents, organization.value)
  const wanted = kept
    .filter(({ bill_to }) => input.dimension === undefined || bill_to.dimension === input.dimension)
    .filter(({ bill_to }) => input.value === undefined || bill_to.value === input.value)
  return ok({ invoices: wanted.slice(0, input.limit ?? INVOICES_MAX) })
})

/** One invoice or credit note as it was issued; with `check` beside what its calls cost by the books of today. */
export const getInvoiceOperation = implement(getInvoice, async (context, input): Promise<Result<IssuedInvoice | Streamed>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const invoice = await keptInvoice(context.services.documents, organization.value, input.number)
  if (invoice === null) return fail(refusal('not_found', `there is no invoice "${input.number}" here`, { path: '/number' }))
  if (input.format === 'csv') return ok(await streamedCsv(`${input.number}.csv`, once(csvOf(invoice))))
  if (input.format === 'html')
    return ok(await Streamed.begin('text/html; charset=utf-8', `${input.number}.html`, once(invoicePage(invoice))))
  return input.check === true && invoice.kind === 'invoice' ? answering(() => checked(context, organization.value, invoice)) : ok(invoice)
})

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

async function checked(context: Context, organization: string, invoice: IssuedInvoice): Promise<Result<IssuedInvoice>> {
  const { services } = context
  const { bill_to, period } = invoice
  const dimension = dimensionOf(bill_to.dimension)
  if (!dimension.ok) return dimension
  const rules = await allocationRules(services, organization)
  const [from, to] = [Date.parse(period.from), Date.parse(period.to)]
  const question = { scope: { organization }, atLeast: services.committer.head(), from, to, groupBy: dimension.value, rules }
  const line = (await chargeback(services.calls, question)).lines.find(({ value }) => value === bill_to.value)
  const cost = line === undefined ? ZERO : knownCharge(line)
  const billed = invoice.cost_usd === null ? null : picosOfUsd(invoice.cost_usd)
  const difference = cost === null || billed === null ? null : usdOfPicos(picos(cost - billed))
  return ok({ ...invoice, recomputed: { cost_usd: cost === null ? null : usdOfPicos(picos(cost)), difference_usd: difference } })
}

const OPTIONS: Options = { escape_formulas: true }
const HEADING = ['number', 'kind', 'bill_to', 'position', 'description', 'calls', 'tokens', 'cost_usd', 'currency', 'amount']

/** A line of the invoice a row. Amounts are text to the writer, which would take a negative one for a formula, so they are put in as they are. */
function csvOf({ number, kind, bill_to, lines, currency }: IssuedInvoice): string {
  const rows = lines.map(({ position, description, calls, tokens, cost_usd, amount }) => {
    const said = stringify([[number, kind, bill_to.value, position, description, calls, tokens]], OPTIONS).trimEnd()
    return `${said},${cost_usd ?? ''},${currency},${amount ?? ''}\n`
  })
  return `${HEADING.join(',')}\n${rows.join('')}`
}
