import { readFile } from 'node:fs/promises'
import type { FeedImportAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { count } from '../../terminal/figures.ts'
import { print, printJson, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../../world.ts'

interface FeedOptions {
  readonly reference?: string
  readonly approve?: readonly string[]
  readonly dryRun?: boolean
  readonly json?: boolean
}

const HELD_SHOWN_MAX = 20

export function addFeedCommand(rates: Command, world: CliWorld): void {
  rates
    .command('feed')
    .description('Read a public price table. What passes the publication gate holds from now on; the rest is listed with its reasons.')
    .argument('<table>', 'genai-prices, litellm or models-dev')
    .argument('[file-or-url]', 'default: where the table is published')
    .option('--reference <text>', 'version or commit, shown beside every price')
    .option('--approve <models...>', 'models whose held rates you have checked: publish them too')
    .option('--dry-run', 'say what would change, change nothing')
    .option('--json', 'print JSON')
    .action(async (feed: string, from: string | undefined, options: FeedOptions) => {
      const source = from === undefined ? {} : /^https?:/.test(from) ? { url: from } : { text: await textOf(from) }
      const request = {
        feed,
        ...source,
        ...(options.reference === undefined ? {} : { reference: options.reference }),
        ...(options.approve === undefined ? {} : { approve: options.approve }),
        ...(options.dryRun === true ? { dry_run: true } : {}),
      }
      await connected(world, 'stores', async (connection) => {
        const answer = await ask<FeedImportAnswer>(connection, 'import_feed', request)
        if (options.json === true) printJson(world, answer)
        else printOutcome(world, answer)
      })
    })
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function printOutcome(world: CliWorld, answer: FeedImportAnswer): void {
  const would = answer.dry_run ? 'would be ' : ''
  print(
    world,
    `${answer.reference}: ${count(answer.cards)} rate cards`,
    `  ${count(answer.published)} ${would}published, ${count(answer.unchanged)} unchanged, ${count(answer.unlisted)} ${would}marked as no longer listed`,
    `  ${count(answer.held.length)} held by the gate`,
    ...(answer.retracted === 0 ? [] : [`  ${count(answer.retracted)} retracted here, and left so`]),
    `  ${count(answer.unmapped.length)} price fields that no meter takes`,
  )
  if (answer.held.length === 0) return
  const rows = answer.held.slice(0, HELD_SHOWN_MAX).map((held) => [held.provider, held.model, held.reasons.join('; ')])
  print(
    world,
    '',
    renderTable(
      [
        { title: 'seller', shrink: true },
        { title: 'held model', shrink: true },
        { title: 'why', shrink: true },
      ],
      rows,
      terminalWidth(world),
    ),
  )
  print(world, '', 'Check them against the vendor, then: purser rates feed … --approve <model>   (all of them: --json)')
}
