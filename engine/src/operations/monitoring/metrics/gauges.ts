import { cardsInForce, type RateCard } from '../../../pricing/index.ts'
import type { Services } from '../../context.ts'
import type { Family, Series } from './family.ts'
import { within } from './within.ts'

/** A scrape waits no longer for a store. */
const WITHIN_MS = 1_000

/** How things stand now. What cannot be asked in time is left out, and said to be. */
export async function gauges(services: Services): Promise<Family[]> {
  const { committer, calls, alerts, ledger, about } = services
  const now = services.now()
  const head = committer.head()
  const [watermark, backlog, holds] = await Promise.all([
    within(WITHIN_MS, calls.watermark()),
    within(WITHIN_MS, alerts.backlog()),
    within(WITHIN_MS, ledger.holds(null)),
  ])
  const answers = { projection: watermark, webhooks: backlog, holds }
  return [
    gauge('purser.build.info', 'purser_build_info', 'Which version runs: always 1.', [{ labels: { version: about.version }, value: 1 }]),
    one('purser.journal.entries', 'purser_journal_entries', 'Entries of the journal that were acknowledged.', head),
    one('purser.projection.entries', 'purser_projection_entries', 'Entries that the analytics have followed.', watermark),
    one(
      'purser.projection.lag.entries',
      'purser_projection_lag_entries',
      'Entries that the analytics have still to follow.',
      watermark === null ? null : Math.max(0, head - watermark),
    ),
    one('purser.webhook.deliveries.waiting', 'purser_webhook_deliveries_waiting', 'Alerts on their way.', backlog?.waiting ?? null),
    one(
      'purser.webhook.oldest.waiting.seconds',
      'purser_webhook_oldest_waiting_seconds',
      'How long the oldest alert has been on its way.',
      backlog === null ? null : backlog.oldestAt === null ? 0 : Math.max(0, (now - backlog.oldestAt) / 1_000),
    ),
    one('purser.webhooks.failing', 'purser_webhooks_failing', 'Webhooks whose last delivery failed.', backlog?.failing ?? null),
    one(
      'purser.webhooks.disabled',
      'purser_webhooks_disabled',
      'Webhooks that were disabled because they kept failing.',
      backlog?.disabled ?? null,
    ),
    one('purser.holds.open', 'purser_holds_open', 'Calls that money is held for.', holds?.length ?? null),
    one('purser.rate.cards', 'purser_rate_cards', 'Rate cards that hold now.', cardsInForce(services.rates.book(), now, now).length),
    gauge(
      'purser.price.feed.age.seconds',
      'purser_price_feed_age_seconds',
      'How long ago each public price table was last read.',
      [...feedAges(services.rates.book().cards, now)].map(([feed, ageMs]) => ({ labels: { feed }, value: ageMs / 1_000 })),
    ),
    gauge(
      'purser.scrape.source.up',
      'purser_scrape_source_up',
      'Whether a store answered this scrape in time; where it did not, its gauges are missing.',
      Object.entries(answers).map(([source, answer]) => ({ labels: { source }, value: answer === null ? 0 : 1 })),
    ),
  ]
}

/** The tables that cards come from, and how long ago each was read, in milliseconds. */
export function feedAges(cards: readonly RateCard[], now: number): Map<string, number> {
  const ages = new Map<string, number>()
  for (const { organization, source } of cards) {
    if (organization !== null || source.kind !== 'feed') continue
    const feed = source.ref.split('@', 1)[0] ?? source.ref
    ages.set(feed, Math.min(ages.get(feed) ?? Number.POSITIVE_INFINITY, Math.max(0, now - source.checkedAt)))
  }
  return ages
}

function one(dotted: string, name: string, help: string, value: number | null): Family {
  return gauge(dotted, name, help, value === null ? [] : [{ labels: {}, value }])
}

function gauge(dotted: string, name: string, help: string, series: readonly Series[]): Family {
  return { dotted, name, kind: 'gauge', help, unit: name.endsWith('_seconds') ? 'seconds' : null, series }
}
