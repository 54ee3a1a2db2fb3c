import type { RateRetractAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { print, remark } from '../../terminal/print.ts'
import { ask, type CliWorld } from '../../world.ts'

/** `purser rates retract`: a card that turned out to be wrong prices no call any more. */
export function addRetractCommand(rates: Command, world: CliWorld): void {
  rates
    .command('retract')
    .description('Mark a rate card as known to be wrong. It prices no new call; what it priced stays until it is priced again.')
    .argument('<rate-card>', 'its hash, as "rates history" and "rates list --json" show it')
    .option('--reason <text>', 'kept in the audit')
    .action((card: string, options: { reason?: string }) =>
      connected(world, 'stores', async (connection) => {
        const { rate } = await ask<RateRetractAnswer>(connection, 'retract_rate', { rate_card: card, ...options })
        print(world, `${rate.provider} ${rate.model} of ${rate.source.ref} is retracted as of ${rate.retracted_at ?? 'now'}.`)
        remark(world, 'Past calls keep their price: purser reprice changes them by adjustment.')
      }),
    )
}
