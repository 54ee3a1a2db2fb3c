import { type HealthAnswer, health, liveness, ping, readiness, type VersionAnswer, version } from '@purser/contract'
import { formatInstant, ok, type Result } from '../../kernel/index.ts'
import { cardsInForce } from '../../pricing/index.ts'
import { ANONYMOUS, type Services } from '../context.ts'
import { implement } from '../operation.ts'

type Component = NonNullable<HealthAnswer['components']>[string]

/** Whether calls can be taken. Analytics being behind does not stop them. */
export const healthOperation = implement(health, async ({ services, caller }): Promise<Result<HealthAnswer>> => {
  const obstacle = services.about.obstacle()
  const ledger = await component(async () => ({ head: await services.ledger.head() }))
  const calls = await component(async () => ({ watermark: await services.calls.watermark() }))
  const webhooks = await component(() => webhookBacklog(services))
  const rates = rateCards(services)
  const components: Record<string, Component> = {
    ledger,
    calls,
    webhooks,
    rates: { status: rates > 0 ? 'UP' : 'DOWN', details: { rate_cards: rates } },
    livenessState: { status: 'UP' },
    readinessState: obstacle === null ? { status: 'UP' } : { status: 'OUT_OF_SERVICE', details: { reason: obstacle } },
  }
  const shown = caller === ANONYMOUS ? withoutDetails(components) : components
  return ok({ status: worst(Object.values(components)), components: shown, groups: ['liveness', 'readiness'] })
})

export const livenessOperation = implement(liveness, async (): Promise<Result<HealthAnswer>> => ok({ status: 'UP' }))

export const readinessOperation = implement(
  readiness,
  async ({ services }): Promise<Result<HealthAnswer>> => ok({ status: services.about.obstacle() === null ? 'UP' : 'OUT_OF_SERVICE' }),
)

export const versionOperation = implement(version, async ({ services }): Promise<Result<VersionAnswer>> => ok(versionAnswer(services)))

/** Nothing, at the price of a request. */
export const pingOperation = implement(ping, () => PONG)

const PONG: Promise<Result<unknown>> = Promise.resolve(ok({}))

/** Cards that hold now, as `rates` lists them: not those that have ended or were retracted. */
function rateCards({ rates, now }: Services): number {
  const at = now()
  return cardsInForce(rates.book(), at, at).length
}

/** A receiver that fails is no fault of this server: it is shown, and does not make it unhealthy. */
async function webhookBacklog({ alerts, now }: Services): Promise<Record<string, unknown>> {
  const { waiting, oldestAt, failing, disabled } = await alerts.backlog()
  return { waiting, oldest_seconds: oldestAt === null ? null : Math.round((now() - oldestAt) / 1000), failing, disabled }
}

function versionAnswer(services: Services): VersionAnswer {
  const { about } = services
  return {
    name: 'purser',
    version: about.version,
    started_at: formatInstant(about.startedAt),
    auth: about.auth,
    rate_cards: rateCards(services),
  }
}

async function component(ask: () => Promise<Record<string, unknown>>): Promise<Component> {
  try {
    return { status: 'UP', details: await ask() }
  } catch (error) {
    return { status: 'DOWN', details: { error: error instanceof Error ? error.name : 'Error' } }
  }
}

/** Someone without a key learns that something is wrong, not how much is in the books. */
function withoutDetails(components: Record<string, Component>): Record<string, Component> {
  return Object.fromEntries(Object.entries(components).map(([name, { status }]) => [name, { status }]))
}

/** DOWN outranks OUT_OF_SERVICE, which outranks UP. */
function worst(components: readonly Component[]): HealthAnswer['status'] {
  if (components.some(({ status }) => status === 'DOWN')) return 'DOWN'
  return components.some(({ status }) => status === 'OUT_OF_SERVICE') ? 'OUT_OF_SERVICE' : 'UP'
}
