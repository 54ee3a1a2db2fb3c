import type { Wallet, WalletMoved, WalletOpened, WalletsAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { usd } from '../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

export function addWalletCommands(program: Command, world: CliWorld): void {
  const wallets = program.command('wallets').description('What agents have to spend.')
  addList(wallets, world)
  wallets
    .command('open')
    .description('Open the wallet of an agent: from then on it pays its calls.')
    .argument('<agent>')
    .option('--with <usd>', 'what it starts with', '0')
    .option('--org <id>')
    .action((agent: string, options: { with: string; org?: string }) =>
      connected(world, 'stores', async (connection) => {
        const input = { agent_name: agent, opening_usd: options.with, ...of(options.org) }
        const { existed, available_usd } = await ask<WalletOpened>(connection, 'open_wallet', input)
        print(world, `${existed ? 'There is one already' : 'Opened'}: ${agent} can spend $${available_usd}.`)
      }),
    )
  for (const [name, text] of [
    ['deposit', 'Put money into a wallet.'],
    ['withdraw', 'Take money out of a wallet.'],
  ] as const) {
    wallets
      .command(name)
      .description(text)
      .argument('<agent>')
      .argument('<usd>')
      .option('--memo <text>')
      .option('--org <id>')
      .action((agent: string, amount: string, options: { memo?: string; org?: string }) =>
        connected(world, 'stores', async (connection) => {
          const input = { agent_name: agent, amount_usd: amount, memo: options.memo ?? null, ...of(options.org) }
          const { wallet } = await ask<WalletMoved>(connection, `${name}_wallet`, input)
          print(world, `${agent} can spend $${wallet.available_usd}.`)
        }),
      )
  }
}

function addList(wallets: Command, world: CliWorld): void {
  wallets
    .command('list', { isDefault: true })
    .description('Every wallet.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<WalletsAnswer>(connection, 'list_wallets', of(options.org))
        if (options.json === true) return printJson(world, answer)
        if (answer.wallets.length === 0) return remark(world, 'No wallets. Open one: purser wallets open researcher --with 100')
        print(world, renderTable(COLUMNS, answer.wallets.map(lineOf), terminalWidth(world)))
      }),
    )
}

const COLUMNS = [
  { title: 'agent', shrink: true },
  ...['balance', 'held', 'can spend', 'came in', 'went out'].map((title) => ({ title, align: 'right' as const })),
]

function lineOf({ agent_name, balance_usd, held_usd, available_usd, received_usd, spent_usd }: Wallet): string[] {
  return [agent_name, usd(balance_usd), usd(held_usd), usd(available_usd), usd(received_usd), usd(spent_usd)]
}

function of(organization: string | undefined): { organization_id?: string } {
  return organization === undefined ? {} : { organization_id: organization }
}
