import { type ActiveAnomaly, activeAnomalies } from '@purser/contract'
import type { OrganizationScope } from '../../../calls/index.ts'
import { type BurnAnomaly, type BurnEntry, burnAnomalies } from '../../../insights/index.ts'
import { ok, type Result, usdNumberOfPicos } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import type { Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { monitoredScope } from '../scope.ts'
import { spentAnswer } from '../spent.ts'
import { activeBurn } from './active.ts'
import { multipliers } from './anomaly-settings.ts'
import { type BaselineOf, setBaselines } from './baselines.ts'
import { spanOf } from './burn-rates.ts'
import { learnedBaselines } from './learned-baselines.ts'
import { windowMs } from './window.ts'

const ENTRIES = 1_000
/** Sessions that are compared: the fastest. */
const COMPARED_MAX = 10_000

/** Sessions that burn more than the baseline of their agent allows. */
export const activeAnomaliesOperation = implement(
  activeAnomalies,
  async ({ services, caller }, input): Promise<Result<ActiveAnomaly[]>> => {
    const scope = monitoredScope(caller, input.organizationId)
    if (!scope.ok) return scope
    const window = windowMs(input.window)
    if (!window.ok) return window
    return answering(async () => {
      const now = services.now()
      const multiplierOf = await multipliers(services, 'organization' in scope.value ? scope.value.organization : null)
      const entries = await activeBurn(services, { scope: scope.value, windowMs: window.value, now, limit: COMPARED_MAX })
      const baselineOf = await effectiveBaselines(services, scope.value, entries)
      const found = burnAnomalies(entries, (organization, agent) => {
        const baseline = baselineOf(organization, agent)
        return baseline === null ? null : { baseline, multiplier: multiplierOf(organization) }
      })
      const shown = found.slice(0, input.limit ?? ENTRIES)
      return ok(shown.map((anomaly) => anomalyAnswer(anomaly, input.details === true ? multiplierOf(anomaly.entry.organization) : null)))
    })
  },
)

/** What was set for an agent, else what its history teaches; learned only where an agent is active that nothing was set for. */
async function effectiveBaselines(services: Services, scope: OrganizationScope, entries: readonly BurnEntry[]): Promise<BaselineOf> {
  const stated = await setBaselines(services, scope)
  const lacking = entries.filter(({ organization, agents }) =>
    agents.some(({ agent }) => agent !== null && stated(organization, agent) === null),
  )
  const learned = await learnedBaselines(services, [...new Set(lacking.map(({ organization }) => organization))])
  return (organization, agent) => stated(organization, agent) ?? learned(organization, agent)
}

/** `multiplier` null: without details. */
function anomalyAnswer({ entry, agent, burn, perHour, baseline, ratio }: BurnAnomaly, multiplier: number | null): ActiveAnomaly {
  const anomaly = {
    sessionId: entry.sessionId,
    agentId: agent,
    burnRateUsdPerHour: usdNumberOfPicos(perHour),
    baselineUsdPerHour: usdNumberOfPicos(baseline.perHour),
    anomalyRatio: ratio,
  }
  if (multiplier === null) return anomaly
  const { velocity } = burn
  const details = {
    organizationId: entry.organization,
    scope: entry.scope,
    runId: entry.runId,
    ...spanOf(velocity),
    ...spentAnswer(velocity),
    multiplier,
    baselineSource: baseline.source,
  }
  return { ...anomaly, details }
}
