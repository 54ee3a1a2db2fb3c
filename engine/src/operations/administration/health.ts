import { type HealthAnswer, health, healthComponent, liveness, ping, readiness, type VersionAnswer, version } from '@purser/contract'
import { fail, formatInstant, ok, type Result, refusal } from '../../kernel/index.ts'
import { cardsInForce } from '../../pricing/index.ts'
import { ANONYMOUS, type Context, type Services } from '../context.ts'
import { implement } from '../operation.ts'
import { type Component, componentsOf, overall } from './health-components.ts'

/** Whether calls can be taken, and how everything is that this depends on. */
export const healthOperation = implement(health, async (context): Promise<Result<HealthAnswer>> => {
  const components = await componentsOf(context.services)
  const shown = Object.fromEntries(Object.entries(components).map(([name, component]) => [name, shownTo(context, component)]))
  return ok({ status: overall(components), components: shown, groups: ['liveness', 'readiness'] })
})

/** One component by itself. */
export const healthComponentOperation = implement(healthComponent, async (context, input): Promise<Result<HealthAnswer>> => {
  const components = await componentsOf(context.services)
  const component = Object.hasOwn(components, input.component) ? components[input.component] : undefined
  return component === undefined
    ? fail(refusal('not_found', `there is no component "${input.component}"; there are ${Object.keys(components).join(', ')}`))
    : ok(shownTo(context, component))
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

function versionAnswer(services: Services): VersionAnswer {
  const { about, rates, now } = services
  const at = now()
  return {
    name: 'purser',
    version: about.version,
    started_at: formatInstant(about.startedAt),
    auth: about.auth,
    rate_cards: cardsInForce(rates.book(), at, at).length,
  }
}

/** Someone without a key learns that something is wrong, not how much is in the books. */
function shownTo({ caller }: Context, component: Component): Component {
  return caller === ANONYMOUS ? { status: component.status } : component
}
