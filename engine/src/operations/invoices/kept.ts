import type { IssuedInvoice } from '@purser/contract'
import { formatInstant, type Millis } from '../../kernel/index.ts'
import type { DocumentChange, DocumentKey } from '../../ledger/index.ts'
import type { Services } from '../context.ts'

const INVOICE = 'invoice'
const SERIES = 'invoice_series'
const REQUEST = 'invoice_request'

type Documents = Services['documents']

/** The invoices and credit notes of an organization, the latest first, each with the state that credit notes have put it in. */
export async function keptInvoices(documents: Documents, organization: string): Promise<IssuedInvoice[]> {
  const kept = (await documents.documents(organization, { kind: INVOICE, descending: true })).map(
    ({ body }) => JSON.parse(body) as IssuedInvoice,
  )
  return kept.map((invoice) => withState(invoice, kept))
}

export async function keptInvoice(documents: Documents, organization: string, number: string): Promise<IssuedInvoice | null> {
  const all = await keptInvoices(documents, organization)
  return all.find((invoice) => invoice.number === number) ?? null
}

/** The invoice that a request was answered with, so that the same request issues nothing twice. */
export async function invoiceOfRequest(
  documents: Documents,
  organization: string,
  request: string,
): Promise<{ readonly number: string; readonly asked: string } | null> {
  const kept = await documents.document({ organization, kind: REQUEST, id: request })
  return kept === null ? null : (JSON.parse(kept.body) as { number: string; asked: string })
}

function withState(invoice: IssuedInvoice, all: readonly IssuedInvoice[]): IssuedInvoice {
  const notes = all.filter(({ credits }) => credits !== null && credits === invoice.number)
  if (notes.length === 0) return { ...invoice, status: 'issued' }
  const left = invoice.lines.some(({ position }) => unitsLeft(invoice, notes, position) !== 0n)
  return { ...invoice, status: left ? 'partly_credited' : 'credited', credited_by: notes.map(({ number }) => number ?? '').reverse() }
}

/** What credit notes have left of a line, in smallest units of the currency. All amounts of an invoice have the same decimals. */
export function unitsLeft(invoice: IssuedInvoice, notes: readonly IssuedInvoice[], position: number): bigint {
  const amounts = [invoice, ...notes].flatMap(({ lines }) =>
    lines.filter((line) => line.position === position).map(({ amount }) => amount ?? '0'),
  )
  return amounts.reduce((sum, amount) => sum + BigInt(amount.replace('.', '')), 0n)
}

/** What issuing is asked to keep, once a number is known. */
export interface Issue {
  readonly organization: string
  readonly actor: string
  readonly at: Millis
  readonly prefix: 'INV' | 'CN'
  /** Of the request, and all that it asked for; null where it has no id. */
  readonly request: { readonly id: string; readonly asked: string } | null
  readonly draft: IssuedInvoice
}

/**
 * Gives the next number of the year to an invoice and keeps both, with the request, all or none. Null when another one was issued meanwhile: decide again. So
 * numbers have no gaps, and no two invoices are decided on side by side.
 */
export async function keepInvoice(
  documents: Documents,
  series: NextNumber,
  { organization, actor, at, request, draft }: Issue,
): Promise<IssuedInvoice | null> {
  const issued: IssuedInvoice = { ...draft, number: series.number, status: 'issued', issued_at: formatInstant(at) }
  const body = JSON.stringify(issued)
  const changes: DocumentChange[] = [
    { ...series.key, at, body: JSON.stringify({ last: series.count }), basedOn: series.version },
    { organization, kind: INVOICE, id: series.number, at, body, basedOn: 0 },
  ]
  if (request !== null) {
    const kept = JSON.stringify({ number: series.number, asked: request.asked })
    changes.push({ organization, kind: REQUEST, id: request.id, at, body: kept, basedOn: 0 })
  }
  const action = draft.kind === 'invoice' ? 'issue_invoice' : 'credit_invoice'
  const audit = { at, organization, actor, action, target: series.number, before: null, after: body }
  return (await documents.putDocuments(changes, [audit])) ? issued : null
}

export interface NextNumber {
  readonly key: DocumentKey
  readonly version: number
  readonly count: number
  readonly number: string
}

/** Read before what is issued is decided: whoever issues something in between makes `keepInvoice` say so. */
export async function nextNumber(
  documents: Documents,
  { organization, prefix, at }: Pick<Issue, 'organization' | 'prefix' | 'at'>,
): Promise<NextNumber> {
  const year = formatInstant(at).slice(0, 4)
  const key = { organization, kind: SERIES, id: `${prefix}-${year}` }
  const kept = await documents.document(key)
  const count = (kept === null ? 0 : (JSON.parse(kept.body) as { last: number }).last) + 1
  return { key, version: kept?.version ?? 0, count, number: `${prefix}-${year}-${String(count).padStart(4, '0')}` }
}
