import type { Attribution } from '../records.ts'
import { type Json, nullableText, orZero, shaped } from './json.ts'

/** Nine positions: the fields, then the tags. */
export function encodeAttribution(of: Attribution): Json[] {
  return [of.agent, of.user, of.session, of.workflow, of.team, of.project, of.costCenter, of.action, orZero(of.tags)]
}

/** Reads the nine positions from `at` on. */
export function decodeAttribution(values: readonly Json[], at: number): Attribution {
  const tags = values[at + 8]
  return {
    agent: nullableText(values[at] ?? null),
    user: nullableText(values[at + 1] ?? null),
    session: nullableText(values[at + 2] ?? null),
    workflow: nullableText(values[at + 3] ?? null),
    team: nullableText(values[at + 4] ?? null),
    project: nullableText(values[at + 5] ?? null),
    costCenter: nullableText(values[at + 6] ?? null),
    action: nullableText(values[at + 7] ?? null),
    tags: tags === 0 ? {} : shaped<Attribution['tags']>(tags),
  }
}
