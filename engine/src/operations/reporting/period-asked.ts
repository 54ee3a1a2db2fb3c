import type { DailyPeriod } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { type Registration, registrationOf, zoneOf } from './customer.ts'
import { type LocalDays, lastDays, PERIOD_DEFAULT } from './days.ts'

/** Whose days are asked about, and which. */
export interface PeriodAsked {
  readonly organization: string
  readonly registration: Registration | null
  readonly zone: string
  readonly period: LocalDays
}

/** Reports are about one organization, so a caller that may read all of them names one, or asks about that of calls which name none. */
export async function periodAsked(
  { services, caller }: Context,
  input: { readonly organization_id?: string | null; readonly period?: DailyPeriod },
): Promise<Result<PeriodAsked>> {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const registration = await registrationOf(services, organization.value)
  const zone = zoneOf(registration)
  const period = lastDays(input.period ?? PERIOD_DEFAULT, services.now(), zone)
  return ok({ organization: organization.value, registration, zone, period })
}
