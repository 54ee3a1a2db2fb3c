import { CreditInvoice, GetInvoice, Invoices, InvoicesQuery, IssuedInvoice, IssueInvoice } from '../invoices.ts'
import { endpoint } from './endpoint.ts'

const family = 'Invoices'
const billTeam = { bill_to: { dimension: 'team', value: 'data-analytics' }, markup_pct: 10 }

export const issueInvoice = endpoint({
  operation: 'issue_invoice',
  method: 'POST',
  path: '/v1/finops/invoices',
  input: IssueInvoice,
  answer: IssuedInvoice,
  permission: 'manage',
  family,
  status: 201,
  idempotencyField: 'request_id',
  summary: 'Bill a team, a customer or any other value for a period',
  description:
    'It is drawn up from the calls and the shared costs of the chargeback report, numbered without gaps, and never changed. A period is billed once, until the invoice on it was credited whole.',
  example: { input: billTeam },
})

export const listInvoices = endpoint({
  operation: 'list_invoices',
  method: 'GET',
  path: '/v1/finops/invoices',
  input: InvoicesQuery,
  answer: Invoices,
  permission: 'read',
  family,
  summary: 'Invoices and credit notes',
  example: { input: { dimension: 'team' } },
})

export const getInvoice = endpoint({
  operation: 'get_invoice',
  method: 'GET',
  path: '/v1/finops/invoices/{number}',
  input: GetInvoice,
  answer: IssuedInvoice,
  permission: 'read',
  family,
  formats: { csv: 'text/csv', html: 'text/html' },
  summary: 'One invoice, as JSON, CSV or a page to print',
  example: { input: { number: 'INV-2026-0001' } },
})

export const creditInvoice = endpoint({
  operation: 'credit_invoice',
  method: 'POST',
  path: '/v1/finops/invoices/{number}/credit',
  input: CreditInvoice,
  answer: IssuedInvoice,
  permission: 'manage',
  family,
  status: 201,
  idempotencyField: 'request_id',
  summary: 'Take back an invoice, or a part of it, by a credit note',
  example: { input: { number: 'INV-2026-0001', reason: 'billed to the wrong team' } },
})

export const INVOICES = [issueInvoice, listInvoices, getInvoice, creditInvoice] as const
