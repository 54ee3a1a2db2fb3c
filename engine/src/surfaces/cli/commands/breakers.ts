import type { Breaker, BreakersAnswer, BreakerWasSet } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { usd } from '../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

export function addBreakerCommands(program: Command, world: CliWorld): void {
  const breakers = program.command('breakers').description('Limits on velocity and repetition, and which of them are open.')
  addList(breakers, world)
  addSet(breakers, world)
  breakers
    .command('remove')
    .description('Remove a breaker.')
    .argument('<id>')
    .action((id: string) =>
      connected(world, 'stores', async (connection) => {
        await ask(connection, 'remove_breaker', { breaker_id: id })
        print(world, `Breaker ${id} is removed.`)
      }),
    )
}

function addList(breakers: Command, world: CliWorld): void {
  breakers
    .command('list', { isDefault: true })
    .description('All breakers, and for how many values each is open now.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<BreakersAnswer>(
          connection,
          'list_breakers',
          options.org === undefined ? {} : { organization_id: options.org },
        )
        if (options.json === true) return printJson(world, answer)
        if (answer.breakers.length === 0)
          return remark(world, 'No breakers. Set one: purser breakers set agent --measure repeats --limit 5 --window 60 --action block')
        const rows = answer.breakers.map((breaker) => [
          nameOf(breaker),
          limitOf(breaker),
          breaker.action,
          openText(breaker),
          breaker.breaker_id,
        ])
        print(world, renderTable(COLUMNS, rows, terminalWidth(world)))
      }),
    )
}

const COLUMNS = [{ title: 'breaker', shrink: true }, { title: 'limit' }, { title: 'action' }, { title: 'open for' }, { title: 'id' }]

function nameOf({ name, dimension, value }: Breaker): string {
  const what = value === '*' ? `each ${dimension.replace('_', ' ')}` : `${dimension.replace('_', ' ')} ${value}`
  return name === null ? what : `${name}: ${what}`
}

function limitOf({ measure, limit, limit_usd, window_seconds }: Breaker): string {
  const amount = limit_usd === null ? `${limit} ${measure}` : usd(limit_usd)
  return window_seconds === null ? amount : `${amount} in ${window_seconds} s`
}

function openText({ open }: BreakersAnswer['breakers'][number]): string {
  const values = [...new Set(open.map(({ value }) => value))]
  return values.length > 3 ? `${values.slice(0, 3).join(', ')} and ${values.length - 3} more` : values.join(', ')
}

interface SetOptions {
  readonly measure: string
  readonly limit: string
  readonly window?: string
  readonly action: string
  readonly cooldown?: string
  readonly name?: string
  readonly org?: string
}

function addSet(breakers: Command, world: CliWorld): void {
  breakers
    .command('set')
    .description('Set a breaker; set again, it is changed.')
    .argument(
      '<dimension>',
      'organization, agent, team, project, cost_center, user, session, workflow, run, model, seller, key, action, tag:<name>',
    )
    .argument('[value]', 'one value; without it each value is watched by itself')
    .requiredOption('--measure <measure>', 'cost, calls, repeats, fan_out, depth, errors')
    .requiredOption('--limit <limit>', 'so much may pass within the window: dollars for cost, else a count')
    .option('--window <seconds>', 'over how long it is watched; not for depth')
    .requiredOption('--action <action>', 'throttle, block, pause')
    .option('--cooldown <seconds>', 'how long a block lasts; the window when left out')
    .option('--name <name>')
    .option('--org <id>', 'the organization that it watches')
    .action((dimension: string, value: string | undefined, options: SetOptions) =>
      connected(world, 'stores', async (connection) => {
        const { measure, limit, window, action, cooldown, name, org } = options
        const { breaker, replaced } = await ask<BreakerWasSet>(connection, 'set_breaker', {
          dimension,
          measure,
          action,
          ...(measure === 'cost' ? { limit_usd: limit } : { limit: whole(limit, '--limit') }),
          ...(value === undefined ? {} : { value }),
          ...(window === undefined ? {} : { window_seconds: whole(window, '--window') }),
          ...(cooldown === undefined ? {} : { cooldown_seconds: whole(cooldown, '--cooldown') }),
          ...(name === undefined ? {} : { name }),
          ...(org === undefined ? {} : { organization_id: org }),
        })
        const before = replaced === null ? '' : `; it was ${limitOf(replaced)}, ${replaced.action}`
        print(world, `${nameOf(breaker)}: ${limitOf(breaker)}, ${breaker.action}${before}. Id ${breaker.breaker_id}`)
      }),
    )
}

function whole(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CommandFailed(`${option} takes a whole number, not "${text}"`)
  return Number(text)
}
