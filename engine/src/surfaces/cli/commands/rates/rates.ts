import type { RateCardAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { conditionText } from '../../terminal/conditions.ts'
import { count } from '../../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../../world.ts'
import { addFeedCommand } from './rates-feed.ts'
import { addMissingCommand } from './rates-missing.ts'
import { addRetractCommand } from './rates-retract.ts'

const ALWAYS = '1970-01-01T00:00:00Z'

interface ListOptions {
  readonly seller?: string
  readonly own?: boolean
  readonly org?: string
  readonly at?: string
  readonly limit: string
  readonly json?: boolean
}

interface SetOptions {
  readonly seller?: string
  readonly org?: string
  readonly per: string
  readonly input?: string
  readonly output?: string
  readonly cached?: string
  readonly cacheWrite?: string
  readonly cacheWrite1h?: string
  readonly reasoning?: string
  readonly from?: string
  readonly currency?: string
  readonly reference?: string
}

export function addRatesCommand(program: Command, world: CliWorld): void {
  const rates = program.command('rates').description('Rate cards: what is charged for a model, since when, and who says so.')
  rates
    .command('list', { isDefault: true })
    .description('Rates that hold now.')
    .argument('[model]', 'models whose name contains this')
    .option('--seller <seller>', 'one seller')
    .option('--own', "only the organization's own rates")
    .option('--at <time>', 'rates that held then')
    .option('--org <id>', 'one organization')
    .option('--limit <cards>', 'at most so many', '40')
    .option('--json', 'print JSON')
    .action((model: string | undefined, options: ListOptions) => list(world, model, options))
  rates
    .command('history')
    .description('Every rate card a model ever had, and what replaced it.')
    .argument('<model>')
    .option('--seller <seller>', 'one seller')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action((model: string, options: ListOptions) => history(world, model, options))
  addFeedCommand(rates, world)
  addMissingCommand(rates, world)
  addRetractCommand(rates, world)
  rates
    .command('set')
    .description('Your own rates for a model. They hold from the next call on.')
    .argument('<model>')
    .option('--per <quantity>', 'the prices are per 1k or per 1m tokens', '1m')
    .option('--input <price>')
    .option('--output <price>')
    .option('--cached <price>', 'of input read from the cache')
    .option('--cache-write <price>')
    .option('--cache-write-1h <price>')
    .option('--reasoning <price>')
    .option('--seller <seller>', 'who invoices')
    .option('--currency <code>', 'ISO 4217', 'USD')
    .option('--from <time>', 'valid from this time, or "always" (default: now)')
    .option('--reference <text>', 'contract number or reason, shown beside every price')
    .option('--org <id>', 'the organization the rates belong to')
    .action((model: string, options: SetOptions) => set(world, model, options))
}

async function list(world: CliWorld, model: string | undefined, options: ListOptions): Promise<void> {
  const query = defined({
    model,
    provider: options.seller,
    own: options.own,
    organization_id: options.org,
    at: options.at,
    limit: Number(options.limit),
  })
  await connected(world, 'rates', async (connection) => {
    const answer = await ask<{ rates: RateCardAnswer[]; total: number; truncated: boolean }>(connection, 'list_rates', query)
    if (options.json === true) return printJson(world, answer)
    if (answer.rates.length === 0)
      return remark(
        world,
        `No rates${model === undefined ? '' : ` for a model named like "${model}"`}. Set your own: purser rates set <model> --input … --output …`,
      )
    printCards(world, answer.rates)
    remark(
      world,
      `${count(answer.rates.length)} of ${count(answer.total)} rate cards that hold ${options.at === undefined ? 'now' : 'then'}. USD per million tokens of the standard tier.`,
      '* or varies: other tiers, hours or lengths cost other. Without a price: only fees,',
      'factors, or meters that are not shown. All of it: purser rates history <model>',
    )
  })
}

async function history(world: CliWorld, model: string, options: ListOptions): Promise<void> {
  const query = defined({ model, provider: options.seller, organization_id: options.org })
  await connected(world, 'rates', async (connection) => {
    const answer = await ask<{ rates: RateCardAnswer[] }>(connection, 'rate_history', query)
    if (options.json === true) return printJson(world, answer)
    if (answer.rates.length === 0) return remark(world, `No rate card was ever known for "${model}".`)
    for (const card of answer.rates) {
      print(
        world,
        `${sellerOf(card)} ${modelOf(card)}  ${spanOf(card)}${card.organization_id === null ? '' : `  (of ${card.organization_id})`}`,
      )
      print(
        world,
        `  card ${card.rate_card}`,
        `  ${isUndated(card.recorded_at) ? 'known from the start' : `known since ${day(card.recorded_at)}`}${card.retracted_at === null ? '' : `, retracted ${day(card.retracted_at)}`}, ${card.status}`,
      )
      for (const rate of card.rates)
        print(
          world,
          `  ${rate.meter.padEnd(24)} ${rate.price} ${card.currency} per ${count(rate.per)}${rate.when === undefined ? '' : `  ${conditionText(rate.when)}`}`,
        )
      for (const factor of card.modifiers) print(world, `  ${factorText(factor)}`)
      print(world, `  source: ${card.source.ref} (${card.source.kind}, ${card.source.confidence})`, '')
    }
  })
}

async function set(world: CliWorld, model: string, options: SetOptions): Promise<void> {
  const per = options.per.toLowerCase()
  if (per !== '1k' && per !== '1m') throw new CommandFailed(`--per is "${options.per}"; it must be 1k or 1m`)
  const prices = {
    input: options.input,
    output: options.output,
    cache_read: options.cached,
    cache_write: options.cacheWrite,
    cache_write_1h: options.cacheWrite1h,
    reasoning: options.reasoning,
  }
  const spelled = Object.fromEntries(Object.entries(prices).map(([kind, price]) => [`${kind}_per_${per}`, price]))
  const request = defined({
    model,
    ...spelled,
    provider: options.seller,
    currency: options.currency,
    valid_from: options.from === 'always' ? ALWAYS : options.from,
    reference: options.reference,
    organization_id: options.org,
  })
  await connected(world, 'stores', async (connection) => {
    const answer = await ask<{ rate: RateCardAnswer; replaced: string[] }>(connection, 'set_rates', request)
    printCards(world, [answer.rate])
    remark(
      world,
      `Set; it holds from the next call on${answer.replaced.length === 0 ? '' : ` and replaces ${answer.replaced.length} earlier card(s)`}. Meters that are not named keep their list price. Past calls keep their price: purser reprice changes them by adjustment.`,
    )
  })
}

function printCards(world: CliWorld, cards: readonly RateCardAnswer[]): void {
  const columns = [
    { title: 'seller', shrink: true },
    { title: 'model', shrink: true },
    { title: 'input', align: 'right' as const },
    { title: 'cached', align: 'right' as const },
    { title: 'output', align: 'right' as const },
    { title: 'since' },
    { title: 'source', shrink: true },
  ]
  const rows = cards.map((card) => [
    sellerOf(card),
    modelOf(card),
    priceOf(card, 'input'),
    priceOf(card, 'input.cache_read'),
    priceOf(card, 'output'),
    isUndated(card.valid_from) ? 'undated' : card.valid_from.slice(0, 10),
    card.source.ref,
  ])
  print(world, renderTable(columns, rows, terminalWidth(world)))
}

/** The unconditional price; a star where conditions (tiers, long context) have others, `varies` where there is no other. */
function priceOf(card: RateCardAnswer, meter: string): string {
  const rates = card.rates.filter((rate) => rate.meter === meter)
  const plain = rates.find((rate) => isPlain(rate.when))
  if (plain === undefined) return rates.length > 0 ? 'varies' : ''
  return `${plain.per_1m ?? plain.price}${rates.length > 1 ? '*' : ''}${card.currency === 'USD' ? '' : ` ${card.currency}`}`
}

/** Of the standard tier and of nothing more special. */
function isPlain(when: Readonly<Record<string, unknown>> | undefined): boolean {
  const facts = Object.entries(when ?? {})
  return facts.every(([fact, value]) => fact === 'tier' && Array.isArray(value) && value.includes('standard'))
}

/** A card may hold wherever a model is bought, or for all models of a seller. */
function sellerOf({ provider }: RateCardAnswer): string {
  return provider === '*' ? 'any seller' : provider
}

function modelOf({ model }: RateCardAnswer): string {
  return model === '*' ? 'all models' : model
}

function spanOf({ valid_from: from, valid_to: to }: RateCardAnswer): string {
  if (isUndated(from)) return to === null ? 'valid since a day that is not stated' : `valid until ${day(to)}`
  return `valid ${day(from)} to ${to === null ? 'now' : day(to)}`
}

/** `batch: × 1/2 on input and output, tier batch` */
function factorText({ id, factor, meters, when }: Readonly<Record<string, unknown>>): string {
  const { num, den } = factor as { num: number; den: number }
  return `${String(id)}: × ${num}/${den} on ${(meters as string[]).join(' and ')}, ${conditionText(when as Readonly<Record<string, unknown>>)}`
}

function isUndated(time: string): boolean {
  return time.startsWith('1970') || time.startsWith('0001')
}

/** The day, and the time where it is not midnight. */
function day(time: string): string {
  return time.slice(11, 19) === '00:00:00' ? time.slice(0, 10) : time.slice(0, 16).replace('T', ' ')
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
