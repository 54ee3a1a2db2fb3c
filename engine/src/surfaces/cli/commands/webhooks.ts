import type { AlertsAnswer, WebhookLogs, WebhookRegistered, WebhooksAnswer, WebhookTested } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

export function addWebhookCommands(program: Command, world: CliWorld): void {
  const webhooks = program.command('webhooks').description('Who is told when a threshold of a budget is reached.')
  addList(webhooks, world)
  addAdd(webhooks, world)
  addTest(webhooks, world)
  addLogs(webhooks, world)
  webhooks
    .command('remove')
    .description('Tell it nothing more.')
    .argument('<id>')
    .action((id: string) =>
      connected(world, 'stores', async (connection) => {
        await ask(connection, 'delete_webhook', { webhook_id: id })
        print(world, `Webhook ${id} is removed.`)
      }),
    )
  addAlerts(program, world)
}

interface ListOptions {
  readonly org?: string
  readonly json?: boolean
}

function addList(webhooks: Command, world: CliWorld): void {
  webhooks
    .command('list', { isDefault: true })
    .description('All webhooks, without their secrets.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action(({ org, json }: ListOptions) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<WebhooksAnswer>(connection, 'list_webhooks', of(org))
        if (json === true) return printJson(world, answer)
        if (answer.webhooks.length === 0) return remark(world, 'No webhooks. Add one: purser webhooks add https://example.com/alerts')
        const rows = answer.webhooks.map((one) => [
          one.webhook_id,
          one.url,
          one.agent_id ?? 'all',
          one.config.threshold_pct === undefined ? 'each' : `${one.config.threshold_pct} %`,
          one.status === 'active' && one.failing_since !== null ? 'failing' : one.status,
        ])
        const columns = [
          { title: 'id' },
          { title: 'to', shrink: true },
          { title: 'agent', shrink: true },
          { title: 'at' },
          { title: 'state' },
        ]
        print(world, renderTable(columns, rows, terminalWidth(world)))
      }),
    )
}

interface AddOptions {
  readonly agent?: string
  readonly threshold?: string
  readonly events?: string
  readonly channel?: string
  readonly org?: string
}

function addAdd(webhooks: Command, world: CliWorld): void {
  webhooks
    .command('add')
    .description('Register one. The secret that its messages are signed with is shown once.')
    .argument('<url>', 'https://… or mailto:name@example.com')
    .option('--agent <agent>', 'only what is about this agent')
    .option('--threshold <percent>', 'only at this percent of a limit; without it at the thresholds of each budget')
    .option('--events <names>', 'separated by commas; all when left out')
    .option('--channel <channel>', 'webhook, slack or email; email for mailto:, else webhook')
    .option('--org <id>')
    .action((url: string, { agent, threshold, events, channel, org }: AddOptions) =>
      connected(world, 'stores', async (connection) => {
        const added = await ask<WebhookRegistered>(connection, 'register_webhook', {
          url,
          channel: channel ?? (url.startsWith('mailto:') ? 'email' : 'webhook'),
          ...(agent === undefined ? {} : { agent_id: agent }),
          ...(threshold === undefined ? {} : { config: { threshold_pct: Number(threshold) } }),
          ...(events === undefined ? {} : { events: events.split(',').map((each) => each.trim()) }),
          ...of(org),
        })
        if (added.secret !== null) print(world, added.secret)
        remark(
          world,
          `Webhook ${added.webhook_id}.${added.secret === null ? '' : ' The secret above is not shown again.'} Try it: purser webhooks test ${added.webhook_id}`,
        )
      }),
    )
}

function addTest(webhooks: Command, world: CliWorld): void {
  webhooks
    .command('test')
    .description('Send a ping now, and say what comes back.')
    .argument('<id>')
    .action((id: string) =>
      connected(world, 'stores', async (connection) => {
        const tested = await ask<WebhookTested>(connection, 'test_webhook', { webhook_id: id })
        if (tested.delivery_status !== 'delivered') throw new CommandFailed(`the ping was not delivered: ${tested.error ?? 'no answer'}`)
        print(world, `Delivered in ${tested.duration_ms} ms, answered ${tested.response_code ?? 'without a status'}.`)
      }),
    )
}

function addLogs(webhooks: Command, world: CliWorld): void {
  webhooks
    .command('logs')
    .description('Every attempt to reach a webhook, newest first.')
    .argument('<id>')
    .option('--limit <count>', 'how many', '20')
    .action((id: string, { limit }: { limit: string }) =>
      connected(world, 'stores', async (connection) => {
        const { logs } = await ask<WebhookLogs>(connection, 'get_webhook_logs', { webhook_id: id, limit: Number(limit) })
        if (logs.length === 0) return remark(world, 'Nothing was sent to it yet.')
        const rows = logs.map((log) => [
          log.timestamp,
          log.event,
          String(log.attempt),
          log.delivery_status,
          log.error ?? String(log.response_code ?? ''),
          log.next_attempt_at ?? '',
        ])
        const columns = [
          { title: 'time' },
          { title: 'event' },
          { title: 'try', align: 'right' as const },
          { title: 'state' },
          { title: 'answer', shrink: true },
          { title: 'next' },
        ]
        print(world, renderTable(columns, rows, terminalWidth(world)))
      }),
    )
}

function addAlerts(program: Command, world: CliWorld): void {
  program
    .command('alerts')
    .description('What was told, newest first.')
    .option('--org <id>')
    .option('--limit <count>', 'how many', '20')
    .action(({ org, limit }: { org?: string; limit: string }) =>
      connected(world, 'stores', async (connection) => {
        const { alerts } = await ask<AlertsAnswer>(connection, 'list_alerts', { limit: Number(limit), ...of(org) })
        if (alerts.length === 0) return remark(world, 'Nothing was told: no threshold of a budget has been reached.')
        const rows = alerts.map(({ timestamp, title, text }) => [timestamp, `${title}. ${text}`])
        print(world, renderTable([{ title: 'time' }, { title: 'alert', shrink: true }], rows, terminalWidth(world)))
      }),
    )
}

function of(org: string | undefined): { readonly organization_id?: string } {
  return org === undefined ? {} : { organization_id: org }
}
