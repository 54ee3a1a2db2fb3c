import {
  type BurnBaseline as BaselineAnswer,
  type BurnBaselineRemoved,
  listBurnBaselines,
  removeBurnBaseline,
  setBurnBaseline,
} from '@purser/contract'
import type { OrganizationScope } from '../../../calls/index.ts'
import type { BurnBaseline } from '../../../insights/index.ts'
import {
  assert,
  fail,
  formatInstant,
  type Millis,
  ok,
  PICOS_PER_USD,
  type Picos,
  picosOfUsd,
  type Refusal,
  type Result,
  refusal,
  usdNumberOfPicos,
  usdOfPicos,
} from '../../../kernel/index.ts'
import type { StoredDocument } from '../../../ledger/index.ts'
import { answering } from '../../analytics/faults.ts'
import type { Context, Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { positiveAmount } from '../../validation/index.ts'
import { monitoredOrganization, monitoredScope } from '../scope.ts'
import { putAudited } from './put-audited.ts'

/** Documents of what agents are expected to spend: the id is the agent, the body `{"usdPerHour":"0.5"}`. */
const KIND = 'burn_baseline'
/** In an hour: the most that a price may be, and so beyond any fleet of today. */
const USD_PER_HOUR_MAX = 999_999n

/** The baseline of an agent; null: nothing is expected of it. */
export type BaselineOf = (organization: string, agent: string) => BurnBaseline | null

/** Says what an agent is expected to spend in an hour. Audited. */
export const setBurnBaselineOperation = implement(setBurnBaseline, async (context, input): Promise<Result<BaselineAnswer>> => {
  const { services, caller } = context
  const organization = monitoredOrganization(caller, input.organizationId)
  if (!organization.ok) return organization
  const amount = positiveAmount(input.baselineUsdPerHour, '/baselineUsdPerHour')
  if (!amount.ok) return fail(noBaseline(amount.error.detail))
  if (amount.value > USD_PER_HOUR_MAX * PICOS_PER_USD) return fail(noBaseline(`${usdOfPicos(amount.value)} is more`))
  const key = { organization: organization.value, kind: KIND, id: input.agentId }
  return answering(async () => {
    const agentSeen = await isSeen(context, organization.value, input.agentId)
    const at = services.now()
    const kept = await putAudited(context, key, {
      at,
      body: JSON.stringify({ usdPerHour: usdOfPicos(amount.value) }),
      action: 'set_burn_baseline',
    })
    return kept.ok ? ok(baselineAnswer({ ...key, at }, amount.value, agentSeen)) : kept
  })
})

/** What agents are expected to spend, by organization and agent. */
export const listBurnBaselinesOperation = implement(
  listBurnBaselines,
  async ({ services, caller }, input): Promise<Result<BaselineAnswer[]>> => {
    const scope = monitoredScope(caller, input.organizationId)
    if (!scope.ok) return scope
    return answering(async () => {
      const kept = await keptBaselines(services, scope.value)
      const agents = [...new Set(kept.map(({ id }) => id))]
      const seen = await seenAgents(services, scope.value, agents)
      return ok(
        kept
          .map((document) => baselineAnswer(document, perHourOf(document), seen.has(seenKey(document.organization, document.id))))
          .sort((a, b) => compare(a.organizationId, b.organizationId) || compare(a.agentId, b.agentId)),
      )
    })
  },
)

/** Expects nothing of an agent any more. Again is the same. Audited. */
export const removeBurnBaselineOperation = implement(removeBurnBaseline, async (context, input): Promise<Result<BurnBaselineRemoved>> => {
  const organization = monitoredOrganization(context.caller, input.organizationId)
  if (!organization.ok) return organization
  const key = { organization: organization.value, kind: KIND, id: input.agentId }
  const kept = await putAudited(context, key, { at: context.services.now(), body: null, action: 'remove_burn_baseline' })
  if (!kept.ok) return kept
  return ok({ agentId: input.agentId, organizationId: organization.value, removed: kept.value })
})

/** The baselines that somebody has set. */
export async function setBaselines(services: Services, scope: OrganizationScope): Promise<BaselineOf> {
  const kept = await keptBaselines(services, scope)
  const known = new Map(kept.map((document) => [seenKey(document.organization, document.id), perHourOf(document)]))
  return (organization, agent) => {
    const perHour = known.get(seenKey(organization, agent))
    return perHour === undefined ? null : { perHour, source: 'set' }
  }
}

function keptBaselines(services: Services, scope: OrganizationScope): Promise<StoredDocument[]> {
  return services.documents.documents('organization' in scope ? scope.organization : null, { kind: KIND })
}

function perHourOf({ body }: StoredDocument): Picos {
  const { usdPerHour } = JSON.parse(body) as { readonly usdPerHour: string }
  const perHour = picosOfUsd(usdPerHour)
  assert(perHour !== null && perHour > 0n, 'a baseline is kept as an amount above zero')
  return perHour
}

function baselineAnswer(
  { organization, id, at }: { readonly organization: string; readonly id: string; readonly at: Millis },
  perHour: Picos,
  agentSeen: boolean,
): BaselineAnswer {
  return {
    agentId: id,
    organizationId: organization,
    baselineUsdPerHour: usdNumberOfPicos(perHour),
    baselineUsdPerHourExact: usdOfPicos(perHour),
    setAt: formatInstant(at),
    agentSeen,
  }
}

async function isSeen({ services }: Context, organization: string, agent: string): Promise<boolean> {
  return (await seenAgents(services, { organization }, [agent])).size > 0
}

/** Which of some agents have ever made a call. */
async function seenAgents({ calls, committer }: Services, scope: OrganizationScope, agents: readonly string[]): Promise<Set<string>> {
  if (agents.length === 0) return new Set()
  const where = [{ dimension: 'agent' as const, in: agents }]
  const groups = await calls.aggregate({ scope, where, groupBy: ['organization', 'agent'], atLeast: committer.head() })
  return new Set(groups.map(({ keys: [organization, agent] }) => seenKey(organization ?? '', agent ?? '')))
}

function seenKey(organization: string, agent: string): string {
  return JSON.stringify([organization, agent])
}

function noBaseline(why: string): Refusal {
  const words = `a baseline is an amount of dollars an hour, above zero and at most ${USD_PER_HOUR_MAX}: ${why}`
  return refusal('invalid_field', words, { path: '/baselineUsdPerHour' })
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
