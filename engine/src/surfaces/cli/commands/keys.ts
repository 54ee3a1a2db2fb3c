import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { print, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

interface KeyLine {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly organization_id: string | null
  readonly agent: string | null
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

export function addKeyCommands(program: Command, world: CliWorld): void {
  const keys = program.command('keys').description('Keys that report calls and read answers.')
  keys
    .command('list', { isDefault: true })
    .description('All keys, without their secrets.')
    .option('--org <id>')
    .action((options: { org?: string }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<{ keys: KeyLine[] }>(
          connection,
          'list_keys',
          options.org === undefined ? {} : { organization_id: options.org },
        )
        if (answer.keys.length === 0)
          return remark(world, 'No keys. On a loopback address none is needed; make one with: purser keys create <name>')
        const columns = [
          { title: 'id' },
          { title: 'name', shrink: true },
          { title: 'starts with' },
          { title: 'organization', shrink: true },
          { title: 'state' },
        ]
        print(
          world,
          renderTable(
            columns,
            answer.keys.map((key) => [key.id, key.name, key.prefix, key.organization_id ?? 'all', stateOf(key)]),
            terminalWidth(world),
          ),
        )
      }),
    )
  keys
    .command('create')
    .description('Make a key. Its secret is shown once.')
    .argument('<name>')
    .option('--org <id>', 'the organization it acts for', 'default')
    .option('--agent <agent>', 'the one agent it reports for')
    .option('--operations <names>', 'the only operations it may do, separated by commas')
    .action((name: string, options: { org: string; agent?: string; operations?: string }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<{ key: KeyLine; secret: string; admin_secret?: string }>(connection, 'create_key', {
          name,
          organization_id: options.org,
          ...(options.agent === undefined ? {} : { agent: options.agent }),
          ...(options.operations === undefined ? {} : { operations: options.operations.split(',').map((each) => each.trim()) }),
        })
        print(world, answer.secret)
        remark(world, `Key ${answer.key.id} of organization ${answer.key.organization_id ?? 'all'}. The secret above is not shown again.`)
        if (answer.admin_secret !== undefined) {
          print(world, answer.admin_secret)
          remark(world, 'This second secret is the bootstrap key, which may act for any organization; it is shown this once.')
        }
      }),
    )
  keys
    .command('rotate')
    .description('Make a successor; both work during the grace period.')
    .argument('<id>')
    .option('--grace-hours <hours>', 'how long the old one still works', '24')
    .action((id: string, options: { graceHours: string }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<{ key: KeyLine; secret: string }>(connection, 'rotate_key', {
          key_id: id,
          grace_hours: Number(options.graceHours),
        })
        print(world, answer.secret)
        remark(world, `Key ${answer.key.id} replaces ${id}, which works for another ${options.graceHours} hours.`)
      }),
    )
  keys
    .command('revoke')
    .description('End a key at once.')
    .argument('<id>')
    .action((id: string) =>
      connected(world, 'stores', async (connection) => {
        await ask(connection, 'revoke_key', { key_id: id })
        print(world, `Key ${id} is revoked.`)
      }),
    )
}

function stateOf(key: KeyLine): string {
  if (key.revoked_at !== null) return `revoked ${key.revoked_at.slice(0, 10)}`
  return key.expires_at === null ? 'active' : `until ${key.expires_at.slice(0, 16).replace('T', ' ')}`
}
