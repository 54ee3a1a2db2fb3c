import type { Fill } from './project.ts'
import { FILLED_FIELDS } from './project.ts'
import type { CallRow } from './records.ts'

/**
 * Whether a fill speaks to a row directly: the row names the run or session that came late, and its call came before. An adjustment
 * goes with the call that it corrects.
 */
export function fillConcerns(fill: Fill, row: CallRow): boolean {
  return (
    row.callSeq < fill.seq &&
    row.organization === fill.organization &&
    (fill.by === 'run' ? row.runId === fill.id : row.sessionId === fill.id)
  )
}

/**
 * Gives a row what it lacks; what the call said itself, or was given before, stands, but for the workflow of the run's own calls.
 * The meaning of a fill, which a store does in SQL. `fill` names the run that came late, also where the row is of a run below it.
 */
export function fillRow(fill: Fill, row: CallRow): CallRow {
  const filled: Record<string, string | null> = {}
  for (const field of FILLED_FIELDS) filled[field] = row[field] ?? fill.values[field]
  if (fill.ownWorkflow !== null && row.runId === fill.id) filled.workflow = fill.ownWorkflow
  return { ...row, ...filled, tags: sortedMerge(fill.tags, row.tags) }
}

function sortedMerge(given: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries({ ...given, ...own })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
