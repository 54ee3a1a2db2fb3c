import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { count, counted } from '../terminal/figures.ts'
import { print, printJson, remark } from '../terminal/print.ts'
import { ask, type CliWorld } from '../world.ts'

interface VerifyAnswer {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
  readonly differences: readonly {
    readonly call_id: string
    readonly seq: number
    readonly journal: string | null
    readonly projection: string | null
    readonly detail?: string
  }[]
}

/** `verify`, `rebuild` and `reprice`: the commands that look after the books themselves. */
export function addDataCommands(program: Command, world: CliWorld, exit: (code: number) => void): void {
  program
    .command('verify')
    .description('Compare journal, ledger and analytics to the last pico-dollar. Exit 1 when they differ.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      await connected(world, 'stores', async (connection) => {
        const answer = await ask<VerifyAnswer>(connection, 'verify', {})
        if (options.json === true) printJson(world, answer)
        else printVerdict(world, answer)
        if (!answer.ok) exit(1)
      })
    })
  program
    .command('rebuild')
    .description('Drop the analytics store and project the journal again from its start.')
    .action(async () => {
      await connected(world, 'stores', async (connection) => {
        remark(world, 'Projecting the journal again …')
        const answer = await ask<{ entries: number }>(connection, 'rebuild', {})
        print(world, `Rebuilt from ${count(answer.entries)} journal entries.`)
      })
    })
  program
    .command('reprice')
    .description('Price posted calls again by the rates known now; differences become adjustments.')
    .option('--from <time>')
    .option('--to <time>')
    .option('--model <model>')
    .option('--agent <agent>')
    .option('--only-unpriced', 'only calls whose cost is not known')
    .option('--known-at <time>', 'by the rates known then')
    .option('--reason <text>')
    .option('--org <id>')
    .option('--dry-run', 'count and sum, record nothing')
    .action(async (options: Record<string, string | boolean>) => {
      const spelled = Object.entries(options).map(([name, value]) => [
        name === 'org' ? 'organization_id' : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ])
      await connected(world, 'stores', async (connection) => {
        const answer = await ask<{ examined: number; adjusted: number; still_unpriced: number; difference: string; dry_run: boolean }>(
          connection,
          'reprice',
          Object.fromEntries(spelled),
        )
        print(
          world,
          `${counted(answer.examined, 'call')} looked at, ${count(answer.adjusted)} ${answer.dry_run ? 'would be ' : ''}adjusted by $${answer.difference} in all, ${count(answer.still_unpriced)} still without a price.`,
        )
      })
    })
}

function printVerdict(world: CliWorld, answer: VerifyAnswer): void {
  for (const check of answer.checks) print(world, `${check.ok ? 'ok  ' : 'DIFF'}  ${check.name}: ${check.detail}`)
  for (const row of answer.differences)
    print(
      world,
      `      call ${row.call_id} (journal line ${row.seq}): journal ${row.journal ?? 'nothing'}, analytics ${row.projection ?? 'nothing'}`,
    )
  print(
    world,
    answer.ok ? 'The books agree.' : 'The books do NOT agree. The journal is the truth: `purser rebuild` makes the analytics anew from it.',
  )
}
