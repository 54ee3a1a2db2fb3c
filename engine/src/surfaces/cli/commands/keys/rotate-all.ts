import type { KeysRotated } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { counted } from '../../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../../world.ts'

interface Options {
  readonly org: string
  readonly agents?: string
  readonly graceSeconds?: string
  readonly json?: boolean
}

export function addRotateAll(keys: Command, world: CliWorld): void {
  keys
    .command('rotate-all')
    .description('Make a successor of every key of an organization; in an emergency with --grace-seconds 0.')
    .requiredOption('--org <id>', 'the organization whose keys are rotated')
    .option('--agents <names>', 'only the keys of these agents, separated by commas')
    .option('--grace-seconds <seconds>', 'how long the old ones still work; 0 ends them now (default: a day)')
    .option('--json', 'print the answer as JSON')
    .action((options: Options) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<KeysRotated>(connection, 'rotate_keys', {
          organization_id: options.org,
          ...(options.agents === undefined ? {} : { agents: options.agents.split(',').map((each) => each.trim()) }),
          ...(options.graceSeconds === undefined ? {} : { grace_seconds: Number(options.graceSeconds) }),
        })
        if (options.json === true) printJson(world, answer)
        else show(world, answer)
        if (answer.failed.length > 0) throw new CommandFailed(`${counted(answer.failed.length, 'key')} could not be rotated`)
      }),
    )
}

/** Secrets are never cut off: they come last, and no column gives way to the width but the names. */
function show(world: CliWorld, { rotated, shortened, signing, failed }: KeysRotated): void {
  const columns = [{ title: 'name', shrink: true }, { title: 'agent', shrink: true }, { title: 'new secret' }]
  const rows = rotated.map(({ key, secret }) => [key.name, key.agent ?? 'any', secret])
  if (rows.length > 0) print(world, renderTable(columns, rows, terminalWidth(world)))
  remark(world, `${counted(rotated.length, 'key')} rotated. The secrets above are not shown again.`)
  if (shortened.length > 0) remark(world, `${counted(shortened.length, 'key')} replaced earlier end with the same grace period.`)
  if (signing.length > 0) remark(world, `${counted(signing.length, 'key')} that sign work as before: register others and revoke these.`)
  for (const { key_id, name, agent, detail } of failed) remark(world, `Not rotated: ${name ?? agent ?? ''} ${key_id ?? ''}: ${detail}`)
}
