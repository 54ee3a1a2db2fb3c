import { importFeed } from '@purser/contract'
import { fail, formatInstant, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import {
  type FeedOutcome,
  type FeedReading,
  type FeedSource,
  gateFeed,
  type RateCard,
  type RateChange,
  readGenaiPrices,
  readLitellm,
  readModelsDev,
} from '../../pricing/index.ts'
import type { Caller } from '../context.ts'
import { implement } from '../operation.ts'

interface FeedKind {
  readonly read: (text: string, source: FeedSource) => Result<FeedReading>
  readonly url: string
}

/** The tables we read, and where they are published. */
const FEED_KINDS: Readonly<Record<'genai-prices' | 'litellm' | 'models-dev', FeedKind>> = {
  'genai-prices': {
    read: readGenaiPrices,
    url: 'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json',
  },
  litellm: { read: readLitellm, url: 'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json' },
  'models-dev': { read: readModelsDev, url: 'https://models.dev/api.json' },
}
const LISTED_MAX = 1_000

interface Input {
  readonly feed: keyof typeof FEED_KINDS
  readonly text?: string
  readonly url?: string
  readonly reference?: string
  readonly approve?: readonly string[]
  readonly dry_run?: boolean
}

/** Reads a public table, publishes what passes the gate or was approved by name, and says what it held and what it could not use. */
export const importFeedOperation = implement(importFeed, async ({ services, caller }, input): Promise<Result<unknown>> => {
  if (caller.organization !== null)
    return fail(refusal('forbidden', 'public tables hold for every organization; the key of one may not change them'))
  const text = input.text === undefined ? await services.fetchText(input.url ?? FEED_KINDS[input.feed].url) : ok(input.text)
  if (!text.ok) return text
  const now = services.now()
  const reference = `${input.feed}@${input.reference ?? formatInstant(now).slice(0, 10)}`
  const reading = FEED_KINDS[input.feed].read(text.value, { ref: reference, licence: 'MIT', checkedAt: now, recordedAt: now })
  if (!reading.ok) return reading
  const { own, others } = bySource(services.rates.book().cards, input.feed)
  const outcome = gateFeed(reading.value.cards, own, others, now)
  const approved = outcome.hold.filter(({ card }) => input.approve?.includes(card.model) === true).map(({ card }) => card)
  const published = [...outcome.publish, ...approved]
  const changes = [...published, ...outcome.unlisted]
  if (input.dry_run !== true && changes.length > 0) {
    await services.rates.addCards(changes, changeOf(caller, now, { reference, outcome, published: published.length, approved }))
  }
  const held = outcome.hold.filter(({ card }) => !approved.includes(card))
  return ok({
    feed: input.feed,
    reference,
    cards: reading.value.cards.length,
    published: published.length,
    unchanged: reading.value.cards.length - published.length - held.length - outcome.retracted.length,
    retracted: outcome.retracted.length,
    unlisted: outcome.unlisted.length,
    held: held.slice(0, LISTED_MAX).map(({ card, verdict }) => ({
      provider: card.seller,
      model: card.model,
      reasons: verdict.reasons.map((reason) => `${reason.meter ?? 'card'}: ${reason.detail}`),
    })),
    unmapped: reading.value.unmapped.slice(0, LISTED_MAX).map(({ seller, ...rest }) => ({ provider: seller, ...rest })),
    dry_run: input.dry_run === true,
  })
})

/** Public cards that the same table gave before, and those of other sources as witnesses; a witness that was retracted confirms nothing. */
function bySource(cards: readonly RateCard[], feed: Input['feed']): { own: RateCard[]; others: RateCard[] } {
  const own: RateCard[] = []
  const others: RateCard[] = []
  for (const card of cards) {
    if (card.organization !== null) continue
    if (card.source.ref.startsWith(`${feed}@`)) own.push(card)
    else if (card.retractedAt === null) others.push(card)
  }
  return { own, others }
}

function changeOf(
  caller: Caller,
  at: Millis,
  change: { readonly reference: string; readonly outcome: FeedOutcome; readonly published: number; readonly approved: readonly RateCard[] },
): RateChange {
  return {
    at,
    organization: null,
    actor: caller.actor,
    action: 'import_feed',
    target: change.reference,
    before: null,
    after: JSON.stringify({
      published: change.published,
      approved: change.approved.map((card) => card.model),
      held: change.outcome.hold.length,
      unlisted: change.outcome.unlisted.length,
    }),
  }
}
