import type { Span } from '../../kernel/index.ts'
import type { ReportedLine } from '../../usage/index.ts'
import type { Terms } from './compare.ts'
import type { ReconcileQuestion, Remark } from './records.ts'

interface Whole {
  readonly question: ReconcileQuestion
  readonly terms: Terms
  readonly detail: 'meter' | 'quantity' | 'day'
  readonly kept: readonly ReportedLine[]
  readonly covered: readonly Span[]
  readonly converted: ReadonlyMap<string, ReadonlySet<string>>
  readonly isFinal: boolean
}

/** What a reader should know of the whole before the lines are read. */
export function remarksOf(whole: Whole): Remark[] {
  const { question, terms, detail, kept, converted } = whole
  const { report, filter } = question
  const remarks: Remark[] = []
  if (report.cutPages > 0) {
    remarks.push({
      code: 'pages_missing',
      detail: `${report.cutPages} of the pages say that more follow, and the next one is not here: fetch all pages`,
    })
  }
  if (report.repeatedBuckets > 0) {
    remarks.push({
      code: 'buckets_repeated',
      detail: `${report.repeatedBuckets} buckets came twice with the same content and were counted once`,
    })
  }
  if (!whole.isFinal && whole.covered.length > 0) {
    remarks.push({
      code: 'days_not_final',
      detail: 'the last days may still change at the provider: costs are final one to two days after a day ends',
    })
  }
  remarks.push(
    ...severalOf('several_projects', 'projects', 'project', filter.projects, kept),
    ...severalOf('several_workspaces', 'workspaces', 'workspace', filter.workspaces, kept),
    ...severalOf('several_api_keys', 'API keys', 'apiKey', filter.apiKeys, kept),
  )
  if (terms.compared === 'quantities') {
    remarks.push({
      code: 'quantities_only',
      detail: 'the report counts and has no amounts: quantities are compared, and they must be equal',
    })
  } else if (detail === 'day') {
    remarks.push({ code: 'not_itemized', detail: 'the report does not tell its costs apart by line: whole days are compared' })
    if (kept.some(({ kind }) => kind === 'usage')) {
      remarks.push({
        code: 'usage_not_compared',
        detail: 'the report of usage beside it is left out: its quantities have no amounts to stand beside',
      })
    }
  }
  for (const [currency, days] of converted) {
    remarks.push({ code: 'currency_converted', detail: `${currency} was converted by the rates of ${[...days].sort().join(', ')}` })
  }
  return remarks
}

const NAMES_SHOWN_MAX = 10

function severalOf(
  code: 'several_projects' | 'several_workspaces' | 'several_api_keys',
  noun: string,
  field: 'project' | 'workspace' | 'apiKey',
  filter: readonly string[],
  lines: readonly ReportedLine[],
): Remark[] {
  const names = new Set(lines.flatMap((line) => line[field] ?? []))
  if (filter.length > 0 || names.size < 2) return []
  const shown = [...names].sort().slice(0, NAMES_SHOWN_MAX).join(', ')
  return [{ code, detail: `the report adds up ${names.size} ${noun}: ${shown}${names.size > NAMES_SHOWN_MAX ? ', …' : ''}` }]
}
