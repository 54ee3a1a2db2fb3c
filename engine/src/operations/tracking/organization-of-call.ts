import { fail, ok, type Result } from '../../kernel/index.ts'
import { DEFAULT_ORGANIZATION, notYours } from '../authority/scope.ts'
import type { Caller } from '../context.ts'
import type { RunOrganizations } from './run-organizations.ts'

/** What a report says of where it belongs. */
export interface Belonging {
  readonly organization_id?: string | null
  readonly workflow_id?: string | null
  readonly parent_workflow_id?: string | null
  readonly session_id?: string | null
}

/**
 * The organization a report is posted in: the key's, else the one it names, else that of its run, else that of its session, where the id
 * exists in exactly one; else `default`. Null when a run or session must be loaded first, see `loadBelonging`.
 */
export function organizationOfReport(
  caller: Caller,
  organizations: Pick<RunOrganizations, 'known'>,
  report: Belonging,
): Result<string> | null {
  const said = report.organization_id ?? null
  if (caller.organization !== null) {
    return said === null || said === caller.organization ? ok(caller.organization) : fail(notYours(said))
  }
  if (said !== null) return ok(said)
  const runs = [report.workflow_id ?? null, report.parent_workflow_id ?? null]
  for (const [kind, id] of [
    ['run', runs[0]],
    ['run', runs[1]],
    ['session', report.session_id ?? null],
  ] as const) {
    if (id === null || id === undefined) continue
    const known = organizations.known(kind, id)
    if (known === undefined) return null
    if (known !== null) return ok(known)
  }
  return ok(DEFAULT_ORGANIZATION)
}

/** Loads what `organizationOfReport` was missing: what is then known of these runs and this session. */
async function loadBelonging(organizations: RunOrganizations, report: Belonging): Promise<Pick<RunOrganizations, 'known'>> {
  const found = { run: new Map<string, string | null>(), session: new Map<string, string | null>() }
  const load = async (kind: 'run' | 'session', id: string | null | undefined): Promise<void> => {
    if (typeof id !== 'string' || found[kind].has(id)) return
    const known = organizations.known(kind, id)
    found[kind].set(id, known === undefined ? await organizations.load(kind, id) : known)
  }
  await load('run', report.workflow_id)
  await load('run', report.parent_workflow_id)
  await load('session', report.session_id)
  return { known: (kind, id) => found[kind].get(id) }
}

/** `organizationOfReport`, loading what it needs. */
export async function findOrganization(caller: Caller, organizations: RunOrganizations, report: Belonging): Promise<Result<string>> {
  const known = organizationOfReport(caller, organizations, report)
  if (known !== null) return known
  return organizationOfReport(caller, await loadBelonging(organizations, report), report) ?? ok(DEFAULT_ORGANIZATION)
}
