import type { FocusConformanceQuery, FocusQuery } from '@purser/contract'
import { exportRates, type FocusExport, type FocusQuestion, focusExport } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import type { Context } from '../context.ts'
import { questionOf } from '../wire/question.ts'

/** What is asked, and the export that answers it. */
export interface AskedExport {
  readonly question: FocusQuestion
  readonly made: FocusExport
}

/** The question of a request → the export. Nothing is read before its rows are. */
export function askedExport(context: Context, input: FocusQuery | FocusConformanceQuery): Result<AskedExport> {
  const { version = '1.4', granularity = 'day', sub_account: subAccount = 'team', format: _format, ...scope } = input
  const asked = questionOf(context, scope)
  if (!asked.ok) return asked
  const { calls, ledger, rates } = context.services
  const question: FocusQuestion = { ...asked.value.query, version, granularity, subAccount }
  const made = focusExport({ calls, ledger }, exportRates(rates.book(), rates.fx()), question, { breathe: othersGoOn })
  return ok({ question, made })
}

/** Commits and requests come between two pieces. */
function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
