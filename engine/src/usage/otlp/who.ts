import { type Facts, FIELD_INDEX, textFact } from './facts.ts'
import type { Field } from './mapping.ts'

/** Whose a call is and what it was for, as far as one span, event or resource says. */
export type Who = { -readonly [F in (typeof WHO)[number]]: string | null } & { readonly tags: Readonly<Record<string, string>> | null }

const WHO = [
  'agent',
  'agentId',
  'functionId',
  'session',
  'user',
  'workflow',
  'run',
  'tool',
  'team',
  'project',
  'costCenter',
  'action',
  'organization',
  'service',
  'modelRequested',
] as const satisfies readonly Field[]

const NAMES = new Map<number, (typeof WHO)[number]>(WHO.map((field) => [FIELD_INDEX[field], field]))

/** Null when nothing is said. */
export function whoOf(facts: Facts, isAgent: boolean): Who | null {
  let said: { -readonly [F in keyof Who]: Who[F] } | null = null
  for (let at = 0; at < facts.fields.length; at++) {
    const name = NAMES.get(facts.fields[at] ?? -1)
    if (name === undefined) continue
    said ??= { ...NOBODY }
    said[name] = String(facts.values[at])
  }
  const entity = isAgent ? textFact(facts, 'entity') : null
  if (said === null && facts.tags === null && entity === null) return null
  said ??= { ...NOBODY }
  said.agent ??= entity
  said.tags = facts.tags
  return said
}

export const NOBODY: Who = {
  agent: null,
  agentId: null,
  functionId: null,
  session: null,
  user: null,
  workflow: null,
  run: null,
  tool: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
  organization: null,
  service: null,
  modelRequested: null,
  tags: null,
}
