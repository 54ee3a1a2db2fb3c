/**
 * When a run or session started, over the columns of `runs` or `sessions`: `startOf` of the layer of calls, in SQL.
 * (`least` passes over nulls.)
 */
export function startedAt(owner = ''): string {
  const [start, given, end, call] = ['started_at', 'start_given', 'ended_at', 'first_call_at'].map((name) => `${owner}${name}`)
  return `CASE WHEN NOT ${given} THEN least(${start}, ${end}, ${call}) ELSE ${start} END`
}

/** The milliseconds between two times; null where one is not known, and where the end that was reported lies before the start. */
export function lastedMs(start: string, end: string): string {
  return `CASE WHEN ${end} >= ${start} THEN ${end} - ${start} END`
}

/** The workflow that a run is an execution of: what its start says; while that is not known, what the first of its calls to name one names. */
export function workflowOf(owner = ''): string {
  return `CASE WHEN ${owner}started_at IS NULL THEN ${owner}caller_workflow ELSE ${owner}workflow END`
}
