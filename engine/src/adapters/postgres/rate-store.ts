import { assert } from '../../kernel/index.ts'
import type { FxRate, RateCard, RateStore } from '../../pricing/index.ts'
import { appendAudits, LOCK_TRAIL } from './audit-store.ts'
import type { Ask, Pool, Row } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { nameIn, textIn } from './rows/row-kinds.ts'
import { numberArray, storedOrganization, storedText, textArray, WHOLE_INSTALLATION } from './rows/stored-text.ts'

/**
 * Rates on PostgreSQL. A card's body never changes; its retraction is a column of its own. Each change is written together with its audit entry, and
 * tells other nodes that their rates are old.
 */
export function postgresRateStore(books: Pool, reads: Reads): RateStore {
  return {
    appendCards: (cards, change) =>
      books.transaction(async (ask) => {
        await appendAudits(ask, [change], 'rates')
        await insertCards(ask, cards)
      }),
    retractCard: (card, at, change) =>
      books.transaction(async (ask) => {
        // Before any row of the card: who writes rates takes turns at one place, so that nobody waits in a ring.
        await ask(LOCK_TRAIL)
        await insertCards(ask, [card])
        const key = [storedOrganization(card.organization), storedText(card.id)]
        const retracted = await ask(RETRACT, [...key, String(at)])
        if (retracted.length > 0) await appendAudits(ask, [change], 'rates')
        const [row] = await ask(`${SELECT} WHERE organization = $1::text AND id = $2::text`, key)
        assert(row !== undefined, 'a card that was kept is there')
        return cardOf(row)
      }),
    listCards: async (organization) => (await ofOrPublic(books, organization, '', [])).map(cardOf),
    cardHistory: async (organization, seller, model) =>
      (await ofOrPublic(books, organization, 'AND seller = $2::text AND model = $3::text', [storedText(seller), storedText(model)])).map(
        cardOf,
      ),
    organizationsWithRates: async () => {
      const rows = await reads(null, 'SELECT DISTINCT organization FROM rate_cards', {
        and: 'organization <> $1::text',
        order: 'ORDER BY organization',
        values: [WHOLE_INSTALLATION],
      })
      return rows.map((row) => nameIn(row, 'organization'))
    },
    appendFxRates: (rates, change) =>
      books.transaction(async (ask) => {
        await appendAudits(ask, [change], 'rates')
        await ask('INSERT INTO fx_rates (body) SELECT * FROM unnest($1::text[])', [textArray(rates.map((rate) => JSON.stringify(rate)))])
      }),
    listFxRates: async () =>
      (await books.ask('SELECT body FROM fx_rates ORDER BY seq')).map((row) => JSON.parse(textIn(row, 'body')) as FxRate),
  }
}

const SELECT = 'SELECT retracted_at, body FROM rate_cards'
const RETRACT =
  'UPDATE rate_cards SET retracted_at = $3::bigint WHERE organization = $1::text AND id = $2::text AND retracted_at IS NULL RETURNING id'
const INSERT = `INSERT INTO rate_cards (organization, id, seller, model, recorded_at, retracted_at, body)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
  ON CONFLICT (organization, id) DO NOTHING`

async function insertCards(ask: Ask, cards: readonly RateCard[]): Promise<void> {
  if (cards.length === 0) return
  const names = (of: (card: RateCard) => string): string => textArray(cards.map((card) => storedText(of(card))))
  await ask(INSERT, [
    textArray(cards.map(({ organization }) => storedOrganization(organization))),
    names(({ id }) => id),
    names(({ seller }) => seller),
    names(({ model }) => model),
    numberArray(cards.map(({ recordedAt }) => recordedAt)),
    numberArray(cards.map(({ retractedAt }) => retractedAt)),
    textArray(cards.map((card) => JSON.stringify(card))),
  ])
}

/** An organization's own cards with the public ones; only the public ones for null. */
function ofOrPublic(books: Pool, organization: string | null, and: string, values: readonly string[]): Promise<readonly Row[]> {
  const whose = textArray([WHOLE_INSTALLATION, ...(organization === null ? [] : [storedText(organization)])])
  return books.ask(`${SELECT} WHERE organization = ANY ($1::text[]) ${and} ORDER BY recorded_at, id`, [whose, ...values])
}

function cardOf(row: Row): RateCard {
  const retractedAt = row.retracted_at ?? null
  return { ...(JSON.parse(textIn(row, 'body')) as RateCard), retractedAt: retractedAt === null ? null : Number(retractedAt) }
}
