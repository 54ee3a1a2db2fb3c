import { FocusAnswer, FocusConformanceAnswer, FocusConformanceQuery, FocusQuery } from '../focus.ts'
import { endpoint } from './endpoint.ts'

const common = { method: 'GET', permission: 'read', family: 'FOCUS' } as const

export const exportFocus = endpoint({
  ...common,
  operation: 'export_focus',
  path: '/v1/finops/export/focus',
  input: FocusQuery,
  answer: FocusAnswer,
  formats: { csv: 'text/csv', parquet: 'application/vnd.apache.parquet' },
  summary: 'Cost and usage in FOCUS',
  description:
    'A row for each priced meter of a charge period, sub account, agent, model and key, from the lines of the ledger. Calls without a known price have no row and are counted in left_out. Written while it is read, whatever its size.',
  example: { input: { organization_id: 'org_789', from: '2026-10-01', to: '2026-11-01', version: '1.4' } },
})

export const focusConformance = endpoint({
  ...common,
  operation: 'focus_conformance',
  path: '/v1/finops/export/focus/conformance',
  input: FocusConformanceQuery,
  answer: FocusConformanceAnswer,
  formats: { text: 'text/plain' },
  summary: 'Whether an export in FOCUS keeps every rule',
  description:
    'Makes the export of the question, checks every row, and says which rules were kept, broken and not applicable, what is left out, and that the sum is that of the ledger.',
  example: { input: { organization_id: 'org_789', from: '2026-10-01', to: '2026-11-01' } },
})

export const FOCUS = [exportFocus, focusConformance] as const
