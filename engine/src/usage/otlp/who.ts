import { type Facts, textFact } from './facts.ts'
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

/** Null when nothing is said. */
export function whoOf(facts: Facts, isAgent: boolean): Who | null {
  let said: Partial<Record<Field, string>> | null = null
  for (const field of WHO) {
    const value = textFact(facts, field)
    if (value === null) continue
    said ??= {}
    said[field] = value
  }
  const entity = isAgent ? textFact(facts, 'entity') : null
  if (said === null && facts.tags === null && entity === null) return null
  return { ...NOBODY, ...said, agent: said?.agent ?? entity, tags: facts.tags }
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
