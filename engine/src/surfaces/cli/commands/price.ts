import { readFile } from 'node:fs/promises'
import type { PriceAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { count, usd } from '../terminal/figures.ts'
import { print, printJson, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

interface PriceOptions {
  readonly model?: string
  readonly seller?: string
  readonly input?: string
  readonly output?: string
  readonly cached?: string
  readonly cacheWrite?: string
  readonly cacheWrite1h?: string
  readonly reasoning?: string
  readonly webSearches?: string
  readonly response?: string
  readonly contentType?: string
  readonly at?: string
  readonly knownAt?: string
  readonly tier?: string
  readonly region?: string
  readonly org?: string
  readonly json?: boolean
}

export function addPriceCommand(program: Command, world: CliWorld): void {
  program
    .command('price')
    .description("What a call costs and why: from token counts, or from a provider's raw response.")
    .option('--model <model>', 'e.g. gpt-4o-mini; with --response: the model that was asked for')
    .option('--seller <seller>', 'who invoices: openai, anthropic, google, aws, azure, …')
    .option('--input <tokens>', 'input tokens, cached ones included')
    .option('--output <tokens>', 'output tokens, reasoning included')
    .option('--cached <tokens>', 'input tokens read from the cache')
    .option('--cache-write <tokens>', 'input tokens written to the cache')
    .option('--cache-write-1h <tokens>', 'those of them kept for an hour')
    .option('--reasoning <tokens>', 'output tokens spent on reasoning')
    .option('--web-searches <count>', 'searches the provider made')
    .option('--response <file>', 'a response as the provider sent it: JSON, a recorded stream, an AWS event stream')
    .option('--content-type <type>', 'content type of that file, where its bytes do not tell')
    .option('--at <time>', 'when it was consumed (default: now)')
    .option('--known-at <time>', 'use the rates that were known then')
    .option('--tier <tier>', 'standard, batch, flex, priority, …')
    .option('--region <region>', 'us, eu, global or a location')
    .option('--org <id>', "with this organization's own rates")
    .option('--json', 'print usage with evidence, lines, total and status as JSON')
    .action(async (options: PriceOptions) => {
      const request = await requestOf(options)
      await connected(world, 'rates', async (connection) => {
        const answer = await ask<PriceAnswer>(connection, 'price', request)
        if (options.json === true) printJson(world, answer)
        else printCharge(world, answer)
      })
    })
}

async function requestOf(options: PriceOptions): Promise<Record<string, unknown>> {
  if (options.response === undefined && options.model === undefined)
    throw new CommandFailed('Give --model with token counts, or --response with a file.')
  const request: Record<string, unknown> = {
    model: options.model,
    provider: options.seller,
    input_tokens: tokens('--input', options.input),
    output_tokens: tokens('--output', options.output),
    cache_read_tokens: tokens('--cached', options.cached),
    cache_write_tokens: tokens('--cache-write', options.cacheWrite),
    cache_write_1h_tokens: tokens('--cache-write-1h', options.cacheWrite1h),
    reasoning_tokens: tokens('--reasoning', options.reasoning),
    web_searches: tokens('--web-searches', options.webSearches),
    timestamp: options.at,
    known_at: options.knownAt,
    service_tier: options.tier,
    region: options.region,
    organization_id: options.org,
    content_type: options.contentType,
    response_base64: options.response === undefined ? undefined : await bytesOf(options.response),
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
}

async function bytesOf(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString('base64')
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function tokens(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text.replaceAll('_', '').replaceAll(',', ''))
  if (!Number.isSafeInteger(value) || value < 0) throw new CommandFailed(`${flag} is "${text}"; it must be a whole number, 0 or more`)
  return value
}

function printCharge(world: CliWorld, answer: PriceAnswer): void {
  const { charge, usage } = answer
  const width = terminalWidth(world)
  print(
    world,
    `${usage.model_served ?? usage.model_requested ?? 'model not named'} from ${usage.seller || 'an unknown seller'} at ${usage.at}`,
    '',
  )
  const rows = [
    ...charge.lines.map((line) => [
      line.meter,
      count(line.quantity),
      `${line.price} ${line.currency} per ${count(line.per)}${line.modifiers.length === 0 ? '' : ` × ${line.modifiers.join(', ')}`}`,
      `$${line.amount}`,
    ]),
    ...charge.unpriced.map((line) => [
      line.meter,
      line.quantity === null ? 'missing' : count(line.quantity),
      reasonText(line.reason),
      'not known',
    ]),
  ]
  const columns = [
    { title: 'meter' },
    { title: 'quantity', align: 'right' as const },
    { title: 'rate', shrink: true },
    { title: 'amount', align: 'right' as const },
  ]
  if (rows.length > 0) print(world, renderTable(columns, rows, width), '')
  print(
    world,
    `total   ${charge.cost === null ? 'not known' : `$${charge.cost}`}${charge.cost === null ? '' : `  (${usd(charge.cost)})`}`,
    `status  ${charge.status}`,
  )
  if (charge.attested !== null) {
    const { attested } = charge
    print(
      world,
      `billed  $${attested.cost} as stated by ${attested.by}; our own computation gives ${attested.computed === null ? 'nothing' : `$${attested.computed}`}`,
    )
  }
  for (const other of charge.alternatives) print(world, `or      $${other.cost} ${other.when}`)
  if (charge.fx !== null)
    print(world, `fx      1 ${charge.fx.currency} = ${charge.fx.usd_per_unit} USD as of ${charge.fx.as_of} (${charge.fx.source})`)
  for (const note of [...charge.notes]) print(world, `note    ${note.detail}`)
  for (const card of answer.rate_cards)
    print(world, `rates   ${card.provider} ${card.model}: ${card.source.ref}, checked ${card.source.checked_at.slice(0, 10)}`)
}

function reasonText(reason: string): string {
  if (reason === 'no_card') return 'no rate card for this model'
  return reason === 'no_rate' ? 'the rate card has no rate for it' : 'the provider did not say how much'
}
