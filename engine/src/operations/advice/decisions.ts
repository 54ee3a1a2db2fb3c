import type { Advice } from '@purser/contract'
import type { OrganizationScope } from '../../calls/index.ts'
import type { Services } from '../context.ts'

export const ADVICE = 'advice'

/** A decision as it is kept: all of its answer but what is measured. */
export type Decision = Omit<Advice, 'realised'>

/** What was decided on the advice of an organization, the latest first. */
export async function decisionsOf({ documents }: Pick<Services, 'documents'>, organization: string): Promise<Decision[]> {
  const kept = await documents.documents(organization, { kind: ADVICE, descending: true })
  return kept.map(({ body }) => JSON.parse(body) as Decision)
}

/**
 * The states that advice is in, by its id. Decisions are of one organization; who asks about all of them sees the decisions where there is only one, because then the
 * advice is the same.
 */
export async function adviceStates(
  services: Pick<Services, 'documents' | 'ledger'>,
  scope: OrganizationScope,
): Promise<ReadonlyMap<string, Decision['state']>> {
  const organization = 'organization' in scope ? scope.organization : await onlyOrganization(services)
  if (organization === null) return new Map()
  return new Map((await decisionsOf(services, organization)).map(({ opportunity_id, state }) => [opportunity_id, state]))
}

/** Ids of what was dismissed. */
export function dismissedOf(states: Awaited<ReturnType<typeof adviceStates>>): ReadonlySet<string> {
  return new Set([...states].flatMap(([id, state]) => (state === 'dismissed' ? [id] : [])))
}

async function onlyOrganization({ ledger }: Pick<Services, 'ledger'>): Promise<string | null> {
  const organizations = await ledger.organizations()
  return organizations.length === 1 ? (organizations[0] ?? null) : null
}
