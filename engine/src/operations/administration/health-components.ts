import { statfs } from 'node:fs/promises'
import type { HealthAnswer } from '@purser/contract'
import { cardsInForce } from '../../pricing/index.ts'
import type { Services } from '../context.ts'
import type { HealthProbe } from '../monitoring/actuator/probes.ts'
import { feedAges } from '../monitoring/metrics/gauges.ts'
import { within } from '../monitoring/metrics/within.ts'

export type Component = NonNullable<HealthAnswer['components']>[string]
type Details = NonNullable<Component['details']>

/** A component that does not answer holds up nobody longer than this. */
const WITHIN_MS = 2_000
const LATE = `no answer within ${WITHIN_MS / 1_000} s`
/** Less room than this on the disk, and the next commits fail. */
const FREE_BYTES_MIN = 100 * 1024 * 1024
const DAY_MS = 86_400_000

/** What calls depend on. The others are shown and stop nothing: a receiver that fails, or a provider's API, is no fault of this server. */
const NEEDED: ReadonlySet<string> = new Set(['db', 'calls', 'rates', 'diskSpace', 'readinessState'])

/** How everything is, all asked at once. */
export async function componentsOf(services: Services): Promise<Record<string, Component>> {
  const { ledger, calls, about, probes } = services
  const obstacle = about.obstacle()
  const [db, columnar, diskSpace, webhooks, upstreams, sandbox] = await Promise.all([
    component('DOWN', async () => ({ database: about.database, head: await ledger.head() })),
    // Long work of others may make it slow; calls are taken all the same.
    component('UNKNOWN', async () => ({ database: 'DuckDB', watermark: await calls.watermark() })),
    diskOf(about.dataFolder),
    component('UNKNOWN', () => webhookBacklog(services)),
    probed(probes.filter(({ group }) => group === 'upstreams')),
    probed(probes.filter(({ group }) => group === 'sandbox')),
  ])
  return {
    db,
    calls: columnar,
    diskSpace,
    rates: ratesOf(services),
    priceFeeds: feedsOf(services),
    webhooks,
    upstreams,
    sandbox,
    ping: { status: 'UP' },
    livenessState: { status: 'UP' },
    readinessState: obstacle === null ? { status: 'UP' } : { status: 'OUT_OF_SERVICE', details: { reason: obstacle } },
  }
}

/** DOWN outranks OUT_OF_SERVICE, which outranks UP; what is not known is no fault. */
export function overall(components: Readonly<Record<string, Component>>): HealthAnswer['status'] {
  return worst(Object.entries(components).flatMap(([name, { status }]) => (NEEDED.has(name) ? [status] : [])))
}

function worst(statuses: readonly Component['status'][]): Component['status'] {
  if (statuses.includes('DOWN')) return 'DOWN'
  return statuses.includes('OUT_OF_SERVICE') ? 'OUT_OF_SERVICE' : 'UP'
}

/** What it says of itself; DOWN where it fails, and `late` where it says nothing in time. */
async function component(late: 'DOWN' | 'UNKNOWN', ask: () => Promise<Details>): Promise<Component> {
  const asked = ask().then(
    (details): Component => ({ status: 'UP', details }),
    (error: unknown): Component => ({ status: 'DOWN', details: { error: error instanceof Error ? error.name : 'Error' } }),
  )
  return (await within(WITHIN_MS, asked)) ?? { status: late, details: { error: LATE } }
}

async function diskOf(folder: string): Promise<Component> {
  const found = await component('UNKNOWN', async () => {
    const { blocks, bavail, bsize } = await statfs(folder)
    return { total: blocks * bsize, free: bavail * bsize, threshold: FREE_BYTES_MIN, exists: true }
  })
  const { free } = found.details ?? {}
  return typeof free === 'number' && free < FREE_BYTES_MIN ? { ...found, status: 'DOWN' } : found
}

/** Cards that hold now, as `rates` lists them: not those that have ended or were retracted. */
function ratesOf({ rates, now }: Services): Component {
  const at = now()
  const cards = cardsInForce(rates.book(), at, at).length
  return { status: cards > 0 ? 'UP' : 'DOWN', details: { rate_cards: cards } }
}

/** How long ago each public price table was read. An old table prices as well as it did; it only knows no newer models. */
function feedsOf({ rates, now }: Services): Component {
  const ages = [...feedAges(rates.book().cards, now())]
  if (ages.length === 0) return { status: 'UNKNOWN', details: { reason: 'no public price table was read' } }
  return { status: 'UP', details: { age_days: Object.fromEntries(ages.map(([feed, ageMs]) => [feed, Math.floor(ageMs / DAY_MS)])) } }
}

async function webhookBacklog({ alerts, now }: Services): Promise<Details> {
  const { waiting, oldestAt, failing, disabled } = await alerts.backlog()
  return { waiting, oldest_seconds: oldestAt === null ? null : Math.round((now() - oldestAt) / 1000), failing, disabled }
}

async function probed(probes: readonly HealthProbe[]): Promise<Component> {
  if (probes.length === 0) return { status: 'UNKNOWN', details: { reason: 'not configured' } }
  const each = await Promise.all(
    probes.map(async (probe) => {
      const found = await within(WITHIN_MS, probe.ask())
      const { status, details } = found ?? { status: 'UNKNOWN' as const, details: { error: LATE } }
      return { name: probe.name, status, details }
    }),
  )
  const known = each.filter(({ status }) => status !== 'UNKNOWN')
  return {
    status: known.length === 0 ? 'UNKNOWN' : worst(known.map(({ status }) => status)),
    details: Object.fromEntries(each.map(({ name, status, details }) => [name, { status, ...details }])),
  }
}
