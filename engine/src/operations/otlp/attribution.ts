import type { Attribution } from '../../ledger/index.ts'
import { NOBODY, type Who } from '../../usage/index.ts'
import type { Caller } from '../context.ts'

/** What a call says of itself, from what says it: its own span, then the spans above it, then its resource. */
export interface Attributed extends Attribution {
  readonly run: string | null
  readonly organization: string | null
  readonly modelAbove: string | null
}

type Tags = Readonly<Record<string, string>>

const NO_TAGS: Tags = Object.freeze({})
/** What an SDK writes where nobody has named the service. */
const UNNAMED = /^unknown_service/
/** Programs that call their service by the name of a build of theirs. */
const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['codex_cli_rs', 'codex'],
  ['codex_exec', 'codex'],
  ['codex_mcp_server', 'codex'],
])

/** `said` begins with the call's own. Identity that is bound to the key stands in place of what is said. */
export function attributionOf(caller: Caller, said: readonly (Who | null)[], rootName: string | null): Attributed {
  const found = { ...NOBODY }
  let tags: Tags | null = null
  for (const who of said) {
    if (who === null) continue
    fill(found, who)
    if (who.tags !== null) tags = joined(tags, who.tags)
  }
  const service = found.service === null || UNNAMED.test(found.service) ? null : (PROGRAMS.get(found.service) ?? found.service)
  return {
    agent: caller.agent ?? found.agent ?? found.agentId ?? found.functionId ?? service,
    user: found.user,
    session: found.session,
    workflow: found.workflow ?? (found.run === null ? rootName : null),
    team: found.team,
    project: found.project,
    costCenter: found.costCenter,
    action: found.action ?? said[0]?.functionId ?? toolAbove(said),
    tags: tags ?? NO_TAGS,
    run: found.run,
    organization: found.organization,
    modelAbove: found.modelRequested,
  }
}

/** Most calls have the tags of their resource alone, and share them. */
function joined(nearer: Tags | null, farther: Tags): Tags {
  return nearer === null ? farther : { ...farther, ...nearer }
}

function fill(found: { -readonly [K in keyof Who]: Who[K] }, who: Who): void {
  found.agent ??= who.agent
  found.agentId ??= who.agentId
  found.functionId ??= who.functionId
  found.session ??= who.session
  found.user ??= who.user
  found.workflow ??= who.workflow
  found.run ??= who.run
  found.team ??= who.team
  found.project ??= who.project
  found.costCenter ??= who.costCenter
  found.action ??= who.action
  found.organization ??= who.organization
  found.service ??= who.service
  found.modelRequested ??= who.modelRequested
}

/** A model that is called while a tool is used is called for that. */
function toolAbove(said: readonly (Who | null)[]): string | null {
  for (let at = 1; at < said.length; at++) {
    const tool = said[at]?.tool
    if (tool !== null && tool !== undefined) return tool
  }
  return null
}
