import type { CallQuery, OrganizationScope, Recommendation } from '../../calls/index.ts'
import type { Opportunity } from '../../insights/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { adviceStates, dismissedOf } from '../advice/decisions.ts'
import type { Services } from '../context.ts'
import { opportunitiesFor } from './opportunities-for.ts'

const DAY_MS = 86_400_000
const DAYS = 30
/** When somebody asks about all organizations: those that spent most. Each takes as long as its own `find_opportunities`. */
const ORGANIZATIONS_MAX = 50

/**
 * Computes the opportunities of the last 30 days and puts them in place of what `optimization_recommendations` held for the scope, so that
 * whoever asks that table with SQL reads what `find_opportunities` says. Each row belongs to one organization.
 */
export async function refreshRecommendations(services: Services, scope: OrganizationScope): Promise<void> {
  const now = services.now()
  const span = { from: now - DAYS * DAY_MS, to: now + 1, atLeast: services.committer.head() }
  const rows: Recommendation[] = []
  for (const organization of await organizationsOf(services, { scope, ...span })) {
    const dismissed = dismissedOf(await adviceStates(services, { organization }))
    const { opportunities } = await opportunitiesFor(services, { scope: { organization }, ...span }, dismissed)
    rows.push(...opportunities.map((opportunity) => recommendationOf(organization, opportunity, now)))
  }
  await services.calls.replaceRecommendations(scope, rows)
}

async function organizationsOf(services: Services, query: CallQuery): Promise<string[]> {
  if ('organization' in query.scope) return [query.scope.organization]
  const groups = await services.calls.aggregate({ ...query, groupBy: ['organization'], orderBy: 'cost', limit: ORGANIZATIONS_MAX })
  return groups.flatMap(({ keys }) => keys[0] ?? [])
}

function recommendationOf(organization: string, opportunity: Opportunity, computedAt: Millis): Recommendation {
  const { type, priority, subject, currentCost, recommendation, potentialSavings, calls } = opportunity
  return { organization, type, priority, subject, currentCost, recommendation, potentialSavings, callIds: calls.callIds, computedAt }
}
