import type { KeyAnswer, KeysAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, type Connection } from '../../world.ts'

export function addKeyList(keys: Command, world: CliWorld): void {
  keys
    .command('list', { isDefault: true })
    .description('All keys, without their secrets.')
    .option('--org <id>')
    .option('--ids', 'their ids in place of what they may do')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; ids?: boolean; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const all = await keysOf(connection, options.org)
        if (options.json === true) return printJson(world, { keys: all })
        if (all.length === 0)
          return remark(world, 'No keys. On a loopback address none is needed; make one with: purser keys create <name>')
        const organizations = new Set(all.map((key) => key.organization_id))
        for (const organization of organizations) {
          if (organizations.size > 1) print(world, organization === null ? 'all organizations' : `organization ${organization}`)
          const own = all.filter((key) => key.organization_id === organization)
          print(world, options.ids === true ? idTable(world, own) : table(world, own), ...(organizations.size > 1 ? [''] : []))
        }
      }),
    )
}

export async function keysOf(connection: Connection, organization: string | undefined): Promise<readonly KeyAnswer[]> {
  const question = organization === undefined ? {} : { organization_id: organization }
  return (await ask<KeysAnswer>(connection, 'list_keys', question)).keys
}

const COLUMNS = [
  { title: 'name', shrink: true },
  { title: 'starts with' },
  { title: 'agent', shrink: true },
  { title: 'may', shrink: true },
  { title: 'last used' },
  { title: 'ends' },
  { title: 'state' },
]

function table(world: CliWorld, keys: readonly KeyAnswer[]): string {
  const now = world.now()
  const rows = keys.map((key) => [
    key.name,
    key.prefix,
    key.agent ?? 'any',
    key.operations === null ? 'all' : key.operations.join(','),
    key.last_used_at === null ? 'never' : ago(now - Date.parse(key.last_used_at)),
    key.expires_at === null ? 'never' : key.expires_at.slice(0, 10),
    stateOf(key),
  ])
  return renderTable(COLUMNS, rows, terminalWidth(world))
}

function idTable(world: CliWorld, keys: readonly KeyAnswer[]): string {
  const columns = [{ title: 'id' }, { title: 'name', shrink: true }, { title: 'starts with' }, { title: 'state' }]
  return renderTable(
    columns,
    keys.map((key) => [key.id, key.name, key.prefix, stateOf(key)]),
    terminalWidth(world),
  )
}

function stateOf({ status, replaced_by }: KeyAnswer): string {
  return status === 'active' && replaced_by !== null ? 'replaced' : status
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A use is known to the minute at best, after a crash. */
function ago(ms: number): string {
  if (ms < 2 * MINUTE_MS) return 'just now'
  if (ms < 2 * HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} h ago` : `${Math.floor(ms / DAY_MS)} d ago`
}
