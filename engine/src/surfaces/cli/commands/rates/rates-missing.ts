import type { ReportAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { compact, count } from '../../terminal/figures.ts'
import { print, remark, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld } from '../../world.ts'

/** `purser rates missing`: the models that calls were made to and that nothing prices. */
export function addMissingCommand(rates: Command, world: CliWorld): void {
  rates
    .command('missing')
    .description('Models that were called and have no known price.')
    .option('--org <id>', 'one organization')
    .action(async (options: { org?: string }) => {
      const query = {
        group_by: 'seller,model',
        bucket: 'none',
        limit: 10_000,
        ...(options.org === undefined ? {} : { organization_id: options.org }),
      }
      await connected(world, 'stores', async (connection) => {
        const answer = await ask<ReportAnswer>(connection, 'export_report', query)
        const rows = answer.rows.filter((row) => Number(row.unpriced_calls) > 0)
        if (rows.length === 0) return remark(world, 'Every call has a price.')
        const columns = [
          { title: 'seller', shrink: true },
          { title: 'model', shrink: true },
          { title: 'calls', align: 'right' as const },
          { title: 'tokens', align: 'right' as const },
        ]
        print(
          world,
          renderTable(
            columns,
            rows.map((row) => [
              named(row.seller),
              named(row.model),
              count(Number(row.unpriced_calls)),
              compact(row.total_tokens === null ? null : Number(row.total_tokens)),
            ]),
            terminalWidth(world),
          ),
        )
        print(
          world,
          '',
          'Set a price:  purser rates set <model> --input … --output … --from always',
          'then price the past again:  purser reprice --only-unpriced',
        )
      })
    })
}

function named(value: unknown): string {
  return value === null || value === undefined || value === '' ? 'not named' : String(value)
}
