import { creditInvoiceOperation } from './credit.ts'
import { issueInvoiceOperation } from './issue.ts'
import { getInvoiceOperation, listInvoicesOperation } from './read.ts'

export const INVOICE_OPERATIONS = [issueInvoiceOperation, listInvoicesOperation, getInvoiceOperation, creditInvoiceOperation]
