import { addMeasures, type CallQuery, type CallStore, type Measures, QueryFault, type RunRow, ZERO_MEASURES } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { addUse, type SoldModel, type WeekUse, weekAt } from './week-use.ts'

/** Runs that are told apart in one answer. */
const RUNS_MAX = 200_000
/** A run that began so long before the first week is still known to be above those of that week. */
const LOOK_BACK_MS = 7 * 86_400_000

/**
 * Puts runs into the weeks in which they began, each with all that it and the runs below it have cost, whenever that was. An outcome is a run that is below no other, or
 * with `workflows` the outermost one of these on its branch; what is below it is part of it, whether that succeeded or not. With a filter, only runs with a call that passes it
 * count, at the cost of those calls. Gives the sums of calls that belong to no such run.
 */
export async function addRuns(
  store: CallStore,
  query: CallQuery,
  workflows: readonly string[] | null,
  weeks: readonly WeekUse[],
): Promise<Measures> {
  const { where, from, ...rest } = query
  const back = from === undefined ? {} : { from: from - LOOK_BACK_MS }
  const runs = await store.runs({ ...rest, ...back, limit: RUNS_MAX + 1 })
  if (runs.length > RUNS_MAX)
    throw new QueryFault('query_limit', `there are more than ${RUNS_MAX} runs in this time: ask about fewer weeks`)
  const byId = new Map(runs.map((run) => [keyOf(run.organization, run.runId), run]))
  const outcomeOf = outcomeFinder(byId, workflows)
  const weekOf = (run: RunRow): WeekUse | undefined => weekAt(weeks, beginOf(run))
  const touched = new Set<RunRow>()
  let outside = ZERO_MEASURES
  const rows = await store.aggregate({ ...query, groupBy: ['organization', 'run', 'seller', 'model'] })
  for (const row of rows) {
    const [organization = null, runId = null, seller = null, model = null] = row.keys
    const run = organization === null || runId === null ? undefined : byId.get(keyOf(organization, runId))
    const outcome = run === undefined ? null : outcomeOf(run)
    const week = outcome === null ? undefined : weekOf(outcome)
    const sold: SoldModel = { organization, seller, model }
    if (outcome === null || week === undefined) outside = addMeasures(outside, row)
    else {
      touched.add(outcome)
      addUse(week, sold, row)
    }
  }
  for (const run of where === undefined ? runs : touched) {
    const week = outcomeOf(run) === run ? weekOf(run) : undefined
    if (week !== undefined) countRun(week, run)
  }
  return outside
}

function countRun(week: WeekUse, { success }: RunRow): void {
  week.attempts += 1
  if (success === true) week.outcomes += 1
  else if (success === false) week.failed += 1
  else week.running += 1
}

/** A run that was only named by its calls begins with the first of them. */
function beginOf({ startedAt, firstCallAt }: RunRow): Millis {
  return startedAt ?? firstCallAt ?? Number.NEGATIVE_INFINITY
}

function keyOf(organization: string, runId: string): string {
  return JSON.stringify([organization, runId])
}

/** The outcome that a run is or is part of; null: none. A circle of parents ends where it began. */
function outcomeFinder(byId: ReadonlyMap<string, RunRow>, workflows: readonly string[] | null): (run: RunRow) => RunRow | null {
  const known = new Map<RunRow, RunRow | null>()
  return (run) => {
    const found = known.get(run)
    if (found !== undefined) return found
    const seen = new Set<RunRow>()
    let outermost: RunRow | null = null
    for (let next: RunRow | undefined = run; next !== undefined && !seen.has(next); ) {
      seen.add(next)
      if (workflows === null || (next.workflow !== null && workflows.includes(next.workflow))) outermost = next
      next = next.parentRunId === null ? undefined : byId.get(keyOf(next.organization, next.parentRunId))
    }
    known.set(run, outermost)
    return outermost
  }
}
