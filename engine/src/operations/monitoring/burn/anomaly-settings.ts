import { ANOMALY_MULTIPLIER_DEFAULT, type BurnAnomalySettings, setAnomalySettings, showAnomalySettings } from '@purser/contract'
import { formatInstant, ok, type Result } from '../../../kernel/index.ts'
import type { StoredDocument } from '../../../ledger/index.ts'
import type { Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { monitoredOrganization } from '../scope.ts'
import { putAudited } from './put-audited.ts'

/** One document for an organization, `{"multiplier":3}`. */
const KIND = 'burn_anomaly_settings'
const ID = 'settings'

/** From how many baselines on a burn rate is an anomaly. */
export const showAnomalySettingsOperation = implement(
  showAnomalySettings,
  async ({ services, caller }, input): Promise<Result<BurnAnomalySettings>> => {
    const organization = monitoredOrganization(caller, input.organizationId)
    if (!organization.ok) return organization
    const kept = await services.documents.document({ organization: organization.value, kind: KIND, id: ID })
    return ok({
      organizationId: organization.value,
      multiplier: kept === null ? ANOMALY_MULTIPLIER_DEFAULT : multiplierIn(kept),
      setAt: kept === null ? null : formatInstant(kept.at),
    })
  },
)

/** Sets it. Audited. */
export const setAnomalySettingsOperation = implement(setAnomalySettings, async (context, input): Promise<Result<BurnAnomalySettings>> => {
  const organization = monitoredOrganization(context.caller, input.organizationId)
  if (!organization.ok) return organization
  const { multiplier } = input
  const at = context.services.now()
  const key = { organization: organization.value, kind: KIND, id: ID }
  const kept = await putAudited(context, key, { at, body: JSON.stringify({ multiplier }), action: 'set_anomaly_settings' })
  return kept.ok ? ok({ organizationId: organization.value, multiplier, setAt: formatInstant(at) }) : kept
})

/** The multipliers of organizations; the default where none was set. */
export async function multipliers({ documents }: Services, organization: string | null): Promise<(organization: string) => number> {
  const kept = await documents.documents(organization, { kind: KIND })
  const known = new Map(kept.map((document) => [document.organization, multiplierIn(document)]))
  return (name) => known.get(name) ?? ANOMALY_MULTIPLIER_DEFAULT
}

function multiplierIn({ body }: StoredDocument): number {
  return (JSON.parse(body) as { readonly multiplier: number }).multiplier
}
