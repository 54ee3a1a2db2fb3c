import type { OrganizationScope } from '../../calls/index.ts'
import { fail, type Result } from '../../kernel/index.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import type { Caller } from '../context.ts'

/** `readScope` where the field is spelt as this family spells it. */
export function monitoredScope(caller: Caller, organizationId: string | undefined): Result<OrganizationScope> {
  return respelt(readScope(caller, organizationId))
}

/** `organizationOf` where the field is spelt as this family spells it. */
export function monitoredOrganization(caller: Caller, organizationId: string | null | undefined): Result<string> {
  return respelt(organizationOf(caller, organizationId))
}

function respelt<T>(result: Result<T>): Result<T> {
  return result.ok || result.error.path === undefined ? result : fail({ ...result.error, path: '/organizationId' })
}
