import type { Attribution, KeyAttribution } from '../../src/ledger/index.ts'
import { type Books, nameOf, type Owner } from './books.ts'

type Field = Exclude<keyof Attribution, 'tags'>
const FIELDS: readonly Field[] = ['agent', 'user', 'session', 'workflow', 'team', 'project', 'costCenter', 'action']
const LEVELS_MAX = 64

/** The runs above a run, nearest first, itself included, as they were known before an entry; without one, now. */
export function lineOf(books: Books, organization: string, run: string | null, before = Number.POSITIVE_INFINITY): string[] {
  const line: string[] = []
  for (let next = run; next !== null && line.length < LEVELS_MAX; ) {
    line.push(next)
    const owner = books.runs.get(nameOf(organization, next))
    next = owner !== undefined && (owner.startedSeq ?? 0) < before ? owner.parentRun : null
  }
  return line
}

export interface Sources {
  readonly organization: string
  readonly run: string | null
  /** The name of a workflow goes to calls, not to runs below. */
  readonly workflowFromRuns: boolean
  /** Sessions inherit from no session. */
  readonly fromSession: boolean
  readonly key: KeyAttribution | undefined
  /** What was said, and inherited then, when money was held for the call. */
  readonly hold: Attribution | null
}

/**
 * What a call, run or session belongs to: each field from the first that says it, of itself, its hold, its runs upwards, its session,
 * its key. The workflow of a call is what its own run says, before what the call or its hold says.
 */
export function inherited(books: Books, said: Attribution, from: Sources): Attribution {
  const runs = lineOf(books, from.organization, from.run).map((id) => saidOfRun(books.runs.get(nameOf(from.organization, id))))
  const session = [said, from.hold, ...runs].find((source) => typeof source?.session === 'string')?.session ?? null
  const ofSession = from.fromSession && session !== null ? books.sessions.get(nameOf(from.organization, session))?.said : null
  const field = (name: Field): string | null => {
    const above = name === 'workflow' && !from.workflowFromRuns ? [] : runs
    const first = name === 'workflow' ? [above[0]?.workflow, said.workflow, from.hold?.workflow] : [said[name], from.hold?.[name]]
    const values = [...first, ...above.map((run) => run?.[name]), name === 'session' ? null : ofSession?.[name], keyValue(from.key, name)]
    return values.find((value) => typeof value === 'string') ?? null
  }
  const tags = [ofSession, ...runs.toReversed(), from.hold, said].flatMap((source) => Object.entries(source?.tags ?? {}))
  return {
    agent: field('agent'),
    user: field('user'),
    session,
    workflow: field('workflow'),
    team: field('team'),
    project: field('project'),
    costCenter: field('costCenter'),
    action: field('action'),
    tags: Object.fromEntries(tags),
  }
}

/** What a run says: its start, or before that its calls, of the workflow alone. */
function saidOfRun(run: Owner | undefined): Partial<Attribution> | undefined {
  return run?.said ?? (run === undefined ? undefined : { workflow: run.called })
}

function keyValue(key: KeyAttribution | undefined, name: Field): string | null {
  return name === 'team' || name === 'project' || name === 'costCenter' ? (key?.[name] ?? null) : null
}

/** Which fields and tags of the result the caller had not said, and the workflow that it had said where it is another now. */
export function filledNames(said: Attribution, filled: Attribution): string[] {
  const fields = FIELDS.filter((name) => said[name] === null && filled[name] !== null)
  const tags = Object.keys(filled.tags).filter((tag) => !Object.hasOwn(said.tags, tag))
  const renamed = said.workflow !== null && said.workflow !== filled.workflow ? [`workflow=${said.workflow}`] : []
  return [...fields, ...renamed, ...tags.map((tag) => `tag:${tag}`)].sort()
}
