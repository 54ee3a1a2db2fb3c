import { type Millis, type Refusal, refusal } from '../../kernel/index.ts'
import { ATTRIBUTION_FIELDS, type Attribution, type AttributionField, type Inherited } from '../records.ts'

/** Where a second report under one id differs from the first: a JSON pointer in the spelling of the wire, and both values. */
export interface Difference {
  readonly path: string
  readonly before: unknown
  readonly now: unknown
}

/** The refusal of an id that comes again with another body. */
export function reused(what: string, id: string, { path, before, now }: Difference): Refusal {
  const field = path.slice(1)
  return refusal('id_reused', `${what} "${id}" was recorded before with another ${field}: ${show(before)}, now ${show(now)}`, {
    path,
    facts: { id, field, recorded: before, received: now },
  })
}

/** The first field of who and what that differs from what was said the first time; what was inherited then was not said. */
export function attributionDifference(first: Attribution, again: Attribution, inherited: readonly Inherited[]): Difference | null {
  for (const field of ATTRIBUTION_FIELDS) {
    const before = inherited.includes(field) ? null : field === 'workflow' ? workflowSaid(first, inherited) : first[field]
    if (before !== again[field]) return { path: WIRE_NAMES[field], before, now: again[field] }
  }
  for (const name of Object.keys({ ...first.tags, ...again.tags }).sort()) {
    const before = inherited.includes(`tag:${name}`) ? null : tagOf(first, name)
    const now = tagOf(again, name)
    if (before !== now) return { path: `/tags/${escapePointer(name)}`, before, now }
  }
  return null
}

/** The name that a call gave its workflow, where its run gave it another. */
function workflowSaid(first: Attribution, inherited: readonly Inherited[]): string | null {
  const replaced = inherited.find((name) => name.startsWith(REPLACED))
  return replaced === undefined ? first.workflow : replaced.slice(REPLACED.length)
}

const REPLACED = 'workflow='

/** Times are compared only when both were stated; one that we filled in says nothing about the caller. */
export function timeDifference(first: Timed, again: Timed): Difference | null {
  if (!first.atGiven || !again.atGiven || first.at === again.at) return null
  return { path: '/timestamp', before: first.at, now: again.at }
}

interface Timed {
  readonly at: Millis
  readonly atGiven: boolean
}

const WIRE_NAMES: Readonly<Record<AttributionField, string>> = {
  agent: '/agent_name',
  user: '/user_id',
  session: '/session_id',
  workflow: '/workflow_name',
  team: '/team',
  project: '/project',
  costCenter: '/cost_center',
  action: '/action',
}

function tagOf(attribution: Attribution, name: string): string | null {
  return Object.hasOwn(attribution.tags, name) ? (attribution.tags[name] ?? null) : null
}

/** RFC 6901: `~` and `/` inside a name. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function show(value: unknown): string {
  return value === null ? 'nothing' : JSON.stringify(value)
}
