import { readFile } from 'node:fs/promises'
import type { EstimateAnswer, PriceAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { labelled, print, printJson, terminalWidth } from '../terminal/print.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'
import { printCharge } from './charge.ts'

interface PriceOptions {
  readonly model?: string
  readonly seller?: string
  readonly input?: string
  readonly output?: string
  readonly maxOutput?: string
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
    .option('--max-output <tokens>', 'before a call: what it will cost at most with so many output tokens')
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
      if (options.maxOutput === undefined) await price(world, options)
      else await estimate(world, options)
    })
}

async function price(world: CliWorld, options: PriceOptions): Promise<void> {
  const request = await requestOf(options)
  await connected(world, 'rates', async (connection) => {
    const answer = await ask<PriceAnswer>(connection, 'price', request)
    if (options.json === true) return printJson(world, answer)
    const { usage } = answer
    printCharge(world, {
      ...answer,
      heading: `${usage.model_served ?? usage.model_requested ?? 'model not named'} from ${usage.seller ?? 'an unknown seller'} at ${usage.at}`,
    })
    const { outcome } = usage
    if (!outcome.ok)
      print(
        world,
        ...labelled(
          'error',
          `the provider refused: ${outcome.code ?? 'no code'}: ${outcome.message ?? 'no message'}`,
          terminalWidth(world),
        ),
      )
  })
}

/** What a call will cost that has not been made. */
async function estimate(world: CliWorld, options: PriceOptions): Promise<void> {
  const request = estimateOf(options)
  await connected(world, 'rates', async (connection) => {
    const answer = await ask<EstimateAnswer>(connection, 'estimate', request)
    if (options.json === true) return printJson(world, answer)
    printCharge(world, {
      heading: `${answer.model} from ${answer.provider ?? 'an unknown seller'}, expected if all of the output is used`,
      charge: answer.expected,
      rate_cards: answer.rate_cards,
    })
    print(world, '', `worst case  ${answer.worst_case === null ? 'not known' : `$${answer.worst_case}`}`)
  })
}

const ONLY_AFTER: readonly (keyof PriceOptions)[] = ['output', 'response', 'cacheWrite', 'cacheWrite1h', 'reasoning', 'webSearches']

function estimateOf(options: PriceOptions): Record<string, unknown> {
  if (options.model === undefined || options.input === undefined)
    throw new CommandFailed('An estimate takes --model and --input with --max-output.')
  const other = ONLY_AFTER.find((option) => options[option] !== undefined)
  if (other !== undefined)
    throw new CommandFailed(`--max-output is for a call that has not been made; ${flagOf(other)} is known only after it`)
  return given({
    model: options.model,
    provider: options.seller,
    input_tokens: tokens('--input', options.input),
    max_output_tokens: tokens('--max-output', options.maxOutput),
    cache_read_tokens: tokens('--cached', options.cached),
    ...circumstances(options),
  })
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`)}`
}

async function requestOf(options: PriceOptions): Promise<Record<string, unknown>> {
  if (options.response === undefined && options.model === undefined)
    throw new CommandFailed('Give --model with token counts, or --response with a file.')
  return given({
    model: options.model,
    provider: options.seller,
    input_tokens: tokens('--input', options.input),
    output_tokens: tokens('--output', options.output),
    cache_read_tokens: tokens('--cached', options.cached),
    cache_write_tokens: tokens('--cache-write', options.cacheWrite),
    cache_write_1h_tokens: tokens('--cache-write-1h', options.cacheWrite1h),
    reasoning_tokens: tokens('--reasoning', options.reasoning),
    web_searches: tokens('--web-searches', options.webSearches),
    ...circumstances(options),
    content_type: options.contentType,
    response_base64: options.response === undefined ? undefined : await bytesOf(options.response),
  })
}

function circumstances({ at, knownAt, tier, region, org }: PriceOptions): Record<string, unknown> {
  return { timestamp: at, known_at: knownAt, service_tier: tier, region, organization_id: org }
}

function given(request: Record<string, unknown>): Record<string, unknown> {
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
