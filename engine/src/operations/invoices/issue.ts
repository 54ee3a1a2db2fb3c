import { type IssuedInvoice, type IssueInvoice, issueInvoice } from '@purser/contract'
import { canonicalJson, fail, formatInstant, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { type Billing, billingOf, drawUp } from './draw-up.ts'
import { invoiceOfRequest, keepInvoice, keptInvoice, keptInvoices, nextNumber } from './kept.ts'

const DUE_DAYS = 30
const DAY_MS = 86_400_000
const ATTEMPTS = 20

/** Bills a value of a dimension for a time. What is issued is never changed; what it bills is not billed again. Audited. */
export const issueInvoiceOperation = implement(issueInvoice, async (context, input): Promise<Result<IssuedInvoice>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const billing = billingOf(context, organization.value, input)
  if (!billing.ok) return billing
  return answering(async () => {
    if (input.preview === true) return ok(await drawUp(context, organization.value, input, billing.value))
    return issue(context, organization.value, input, billing.value)
  })
})

async function issue(context: Context, organization: string, input: IssueInvoice, billing: Billing): Promise<Result<IssuedInvoice>> {
  const { documents, now } = context.services
  const at = now()
  const { request_id, ...rest } = input
  const asked = canonicalJson(rest)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (typeof request_id === 'string') {
      const known = await replayOf(context, organization, request_id, asked)
      if (known !== null) return known
    }
    const series = await nextNumber(documents, { organization, prefix: 'INV', at })
    const allowed = await mayBill(context, organization, input, billing, at)
    if (!allowed.ok) return allowed
    const draft = await drawUp(context, organization, input, billing)
    if (draft.lines.length === 0) {
      return fail(
        refusal(
          'unbillable',
          `nothing is owed for ${billing.dimension} "${input.bill_to.value}" in that time: it has no calls and bears no shared cost`,
        ),
      )
    }
    if (draft.lines.every(({ amount }) => amount === null)) {
      return fail(refusal('unbillable', 'no price of any of its calls is known, so there is nothing to bill yet: purser rates missing'))
    }
    const due_at = formatInstant(at + (input.due_days ?? DUE_DAYS) * DAY_MS)
    const request = typeof request_id === 'string' ? { id: request_id, asked } : null
    const kept = await keepInvoice(documents, series, {
      organization,
      actor: context.caller.actor,
      at,
      prefix: 'INV',
      request,
      draft: { ...draft, due_at },
    })
    if (kept !== null) return ok(kept)
  }
  return fail(refusal('unavailable', 'others issue invoices all the time; ask again'))
}

/** The answer to a request that was made before; null where it is new. */
export async function replayOf(
  { services }: Context,
  organization: string,
  id: string,
  asked: string,
): Promise<Result<IssuedInvoice> | null> {
  const known = await invoiceOfRequest(services.documents, organization, id)
  if (known === null) return null
  const invoice = await keptInvoice(services.documents, organization, known.number)
  if (invoice === null || known.asked !== asked) {
    return fail(refusal('id_reused', `request "${id}" was made before and asked for something else`, { path: '/request_id' }))
  }
  return ok({ ...invoice, replayed: true })
}

/** A time that is not over has calls to come; one that is billed already is not billed twice. */
async function mayBill(
  context: Context,
  organization: string,
  { bill_to }: IssueInvoice,
  billing: Billing,
  at: Millis,
): Promise<Result<null>> {
  const { query, dimension } = billing
  if (query.to > at) {
    return fail(
      refusal('invalid_period', `the time ends at ${formatInstant(query.to)}, which is still to come; ask with preview until then`, {
        path: '/to',
      }),
    )
  }
  const issued = await keptInvoices(context.services.documents, organization)
  const twice = issued.find(
    ({ kind, status, bill_to: other, period }) =>
      kind === 'invoice' &&
      status !== 'credited' &&
      other.dimension === dimension &&
      other.value === bill_to.value &&
      Date.parse(period.from) < query.to &&
      Date.parse(period.to) > query.from,
  )
  if (twice === undefined) return ok(null)
  return fail(
    refusal(
      'already_billed',
      `${twice.number} already bills ${dimension} "${bill_to.value}" for ${twice.period.from} to ${twice.period.to}`,
      {
        path: '/bill_to',
        facts: { number: twice.number },
      },
    ),
  )
}
