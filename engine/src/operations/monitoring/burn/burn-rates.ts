import { activeBurnRates, type BurnRate } from '@purser/contract'
import type { BurnEntry, Velocity } from '../../../insights/index.ts'
import { formatInstant, ok, type Result } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implement } from '../../operation.ts'
import { usdNumber } from '../../wire/measures-answer.ts'
import { monitoredScope } from '../scope.ts'
import { spentAnswer } from '../spent.ts'
import { activeBurn } from './active.ts'
import { windowMs } from './window.ts'

const ENTRIES = 1_000

/** What active sessions spend an hour. */
export const activeBurnRatesOperation = implement(activeBurnRates, async ({ services, caller }, input): Promise<Result<BurnRate[]>> => {
  const scope = monitoredScope(caller, input.organizationId)
  if (!scope.ok) return scope
  const window = windowMs(input.window)
  if (!window.ok) return window
  const asked = { scope: scope.value, windowMs: window.value, now: services.now(), limit: input.limit ?? ENTRIES }
  return answering(async () => ok((await activeBurn(services, asked)).map(burnAnswer)))
})

function burnAnswer(entry: BurnEntry): BurnRate {
  return {
    scope: entry.scope,
    sessionId: entry.sessionId,
    runId: entry.runId,
    agentId: entry.agents[0]?.agent ?? null,
    organizationId: entry.organization,
    ...velocityAnswer(entry.velocity),
    firstCallAt: formatInstant(entry.firstCallAt),
    lastCallAt: formatInstant(entry.lastCallAt),
    windows: entry.windows.map(velocityAnswer),
    agents: entry.agents.map(({ agent, velocity }) => ({
      agentId: agent,
      ...spentAnswer(velocity),
      burnRateUsdPerHour: usdNumber(velocity.perHour),
    })),
  }
}

function velocityAnswer(velocity: Velocity) {
  return { ...spanOf(velocity), ...spentAnswer(velocity), burnRateUsdPerHour: usdNumber(velocity.perHour) }
}

/** The window and what of it was observed, in seconds. */
export function spanOf(velocity: Pick<Velocity, 'windowMs' | 'observedMs'>): { windowSeconds: number; observedSeconds: number } {
  return { windowSeconds: Math.round(velocity.windowMs / 1_000), observedSeconds: Math.round(velocity.observedMs / 1_000) }
}
