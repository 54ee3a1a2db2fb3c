import { type Draft, sessionIn } from '../draft.ts'
import {
  ATTRIBUTION_FIELDS,
  type Attribution,
  type AttributionField,
  type Inherited,
  type KeyAttribution,
  type RecordCommand,
} from '../records.ts'
import { runChain } from './ancestry.ts'

/** An attribution with what it lacked filled in, and the names of what was filled. */
export interface Filled {
  readonly attribution: Attribution
  readonly inherited: readonly Inherited[]
}

/**
 * Fills what was not said, from the nearest that says it: the hold that was taken for it, the run and the runs above it, then the session, then the key.
 * What was said stands, but for the workflow of a call: a run is an execution of one workflow, the one that its start names, or while
 * it has none the first of its calls to say one.
 * Tags are filled one by one.
 */
export function inherit(draft: Draft, command: RecordCommand, said: Attribution, from: InheritFrom): Filled {
  const filled = startFilling(said)
  const runs = runChain(draft, command.organization, from.run)
  if (from.hold !== undefined) fillFrom(filled, from.hold)
  if (from.except !== 'workflow') nameAfterRun(filled, runs[0])
  for (const run of runs) fillFrom(filled, run, from.except)
  const session = from.session === undefined ? filled.values.session : from.session
  if (session !== null) {
    const state = sessionIn(draft, command.organization, session)
    if (state !== undefined) fillFrom(filled, state, 'session')
  }
  if (command.keyAttribution !== undefined) fillFromKey(filled, command.keyAttribution)
  if (filled.inherited.length === 0) return { attribution: said, inherited: filled.inherited }
  const attribution: Attribution =
    filled.tags === null ? { ...filled.values, tags: said.tags } : { ...filled.values, tags: Object.fromEntries(filled.tags) }
  return { attribution, inherited: filled.inherited }
}

export interface InheritFrom {
  /** The nearest run. */
  readonly run: string | null
  /** What was said when money was held for the call. */
  readonly hold?: Attribution
  /** The session to inherit from; absent: the one that was said or inherited. */
  readonly session?: string | null
  /** A field that is not inherited from runs. */
  readonly except?: AttributionField
}

interface Filling {
  readonly said: Attribution
  readonly values: { -readonly [F in AttributionField]: Attribution[F] }
  tags: Map<string, string> | null
  readonly inherited: Inherited[]
}

function startFilling(said: Attribution): Filling {
  const { agent, user, session, workflow, team, project, costCenter, action } = said
  return { said, values: { agent, user, session, workflow, team, project, costCenter, action }, tags: null, inherited: [] }
}

function nameAfterRun({ said, values, inherited }: Filling, run: Attribution | undefined): void {
  const name = run?.workflow ?? null
  if (name === null || values.workflow === null || values.workflow === name) return
  values.workflow = name
  // What only the hold had said was inherited, and is so again.
  if (said.workflow !== null) inherited.push(`workflow=${said.workflow}`)
}

function fillFrom(filled: Filling, source: Attribution, except?: AttributionField): void {
  for (const field of ATTRIBUTION_FIELDS) {
    const value = source[field]
    if (value === null || filled.values[field] !== null || field === except) continue
    filled.values[field] = value
    filled.inherited.push(field)
  }
  for (const name in source.tags) {
    const value = source.tags[name]
    if (value === undefined || !Object.hasOwn(source.tags, name)) continue
    // A map, and `Object.fromEntries` in the end: a tag may have any name, `__proto__` too.
    filled.tags ??= new Map(Object.entries(filled.said.tags))
    if (filled.tags.has(name)) continue
    filled.tags.set(name, value)
    filled.inherited.push(`tag:${name}`)
  }
}

function fillFromKey(filled: Filling, key: KeyAttribution): void {
  for (const field of ['team', 'project', 'costCenter'] as const) {
    const value = key[field]
    if (value === null || filled.values[field] !== null) continue
    filled.values[field] = value
    filled.inherited.push(field)
  }
}
