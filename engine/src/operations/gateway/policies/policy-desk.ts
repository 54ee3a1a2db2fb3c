import type { DocumentStore } from '../../../ledger/index.ts'
import { coalesced } from '../../authority/coalesced.ts'
import { type CallAspects, type GatewayPolicy, isFor } from './policy.ts'

/** All policies of an organization are one document: two that are set at once cannot both overlook the other. */
export const POLICIES_KIND = 'gateway_policies'
export const POLICIES_ID = 'policies'

/**
 * The gateway's policies in memory: a call finds its own without asking the store. They are replaced as a whole after the store has committed a change, and read
 * again when another node has made one.
 */
export interface PolicyDesk {
  /** The first policy in order of priority that is for a call; null: none, so nothing is cached and nothing routed. */
  policyFor(organization: string, call: CallAspects): GatewayPolicy | null
  /** Whether no organization has any that is on. */
  isEmpty(): boolean
  /** Reads all policies again; who waits for it sees what was committed before it asked. */
  reload(): Promise<void>
}

export async function openPolicyDesk(documents: Pick<DocumentStore, 'documents'>): Promise<PolicyDesk> {
  let byOrganization: ReadonlyMap<string, readonly GatewayPolicy[]> = new Map()
  const reload = coalesced(async () => {
    const kept = await documents.documents(null, { kind: POLICIES_KIND })
    const enabled = kept.map(({ organization, body }) => [organization, policiesOf(body).filter((policy) => policy.enabled)] as const)
    byOrganization = new Map(enabled.filter(([, policies]) => policies.length > 0))
  })
  await reload()
  return {
    policyFor: (organization, call) => byOrganization.get(organization)?.find((policy) => isFor(policy, call)) ?? null,
    isEmpty: () => byOrganization.size === 0,
    reload,
  }
}

/** The policies in a document, in the order in which they are looked at. */
export function policiesOf(body: string): readonly GatewayPolicy[] {
  return (JSON.parse(body) as { readonly policies: readonly GatewayPolicy[] }).policies
}
