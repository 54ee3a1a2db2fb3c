import { type ReconcileAnswer, type ReconcileQuestion, reconcileCosts } from '@purser/contract'
import { type Reconciliation, reconcile, reconciliationCsv } from '../../insights/index.ts'
import { decimalOfNumber, fail, ok, type Picos, parseDecimal, picosOfDecimal, type Result, refusal } from '../../kernel/index.ts'
import { type CostReport, readCostReport } from '../../usage/index.ts'
import { answering } from '../analytics/faults.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { type Streamed, streamedCsv } from '../streamed.ts'
import { isTooDeep, tooDeep } from '../validation/index.ts'
import { questionOf } from '../wire/question.ts'
import { reconciliationAnswer } from './answer.ts'

/** The posted cost beside a provider's own report of it. */
export const reconcileCostsOperation = implement(reconcileCosts, async (context, input): Promise<Result<ReconcileAnswer | Streamed>> => {
  const report = reportIn(input)
  if (!report.ok) return report
  const tolerance = toleranceOf(input)
  return answering<ReconcileAnswer | Streamed>(async () => {
    const done = await reconciled(context, input, report.value, tolerance)
    if (!done.ok) return done
    const { lines, ...rest } = done.value
    const listed = input.lines === 'differences' ? lines.filter(({ status }) => status !== 'matched') : lines
    if (input.format === 'csv') return ok(await streamedCsv('purser-reconciliation.csv', reconciliationCsv(listed)))
    return ok(reconciliationAnswer({ ...rest, lines: listed }, tolerance, input.limit ?? LINES_MAX))
  })
})

const LINES_MAX = 10_000
const CALL_IDS = 10

function reportIn({ pages, provider, projects, workspaces, api_keys: apiKeys }: ReconcileQuestion): Result<CostReport> {
  const deep = pages.findIndex((page) => isTooDeep(page))
  if (deep >= 0) return fail(tooDeep(`/pages/${deep}`))
  const report = readCostReport(pages)
  if (!report.ok) return report
  if (provider !== undefined && provider !== report.value.seller) {
    return fail(refusal('invalid_field', `the pages are of ${report.value.seller}, not of ${provider}`, { path: '/provider' }))
  }
  const costs = report.value.lines.filter(({ kind }) => kind === 'cost')
  const lines = costs.length > 0 ? costs : report.value.lines
  const missing = [
    ['/projects', projects, 'project', 'group_by=project_id'],
    ['/workspaces', workspaces, 'workspace', 'group_by[]=workspace_id'],
    ['/api_keys', apiKeys, 'apiKey', 'group_by=api_key_id; costs of Anthropic know none'],
  ] as const
  for (const [path, asked, field, how] of missing) {
    if ((asked?.length ?? 0) === 0 || lines.length === 0 || lines.some((line) => line[field] !== null)) continue
    return fail(
      refusal('invalid_field', `no line of the report says its ${path.slice(1, -1).replace('_', ' ')}: fetch it with ${how}`, { path }),
    )
  }
  return report
}

async function reconciled(
  context: Context,
  input: ReconcileQuestion,
  report: CostReport,
  tolerance: Picos,
): Promise<Result<Reconciliation>> {
  const { organization_id, from, to } = input
  const asked = questionOf(context, {
    ...(organization_id === undefined ? {} : { organization_id }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  if (!asked.ok) return asked
  const { calls, ledger, rates, now } = context.services
  return ok(
    await reconcile(
      { calls, ledger, book: rates.book(), fx: rates.fx(), breathe: othersGoOn },
      {
        ...asked.value.query,
        report,
        filter: { projects: input.projects ?? [], workspaces: input.workspaces ?? [], apiKeys: input.api_keys ?? [] },
        tolerance,
        now: now(),
        callIdsMax: input.call_ids ?? CALL_IDS,
      },
    ),
  )
}

/** Cents as text or number → the amount. Half a cent: a difference that rounds to none. */
function toleranceOf({ tolerance_cents: cents = '0.5' }: ReconcileQuestion): Picos {
  const decimal = typeof cents === 'number' ? decimalOfNumber(cents) : parseDecimal(cents)
  return picosOfDecimal(decimal === null ? HALF_A_CENT : { digits: decimal.digits, scale: decimal.scale + 2 })
}

const HALF_A_CENT = { digits: 5n, scale: 3 }

/** Commits and requests come between two pieces. */
function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
