import { type CreditInvoice, creditInvoice, type IssuedInvoice } from '@purser/contract'
import { canonicalJson, fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { unitsOfText, unitsText } from './currency.ts'
import { replayOf } from './issue.ts'
import { keepInvoice, keptInvoices, nextNumber, unitsLeft } from './kept.ts'

const ATTEMPTS = 20

/** Takes back an invoice, or a part of it. Never more than is left of a line. Audited. */
export const creditInvoiceOperation = implement(creditInvoice, async (context, input): Promise<Result<IssuedInvoice>> => {
  const { services, caller } = context
  const { documents } = services
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const { request_id, ...rest } = input
  const asked = canonicalJson(rest)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (typeof request_id === 'string') {
      const known = await replayOf(context, organization.value, request_id, asked)
      if (known !== null) return known
    }
    const at = services.now()
    const series = await nextNumber(documents, { organization: organization.value, prefix: 'CN', at })
    const issued = await keptInvoices(documents, organization.value)
    const invoice = issued.find(({ number, kind }) => number === input.number && kind === 'invoice')
    if (invoice === undefined) return fail(refusal('not_found', `there is no invoice "${input.number}" here`, { path: '/number' }))
    const draft = noteOn(
      invoice,
      issued.filter(({ credits }) => credits === invoice.number),
      input,
    )
    if (!draft.ok) return draft
    const request = typeof request_id === 'string' ? { id: request_id, asked } : null
    const kept = await keepInvoice(documents, series, {
      organization: organization.value,
      actor: caller.actor,
      at,
      prefix: 'CN',
      request,
      draft: draft.value,
    })
    if (kept !== null) return ok(kept)
  }
  return fail(refusal('unavailable', 'others issue credit notes all the time; ask again'))
})

function noteOn(invoice: IssuedInvoice, notes: readonly IssuedInvoice[], input: CreditInvoice): Result<IssuedInvoice> {
  const decimals = (invoice.total ?? '').split('.')[1]?.length ?? 0
  const wanted = new Map<number, bigint>()
  for (const [index, { position, amount }] of (input.lines ?? []).entries()) {
    const path = `/lines/${index}`
    const units = unitsOfText(amount, decimals)
    if (units === null || units <= 0n)
      return fail(refusal('invalid_field', `an amount is above zero, with at most ${decimals} decimals`, { path: `${path}/amount` }))
    if (wanted.has(position) || !invoice.lines.some((line) => line.position === position))
      return fail(refusal('invalid_field', 'each line of the invoice can be named once', { path: `${path}/position` }))
    const left = unitsLeft(invoice, notes, position)
    if (units > left)
      return fail(refusal('invalid_field', `only ${unitsText(left, decimals)} is left of line ${position}`, { path: `${path}/amount` }))
    wanted.set(position, units)
  }
  const lines = invoice.lines.flatMap((line) => {
    const units =
      input.lines === undefined || input.lines === null ? unitsLeft(invoice, notes, line.position) : (wanted.get(line.position) ?? 0n)
    return units === 0n
      ? []
      : [{ units, line: { ...line, calls: null, tokens: null, cost_usd: null, amount: unitsText(-units, decimals) } }]
  })
  if (lines.length === 0) return fail(refusal('invalid_field', 'the invoice was credited whole', { path: '/number' }))
  const total = lines.reduce((sum, { units }) => sum - units, 0n)
  return ok({
    ...invoice,
    number: null,
    kind: 'credit_note',
    status: 'preview',
    credits: invoice.number,
    credited_by: [],
    reason: input.reason,
    due_at: null,
    lines: lines.map(({ line }) => line),
    cost_usd: '0',
    markup_pct: 0,
    subtotal: unitsText(total, decimals),
    markup: unitsText(0n, decimals),
    total: unitsText(total, decimals),
    unpriced_calls: 0,
    note: null,
  })
}
