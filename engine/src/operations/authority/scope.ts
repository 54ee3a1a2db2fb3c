import type { OrganizationScope } from '../../calls/index.ts'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { Caller } from '../context.ts'

/** Where calls go that name no organization and belong to nothing that has one. */
export const DEFAULT_ORGANIZATION = 'default'

/** Whose rows a question may see: the key's organization, else the one asked for, else all of them. */
export function readScope(caller: Caller, asked: string | null | undefined): Result<OrganizationScope> {
  const organization = asked ?? caller.organization
  if (organization === null || organization === undefined) return ok({ allOrganizations: true })
  return caller.organization === null || caller.organization === organization ? ok({ organization }) : fail(notYours(organization))
}

/** The organization a change is made in. */
export function organizationOf(caller: Caller, asked: string | null | undefined): Result<string> {
  const organization = asked ?? caller.organization ?? DEFAULT_ORGANIZATION
  return caller.organization === null || caller.organization === organization ? ok(organization) : fail(notYours(organization))
}

/** For what concerns the whole installation: only callers that may act for any organization. */
export function wholeInstallation(caller: Caller): Result<null> {
  if (caller.organization === null) return ok(null)
  return fail(refusal('forbidden', 'this concerns every organization and takes the bootstrap key'))
}

export function notYours(organization: string): ReturnType<typeof refusal> {
  return refusal('forbidden', `this key does not act for organization "${organization}"`, { path: '/organization_id' })
}
