/**
 * When a run or session started, over the columns of `runs` or `sessions`: `startOf` of the layer of calls, in SQL.
 * (`least` passes over nulls.)
 */
export function startedAt(owner = ''): string {
  const [start, given, end, call] = ['started_at', 'start_given', 'ended_at', 'first_call_at'].map((name) => `${owner}${name}`)
  return `CASE WHEN NOT ${given} THEN least(${start}, ${end}, ${call}) ELSE ${start} END`
}

/** Whether start and end tell the duration of a run or session: `isDurationKnown` of the layer of calls, in SQL. */
export function durationKnown(owner = ''): string {
  const [start, end, first, last] = ['started_at', 'ended_at', 'first_call_at', 'last_call_at'].map((name) => `${owner}${name}`)
  const inside = `${start} <= ${end} AND coalesce(${first} >= ${start}, TRUE) AND coalesce(${last} <= ${end}, TRUE)`
  return `(${start} IS NULL OR ${end} IS NULL OR ${owner}start_given OR ${owner}end_given OR (${inside}))`
}

/** The milliseconds between two times; null where one is not known, where they tell nothing, and where the end lies before the start. */
export function lastedMs(start: string, end: string, known: string): string {
  return `CASE WHEN ${known} AND ${end} >= ${start} THEN ${end} - ${start} END`
}

/** The workflow that a run is an execution of: what its start says; while that is not known, what the first of its calls to name one names. */
export function workflowOf(owner = ''): string {
  return `CASE WHEN ${owner}started_at IS NULL THEN ${owner}caller_workflow ELSE ${owner}workflow END`
}
