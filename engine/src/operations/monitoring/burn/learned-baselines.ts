import type { OrganizationScope } from '../../../calls/index.ts'
import type { BurnBaseline } from '../../../insights/index.ts'
import { picosOfUsd } from '../../../kernel/index.ts'
import { learnedUsdPerHour } from '../../anomalies/list-baselines.ts'
import type { Services } from '../../context.ts'
import type { BaselineOf } from './baselines.ts'

/** What agents are expected to spend in an hour by their own last weeks, for those that nobody has set a baseline for; null where there is too little history. */
export async function learnedBaselines(services: Services, scope: OrganizationScope): Promise<BaselineOf> {
  const organizations = 'organization' in scope ? [scope.organization] : await services.ledger.organizations()
  const learned = new Map<string, ReadonlyMap<string, number>>()
  for (const organization of organizations) learned.set(organization, await learnedUsdPerHour(services, organization))
  return (organization, agent) => baselineOf(learned.get(organization)?.get(agent))
}

/** An estimate as an amount. Who has spent nothing has no baseline: everything would be infinitely more. */
function baselineOf(usdPerHour: number | undefined): BurnBaseline | null {
  const perHour = usdPerHour === undefined ? null : picosOfUsd(usdPerHour.toFixed(12))
  return perHour === null || perHour <= 0n ? null : { perHour, source: 'learned' }
}
